"""Who may ask for what: each role against every route."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from fastapi.routing import APIRoute
from starlette.testclient import TestClient

ALL = {"viewer", "board member", "administrator"}
MEMBERS = {"board member"}
READERS = {"viewer", "board member"}
ADMINISTRATORS = {"administrator"}
PUBLIC = {"/login", "/login.json", "/help", "/help.json", "/about", "/about.json"}

# Method, address, who may ask and nobody else. The first that fits holds.
POLICY = [
    ("POST", r"/(login|logout|account)", ALL),
    ("POST", r"/jobs/.*", ALL),
    ("POST", r"/admin.*", ADMINISTRATORS),
    ("POST", r"/board.*", MEMBERS),
    ("POST", r".*", ALL),
    ("GET", r"/admin/settings(\.json)?", ALL),
    ("GET", r"/admin.*", ADMINISTRATORS),
    ("GET", r"/board/(import|cases/new)(\.json)?", MEMBERS),
    ("GET", r"/board/cases/{case_id}/(edit|missing|history)(\.json)?", MEMBERS),
    ("GET", r"/board.*", READERS),
    ("GET", r".*", ALL),
]


def policy(method: str, path: str) -> set[str]:
    """Who may ask."""
    for verb, pattern, who in POLICY:
        if verb == method and re.fullmatch(pattern, path):
            return who
    raise AssertionError(path)


@pytest.mark.parametrize("role", sorted(ALL))
def test_property_each_role_gets_what_it_may_and_nothing_else(
    signed_in: Callable[..., Any],
    every_route: list[APIRoute],
    address_of: Callable[..., str],
    stored_case: str,
    role: str,
) -> None:
    reader = signed_in(role)
    as_json = {"Accept": "application/json"}
    for route in every_route:
        method = "POST" if "POST" in route.methods else "GET"
        if route.path in ("/logout", "/login"):
            continue
        status = reader.request(
            method, address_of(route, case_id=stored_case), headers=as_json
        ).status_code
        assert status < 500, (method, route.path)
        may = role in policy(method, route.path)
        assert (status not in (401, 403)) is may, (method, route.path, status)


def test_property_who_has_not_signed_in_gets_the_public_pages_alone(
    client: Any,
    signed_in: Callable[..., Any],
    every_route: list[APIRoute],
    address_of: Callable[..., str],
) -> None:
    signed_in("viewer")
    for route in every_route:
        if route.path in PUBLIC:
            continue
        for method in route.methods & {"GET", "POST"}:
            place = address_of(route)
            headers = {"Accept": "application/json"}
            assert client.request(method, place, headers=headers).status_code == 401, place
            if method == "GET" and not place.endswith(".json"):
                assert client.get(place).headers["location"].startswith("/login?next="), place
    assert client.get("/openapi.json").status_code == 401
    assert client.get("/health").json() == {"status": "ok"}
    assert client.get("/login").status_code == 200


def test_administrator_who_is_a_member_reads_cases(signed_in: Callable[..., Any]) -> None:
    from debulk.web.pages import BOARD_READERS
    from debulk.web.visitor import Visitor

    alone = Visitor("ann", frozenset({"administrator"}))
    both = Visitor("ann", frozenset({"administrator", "board member"}))
    assert not alone.may(*BOARD_READERS)
    assert both.may(*BOARD_READERS)
    assert both.acting().role == "board member"
    assert both.acting("administrator").role == "administrator"


def test_closed_account_and_changed_roles_hold_at_once(
    app: Any, signed_in: Callable[..., Any]
) -> None:
    from debulk.board.records import PROGRAM

    records, reader = app.state.records, signed_in("viewer", "administrator")
    assert reader.get("/admin.json").status_code == 200
    records.users.set_roles("viewer-administrator", ["viewer"], by=PROGRAM)
    assert reader.get("/admin.json").status_code == 403
    records.users.remove("viewer-administrator", by=PROGRAM)
    assert reader.get("/jobs.json").status_code == 401


def test_sign_in_ends_after_its_time_and_a_poll_does_not_prolong_it(
    tmp_path: Any, empty_records: Any
) -> None:
    import shutil
    from datetime import UTC, datetime, timedelta

    from debulk.board.records import PROGRAM
    from debulk.board.records.sign_ins import IDLE_SECONDS
    from debulk.web import WebSettings, create_app
    from debulk.web.security.cookies import SIGN_IN
    from debulk.web.security.sign_ins import BACKGROUND_HEADER

    place = shutil.copy(empty_records, tmp_path / "clock.sqlite")
    app = create_app(WebSettings(database=str(place), worker=False))
    records, now = app.state.records, [datetime(2026, 1, 5, 9, 0, tzinfo=UTC)]
    records._database.clock = lambda: now[0]
    records.users.add("ann", "correct horse battery", ["administrator"], by=PROGRAM)
    token = records.sign_ins.start("ann", "correct horse battery", address="test")
    reader = TestClient(app, cookies={SIGN_IN: token})

    def left(**headers: str) -> Any:
        answer = reader.get("/account.json", headers=headers)
        return answer.json()["seconds_left"] if answer.status_code == 200 else None

    poll = {BACKGROUND_HEADER: "1"}
    assert left() == IDLE_SECONDS
    now[0] += timedelta(seconds=IDLE_SECONDS - 120)
    assert left(**poll) == 120
    assert left() == IDLE_SECONDS
    now[0] += timedelta(seconds=IDLE_SECONDS - 1)
    assert left(**poll) == 1
    now[0] += timedelta(seconds=1)
    assert left() is None
    records.close()
