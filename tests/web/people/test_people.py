"""Accounts, one's own password, the department's settings, backups and the log, as pages."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import select, update
from starlette.testclient import TestClient

from debulk.board.records import LOCAL_MEMBER, open_records
from debulk.board.records.tables import SIGN_INS
from debulk.web.security.cookies import SIGN_IN

PASSWORD = "correct horse battery"
OTHER = "staple horse battery"


def test_first_account_must_be_an_administrator_and_then_everybody_signs_in(
    app: FastAPI, client: Any
) -> None:
    assert client.get("/account.json").json()["local"] is True
    viewer = {"name": "ann", "password": PASSWORD, "roles": "viewer"}
    refused = client.post("/admin/users", data=viewer)
    assert refused.status_code == 422
    assert 'value="ann"' in refused.text
    assert PASSWORD not in refused.text
    made = client.post("/admin/users", data=viewer | {"roles": ["administrator", "board member"]})
    assert made.headers["location"] == "/admin/users"
    assert client.get("/admin/users").headers["location"] == "/login?next=/admin/users"
    fields = {"name": " Ann ", "password": PASSWORD, "next": "/admin/users"}
    assert client.post("/login", data=fields).headers["location"] == "/admin/users"
    page = client.get("/admin/users")
    assert "You are signed in." in page.text
    assert client.get("/admin/users.json").json()["users"][0]["name"] == "ann"
    assert client.get("/account.json").json()["roles"] == ["board member", "administrator"]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": "ann"}, "name"),
        ({"name": "Zoë"}, "name"),
        ({"password": "short"}, "password"),
        ({"roles": "surgeon"}, "role"),
        ({"roles": []}, "role"),
    ],
)
def test_hostile_account_is_refused_beside_its_field(
    signed_in: Callable[..., Any], fields: dict[str, Any], field: str
) -> None:
    reader = signed_in("administrator")
    good = {"name": "ann", "password": PASSWORD, "roles": "viewer"}
    assert reader.post("/admin/users", data=good).status_code == 303
    wanted = good | {"name": "bob"} | fields
    answer = reader.post("/admin/users", data=wanted, headers={"Accept": "application/json"})
    assert answer.status_code == 422
    assert set(answer.json()["errors"]) == {"roles" if field == "role" else field}


def test_account_gets_other_roles_another_password_and_an_end(
    app: FastAPI, signed_in: Callable[..., Any]
) -> None:
    reader, viewer = signed_in("administrator"), signed_in("viewer")
    users = app.state.records.users
    given = reader.post("/admin/users/viewer", data={"do": "roles", "roles": "board member"})
    assert given.status_code == 303
    assert users.read("viewer").roles == ("board member",)
    changed = reader.post("/admin/users/viewer", data={"do": "password", "password": OTHER})
    assert changed.status_code == 303
    assert viewer.get("/account.json").status_code == 401
    assert app.state.records.sign_ins.start("viewer", OTHER, address="test")
    assert reader.post("/admin/users/viewer", data={"do": "sign_out"}).status_code == 303
    assert "viewer" not in {each["user_name"] for each in app.state.records.sign_ins.list()}
    closed = reader.post("/admin/users/viewer", data={"do": "close"})
    assert closed.headers["location"] == "/admin/users"
    assert "Account viewer is closed." in reader.get("/admin/users").text
    assert reader.get("/admin/users/viewer").status_code == 404
    assert reader.post("/admin/users/first", data={"do": "nothing"}).status_code == 422


def test_last_administrator_stays(app: FastAPI, signed_in: Callable[..., Any]) -> None:
    signed_in("board member")
    reader = signed_in("viewer", "administrator")
    assert reader.post("/admin/users/first", data={"do": "close"}).status_code == 303
    name = "viewer-administrator"
    for fields in ({"do": "close"}, {"do": "roles", "roles": "viewer"}):
        answer = reader.post(f"/admin/users/{name}", data=fields)
        assert answer.status_code == 422
        assert "last administrator" in answer.text
    assert app.state.records.users.read(name).roles == ("viewer", "administrator")


def test_own_password_is_changed_with_the_old_one_and_ends_every_other_sign_in(
    app: FastAPI, signed_in: Callable[..., Any]
) -> None:
    here, elsewhere = signed_in("viewer"), signed_in("viewer")
    fields = {"old": PASSWORD, "password": OTHER, "again": OTHER}
    for wrong, field in (({"again": "x"}, "again"), ({"old": "x"}, "old")):
        answer = here.post("/account", data=fields | wrong, headers={"Accept": "application/json"})
        assert (answer.status_code, set(answer.json()["errors"])) == (422, {field})
    short = here.post("/account", data=fields | {"password": "x", "again": "x"})
    assert short.status_code == 422
    before = here.cookies[SIGN_IN]
    assert here.post("/account", data=fields).status_code == 303
    assert here.cookies[SIGN_IN] != before
    assert "Your password is changed." in here.get("/account").text
    assert elsewhere.get("/account.json").status_code == 401


def test_settings_change_in_dated_versions_and_read_both_commas(
    app: FastAPI, signed_in: Callable[..., Any]
) -> None:
    reader, viewer = signed_in("administrator"), signed_in("viewer")
    fields = {
        "guideline": "Ours.\r\nSecond line.",
        "delta_months": "2,5",
        "leans_at": "95",
        "extent_k": "4",
        "reason": "after the meeting",
    }
    assert reader.post("/admin/settings", data=fields).status_code == 303
    now = app.state.records.settings.current()
    chosen = {"delta_months": 2.5, "leans_at": 95, "extent_k": 4}
    assert {name: now[name] for name in chosen} == chosen
    assert now["guideline"] == "Ours.\nSecond line."
    assert viewer.get("/admin/settings.json").json()["now"]["version"] == 1
    assert 'name="delta_months"' not in viewer.get("/admin/settings").text
    assert viewer.post("/admin/settings", data=fields).status_code == 403
    nothing = reader.post("/admin/settings", data=fields)
    assert nothing.status_code == 422
    assert "Nothing differs" in nothing.text


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("delta_months", "three"),
        ("delta_months", "-1"),
        ("delta_months", "nan"),
        ("delta_months", "1.000,5"),
        ("delta_months", "1,000"),
        ("leans_at", "0.9"),
        ("leans_at", "1e400"),
        ("extent_k", "2.5"),
        ("extent_k", ""),
        ("guideline", "x" * 20_001),
    ],
)
def test_hostile_setting_is_refused_beside_its_field_and_kept_in_it(
    app: FastAPI, client: Any, field: str, typed: str
) -> None:
    good = {"guideline": "", "delta_months": "4", "leans_at": "90", "extent_k": "2"}
    answer = client.post("/admin/settings", data=good | {field: typed})
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert typed in answer.text
    assert app.state.records.settings.current()["version"] == 0


@pytest.mark.parametrize("field", ["guideline", "reason"])
def test_words_that_could_tell_a_patient_are_kept_only_if_confirmed(
    app: FastAPI, client: Any, field: str
) -> None:
    words = "Mr Jansen, born 12-03-1961"
    sent = {"guideline": "Ours.", "delta_months": "4", "leans_at": "90", "extent_k": "2"}
    sent |= {field: words}
    answer = client.post("/admin/settings", data=sent)
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert f'name="confirm.{field}"' in answer.text
    assert words in answer.text
    assert app.state.records.settings.current()["version"] == 0
    assert (
        client.post("/admin/settings", data=sent | {f"confirm.{field}": "yes"}).status_code == 303
    )
    assert app.state.records.settings.current()["version"] == 1


def test_backup_is_a_file_that_can_be_restored_and_stays_on_no_disk(
    app: FastAPI, client: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import tempfile

    folder = tmp_path / "aside"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    app.state.records.settings.change({"guideline": "Ours."}, by=LOCAL_MEMBER)
    answer = client.post("/admin/backup")
    assert answer.status_code == 200
    assert answer.headers["content-disposition"].startswith("attachment")
    assert list(folder.iterdir()) == []
    (tmp_path / "given.backup").write_bytes(answer.content)
    with open_records(tmp_path / "new.sqlite") as records:
        records.restore(tmp_path / "given.backup")
        assert records.settings.current()["guideline"] == "Ours."


def test_log_is_filtered_paged_and_checked(app: FastAPI, signed_in: Callable[..., Any]) -> None:
    reader, viewer = signed_in("administrator"), signed_in("viewer")
    for number in range(60):
        app.state.records.audit.note("sign-in refused", LOCAL_MEMBER, account=f"{number}")
    first = reader.get("/admin/audit.json", params={"who": "local"}).json()
    assert (first["total"], first["pages"], len(first["rows"])) == (60, 2, 50)
    second = reader.get("/admin/audit", params={"who": "local", "page": 2})
    assert "?who=local&amp;page=1" in second.text
    assert reader.get("/admin/audit.json?since=2999-01-01").json()["state"] == "empty"
    assert reader.get("/admin/audit.json?since=2026-01-01").json()["total"] > 60
    own = viewer.get("/account/log.json?who=local").json()
    assert {each["who"] for each in own["rows"]} == {"viewer"}
    whole = reader.get("/admin/audit/check.json").json()
    assert (whole["sound"], whole["broken_at"]) == (True, None)


def test_log_is_filtered_by_a_case_however_its_number_is_written(
    app: FastAPI, client: Any, stored_case: str
) -> None:
    for _ in range(11):
        app.state.records.audit.note("case read", LOCAL_MEMBER, stored_case, part="case")
    for typed in (stored_case, stored_case.lower().replace("-", ""), f" {stored_case} "):
        found = client.get("/admin/audit.json", params={"case": typed}).json()
        assert (found["total"], found["filters"]) == (12, {"case": stored_case}), typed


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("case", "K7QF", "identifier of a case"),
        ("case", "Jansen", "mistyped"),
        ("since", "26-11-2026", "Write it as 2027-03-15"),
        ("until", "yesterday", "Write it as 2027-03-15"),
    ],
)
def test_hostile_filter_of_the_log_is_refused_beside_its_field_and_kept_in_it(
    client: Any, field: str, typed: str, said: str
) -> None:
    answer = client.get("/admin/audit", params={field: typed})
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert said in answer.text
    assert f'value="{typed}"' in answer.text
    twin = client.get("/admin/audit.json", params={field: typed}).json()
    assert (set(twin["errors"]), twin["filters"]) == ({field}, {})


def test_a_server_that_starts_forgets_the_sign_ins_of_days_ago(
    app: FastAPI, signed_in: Callable[..., Any]
) -> None:
    signed_in("viewer")
    records = app.state.records
    with records._database.writing() as connection:
        connection.execute(update(SIGN_INS).values(started_at="2026-01-05T09:00:00.000000Z"))
    with TestClient(app), records._database.reading() as connection:
        assert connection.execute(select(SIGN_INS)).all() == []
