"""Requests that other sites, other machines and other people send."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from fastapi.routing import APIRoute
from starlette.testclient import TestClient

from debulk import __version__
from debulk.board.records import PROGRAM
from debulk.board.records.sign_ins import FAILURES_BY_NAME
from debulk.core.errors import InputError
from debulk.web import WebSettings, create_app, guard
from debulk.web.security.cookies import SIGN_IN, VISIT, token_of
from debulk.web.security.limits import Buckets
from debulk.web.settings import Limits

PASSWORD = "correct horse battery"
SignedIn = Callable[..., Any]

POLICY = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), "
    "browsing-topics=()",
}
"""Written by hand: what the server is meant to say, not what it says."""

INJECTIONS = [
    '"><script>alert(1)</script><img src=x onerror=alert(1)>{{7*7}}${7*7}',
    "' OR '1'='1' --; DROP TABLE cases; --",
    "../../../../etc/passwd",
    "\u202eevil\ufeff\r\nSet-Cookie: x=1",
    "9" * 400,
    "-1e309",
]


def test_hostile_form_without_its_token_is_refused(client: Any) -> None:
    client.sends_tokens = False
    answer = client.post("/admin/users", data={"name": "eve"})
    assert answer.status_code == 403
    assert "reload the page" in answer.text


def test_hostile_token_of_another_browser_is_refused(client: Any) -> None:
    client.sends_tokens = False
    client.get("/")
    stolen = {"X-CSRF-Token": token_of("another browser's word")}
    assert client.post("/admin/users", headers=stolen).status_code == 403


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "http://testserver.evil.example"}, 403),
        ({"Origin": "http://[::1"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "null", "Sec-Fetch-Site": "cross-site"}, 403),
        ({"Origin": "null", "Sec-Fetch-Site": "same-origin"}, 422),
        ({"Origin": "http://testserver"}, 422),
        ({}, 422),
    ],
)
def test_hostile_form_from_another_site_is_refused(
    client: Any, headers: dict[str, str], status: int
) -> None:
    assert client.post("/admin/users", headers=headers).status_code == status


def test_token_in_a_field_is_as_good_as_in_a_header(client: Any) -> None:
    client.sends_tokens = False
    client.get("/")
    token = token_of(client.cookies[VISIT])
    fields = {"csrf": token, "name": "x"}
    assert client.post("/admin/users", data=fields).status_code == 422
    parts = {"csrf": (None, token), "name": (None, "x")}
    assert client.post("/admin/users", files=parts).status_code == 422


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8000", "127.0.0.1.evil.example", "a@127.0.0.1", "", "::"]
)
def test_hostile_name_that_points_here_is_refused(client: Any, host: str) -> None:
    assert client.get("/", headers={"Host": host}).status_code == 403


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1:8000", "[::1]:8000", "LOCALHOST."])
def test_names_of_this_machine_are_taken(client: Any, host: str) -> None:
    assert client.get("/", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "header",
    [
        {"Forwarded": "for=203.0.113.7"},
        {"Via": "1.1 proxy"},
        {"X-Forwarded-For": "203.0.113.7"},
        {"X-Forwarded-Host": "board.example"},
        {"X-Forwarded-Port": "443"},
        {"X-Forwarded-Proto": "https"},
        {"X-Forwarded-Server": "proxy"},
        {"X-Real-IP": "203.0.113.7"},
    ],
    ids=lambda header: next(iter(header)),
)
def test_hostile_proxy_does_not_make_strangers_the_local_member(
    client: Any, header: dict[str, str]
) -> None:
    answer = client.get("/", headers={"Host": "127.0.0.1"} | header)
    assert answer.status_code == 403
    assert "debulk board user add" in answer.text


def test_open_address_is_not_served_without_accounts(tmp_path: Path) -> None:
    for settings in ({"host": "0.0.0.0"}, {"name": "board.example"}):
        with pytest.raises(InputError, match="debulk board user add NAME --role administrator"):
            create_app(WebSettings(database=str(tmp_path / "open.sqlite"), **settings))


def test_open_server_whose_last_account_was_closed_lets_nobody_in(tmp_path: Path) -> None:
    from debulk.board.records import open_records

    place = str(tmp_path / "open.sqlite")
    with open_records(place) as records:
        records.users.add("ann", PASSWORD, ["administrator"], by=PROGRAM)
    app = create_app(WebSettings(host="0.0.0.0", database=place, worker=False))
    app.state.records.users.remove("ann", by=PROGRAM)
    reader = TestClient(app, follow_redirects=False)
    assert reader.get("/board.json").status_code == 401
    assert reader.get("/admin.json").status_code == 401
    app.state.records.close()


def test_property_every_answer_has_the_headers(
    client: Any, every_route: list[APIRoute], address_of: Callable[..., str], stored_case: str
) -> None:
    places = {"case_id": stored_case}
    answers = [
        client.get(address_of(each, **places)) for each in every_route if "GET" in each.methods
    ]
    answers += [client.get(path) for path in ("/health", "/nowhere", "/openapi.json")]
    answers += [client.get("/static/page.css"), client.post("/logout")]
    for answer in answers:
        assert {name: answer.headers.get(name) for name in POLICY} == POLICY, answer.url
        assert answer.status_code < 500, answer.url


def test_property_what_shows_a_patient_or_needs_an_account_is_kept_nowhere(
    client: Any, signed_in: SignedIn
) -> None:
    for path in ("/", "/jobs", "/jobs.json", "/jobs/none", "/admin/audit", "/jobs?page=x"):
        assert client.get(path).headers["cache-control"] == "no-store", path
    assert client.get("/trials").headers["cache-control"] == "private, no-cache"
    asset = client.get(f"/static/page.css?v={__version__}")
    assert asset.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert client.get("/static/page.css").headers["cache-control"] == "no-cache"
    assert client.get("/static/none.css").headers["cache-control"] == "no-store"
    assert signed_in("viewer").get("/").headers["cache-control"] == "no-store"


def test_cookies_are_out_of_the_reach_of_scripts_and_other_sites(
    client: Any, signed_in: SignedIn, tmp_path: Path
) -> None:
    visit = SimpleCookie(client.get("/").headers["set-cookie"])[VISIT]
    assert (visit["httponly"], visit["samesite"], visit["secure"]) == (True, "strict", "")
    signed_in("administrator")
    reader = client
    answer = reader.post("/login", data={"name": "administrator", "password": PASSWORD})
    token = SimpleCookie(answer.headers["set-cookie"])[SIGN_IN]
    assert (token["httponly"], token["samesite"], token["path"]) == (True, "strict", "/")
    over_tls = reader.get("/login", headers={"Cookie": ""})
    assert "secure" not in over_tls.headers["set-cookie"].lower()
    reader.base_url = "https://testserver"
    reader.cookies.clear()
    assert "secure" in reader.get("/login").headers["set-cookie"].lower()


def test_hostile_word_from_before_signing_in_is_worth_nothing_after(
    client: Any, signed_in: SignedIn
) -> None:
    signed_in("viewer")
    client.get("/login")
    client.cookies.set(SIGN_IN, "chosen-by-the-attacker")
    client.sends_tokens = False
    client.headers["X-CSRF-Token"] = token_of(client.cookies[VISIT])
    fields = {"name": "viewer", "password": PASSWORD, "next": "/jobs"}
    answer = client.post("/login", data=fields)
    assert answer.status_code == 303
    token = SimpleCookie(answer.headers["set-cookie"])[SIGN_IN].value
    assert token != "chosen-by-the-attacker"
    old = TestClient(client.app, cookies={SIGN_IN: "chosen-by-the-attacker"})
    assert old.get("/jobs.json").status_code == 401


def test_signing_in_again_and_out_end_the_sign_in_on_the_server(
    client: Any, signed_in: SignedIn
) -> None:
    reader = signed_in("viewer")
    before = reader.cookies[SIGN_IN]
    assert reader.get("/jobs.json").status_code == 200
    fields = {"name": "viewer", "password": PASSWORD}
    assert reader.post("/login", data=fields).status_code == 303
    stale = TestClient(client.app, cookies={SIGN_IN: before})
    assert stale.get("/jobs.json").status_code == 401
    now = reader.cookies[SIGN_IN]
    assert now != before
    assert reader.post("/logout").headers["location"] == "/login"
    gone = TestClient(client.app, cookies={SIGN_IN: now})
    assert gone.get("/jobs.json").status_code == 401


def test_hostile_guessing_of_a_password_has_to_wait(client: Any, signed_in: SignedIn) -> None:
    signed_in("viewer")
    wrong = {"name": "viewer", "password": "guess"}
    answers = [client.post("/login", data=wrong) for _ in range(FAILURES_BY_NAME + 1)]
    assert [each.status_code for each in answers[:-1]] == [422] * FAILURES_BY_NAME
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["retry-after"]) > 60
    # The right one is no longer heard either, or guessing on would pay.
    right = {"name": "viewer", "password": PASSWORD}
    assert client.post("/login", data=right).status_code == 429


def test_refused_sign_in_says_the_same_of_a_wrong_name_and_a_wrong_password(
    client: Any, signed_in: SignedIn
) -> None:
    signed_in("viewer")
    answers = [
        client.post("/login", data={"name": name, "password": "guess"})
        for name in ("viewer", "nobody")
    ]
    texts = [each.text.replace("viewer", "NAME").replace("nobody", "NAME") for each in answers]
    assert texts[0] == texts[1]


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "/\t/evil.example",
        "/login?next=/login",
        "",
    ],
)
def test_hostile_address_after_signing_in_stays_on_this_server(
    client: Any, signed_in: SignedIn, wanted: str
) -> None:
    signed_in("viewer")
    fields = {"name": "viewer", "password": PASSWORD, "next": wanted}
    assert client.post("/login", data=fields).headers["location"] == "/"


def test_who_has_to_sign_in_comes_back_to_what_was_asked_for(
    client: Any, signed_in: SignedIn
) -> None:
    signed_in("viewer")
    answer = client.get("/jobs?page=1")
    assert answer.headers["location"] == "/login?next=/jobs%3Fpage%3D1"
    assert 'value="/jobs?page=1"' in client.get(answer.headers["location"]).text


@pytest.mark.parametrize("sent", ["content-length", "chunks"])
def test_hostile_body_that_is_too_long_is_not_read(tmp_path: Path, sent: str) -> None:
    limits = Limits(body_bytes=1000)
    place = str(tmp_path / "small.sqlite")
    app = create_app(WebSettings(database=place, limits=limits, worker=False))
    body: Any = b"x" * 1001 if sent == "content-length" else iter([b"x" * 600, b"x" * 600])
    assert TestClient(app).post("/login", content=body).status_code == 413
    app.state.records.close()


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data", b"--x"),
        ("multipart/form-data; boundary=x", b"garbage"),
        ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data\r\n\r\n1\r\n"),
        ("application/x-www-form-urlencoded", b"&".join(b"a=1" for _ in range(5_000))),
        ("application/x-www-form-urlencoded; charset=utf-99", b"name=%ff%fe%ed%a0%80"),
        ("application/json", b"{"),
    ],
)
def test_hostile_broken_body_is_refused_in_words(client: Any, kind: str, body: bytes) -> None:
    answer = client.post("/login", content=body, headers={"Content-Type": kind})
    assert answer.status_code in (400, 422)


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"])
def test_hostile_methods_do_nothing(client: Any, method: str) -> None:
    for headers in ({}, {"X-HTTP-Method-Override": "POST"}):
        answer = client.request(method, "/admin/users", headers=headers)
        assert answer.status_code in (403, 405)
    override = {"X-HTTP-Method-Override": "POST", "X-Method-Override": "DELETE"}
    assert client.get("/admin/users", headers=override).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/static/../settings.py",
        "/static/..%2fsettings.py",
        "/static/%2e%2e/settings.py",
        "/static//etc/passwd",
        "/charts/..%5c..%5cpage.py",
        "/static/%00",
        "/jobs/..%2f..%2fadmin",
        "/jobs/%00.json",
        "/?x=%00",
    ],
)
def test_hostile_paths_lead_nowhere(client: Any, path: str) -> None:
    assert client.get(path).status_code in (400, 404)


def is_shown_as_text(answer: Any) -> bool:
    """Whether an answer is none of the server's own breaking, and runs nothing that was sent."""
    shown = answer.text if "text/html" in answer.headers.get("content-type", "") else ""
    ran = "<script>alert" in shown or "<img src=x" in shown or "x" in answer.cookies
    return answer.status_code < 500 and not ran


@pytest.mark.parametrize("text", INJECTIONS)
def test_hostile_text_in_addresses_and_queries_is_shown_as_text_or_refused(
    client: Any, every_route: list[APIRoute], address_of: Callable[..., str], text: str
) -> None:
    for route in every_route:
        if "GET" in route.methods and route.path != "/jobs/events":
            names = [each.alias for each in route.dependant.query_params]
            place = address_of(route, quote(text, safe=""))
            answer = client.get(place, params=dict.fromkeys(names, text))
            assert is_shown_as_text(answer), (route.path, text)
    assert client.app.state.records.audit.verify().sound


def test_hostile_text_in_every_field_of_every_form_is_shown_as_text_or_refused(
    client: Any, every_route: list[APIRoute], address_of: Callable[..., str], stored_case: str
) -> None:
    for route in every_route:
        if "POST" not in route.methods or route.path in ("/logout", "/admin/backup"):
            continue
        place = address_of(route, case_id=stored_case)
        fields = set(
            re.findall(
                r'<(?:input|select|textarea|button)[^>]* name="([^"]+)"', (client.get(place).text)
            )
        ) - {"csrf"}
        for text in INJECTIONS:
            answer = client.post(place, data=dict.fromkeys(fields, text))
            assert is_shown_as_text(answer), (route.path, text)
    assert client.app.state.records.audit.verify().sound


def test_hostile_flood_has_to_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # A clock that stands still: no bucket fills while a slow machine answers.
    monkeypatch.setattr(guard, "Buckets", partial(Buckets, clock=lambda: 0.0))
    limits = Limits(address_per_second=0.5, address_burst=5)
    place = str(tmp_path / "few.sqlite")
    app = create_app(WebSettings(database=place, limits=limits, worker=False))
    reader = TestClient(app)
    answers = [reader.get("/index.json") for _ in range(6)]
    assert [each.status_code for each in answers] == [200] * 5 + [429]
    assert answers[-1].headers["retry-after"] == "2"
    assert "Try again in" in answers[-1].json()["text"]
    # What a page needs to be readable is not counted.
    assert reader.get("/static/page.css").status_code == 200
    app.state.records.close()


def test_handworked_bucket_fills_steadily_and_not_beyond_its_brim() -> None:
    now = [0.0]
    buckets = Buckets(per_second=2.0, burst=3.0, clock=lambda: now[0])
    assert [buckets.take("a") for _ in range(4)] == [0, 0, 0, 1]
    assert buckets.take("b") == 0
    now[0] = 0.5
    assert [buckets.take("a"), buckets.take("a")] == [0, 1]
    now[0] = 100.0
    assert [buckets.take("a") for _ in range(4)] == [0, 0, 0, 1]


def test_defect_tells_a_reference_and_nothing_else(
    client: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(**_: object) -> None:
        raise RuntimeError("age 59, rectum")

    monkeypatch.setattr(client.app.state.records.jobs, "page", broken)
    answer = client.get("/jobs.json")
    assert answer.status_code == 500
    reference = answer.json()["reference"]
    assert "rectum" not in answer.text + caplog.text
    assert reference in caplog.text
    assert client.get("/jobs").status_code == 500
