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

# Method, address, who at most may, who at least may. The first that fits holds.
POLICY = [
    ("POST", r"/(login|logout|account)", ALL, ALL),
    ("POST", r"/jobs/.*", ALL, ALL),
    ("POST", r"/admin.*", ADMINISTRATORS, ADMINISTRATORS),
    ("POST", r"/board.*", MEMBERS, MEMBERS),
    ("POST", r".*", ALL, MEMBERS),
    ("GET", r"/admin/settings(\.json)?", ALL, ALL),
    ("GET", r"/admin.*", ADMINISTRATORS, ADMINISTRATORS),
    ("GET", r"/board.*", READERS, MEMBERS),
    ("GET", r".*", ALL, ALL),
]


def policy(method: str, path: str) -> tuple[set[str], set[str]]:
    """Who at most and who at least may ask."""
    for verb, pattern, most, least in POLICY:
        if verb == method and re.fullmatch(pattern, path):
            return most, least
    raise AssertionError(path)


@pytest.mark.parametrize("role", sorted(ALL))
def test_property_each_role_gets_what_it_may_and_nothing_else(
    signed_in: Callable[..., Any],
    every_route: list[APIRoute],
    address_of: Callable[..., str],
    role: str,
) -> None:
    reader = signed_in(role)
    as_json = {"Accept": "application/json"}
    for route in every_route:
        method = "POST" if "POST" in route.methods else "GET"
        if route.path in ("/logout", "/login"):
            continue
        most, least = policy(method, route.path)
        status = reader.request(method, address_of(route), headers=as_json).status_code
        assert status < 500, (method, route.path)
        if role not in most:
            assert status == 403, (method, route.path)
        if role in least:
            assert status not in (401, 403), (method, route.path)


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
