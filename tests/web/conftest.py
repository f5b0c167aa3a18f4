"""What tests of the page share: an application with records of its own, clients, a true server."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.testclient import TestClient

from debulk.board.records import PROGRAM, open_records
from debulk.board.records.users import Users
from debulk.web import WebSettings, create_app
from debulk.web.preparing import PARTS, pages_of
from debulk.web.security.cookies import SIGN_IN, VISIT, token_of

CASES = Path(__file__).parents[1] / "reference" / "patients" / "cases.json"
PASSWORD = "correct horse battery"
"""Of every account that tests make."""


class Reader(TestClient):
    """A client that sends, with every form, the token that a page would have given it."""

    sends_tokens = True

    def request(self, method: str, url: Any, **options: Any) -> Any:
        if method == "POST" and self.sends_tokens:
            if not self.cookies:
                super().request("GET", "/login")
            secret = self.cookies.get(SIGN_IN) or self.cookies.get(VISIT) or ""
            options["headers"] = {"X-CSRF-Token": token_of(secret), **(options["headers"] or {})}
        return super().request(method, url, **options)


@pytest.fixture(autouse=True)
def quick_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passwords hashed as weakly as argon2 allows: what is tested here is what stands around it."""
    from argon2 import PasswordHasher

    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(Users, "hasher", weak)


@pytest.fixture(scope="session")
def empty_records(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store without a row, to be copied: making its tables takes longer than most tests."""
    place = tmp_path_factory.mktemp("records") / "empty.sqlite"
    open_records(place).close()
    return place


@pytest.fixture
def app(tmp_path: Path, empty_records: Path) -> Iterator[FastAPI]:
    """An application on a loopback address, without accounts and without a worker."""
    place = shutil.copy(empty_records, tmp_path / "records.sqlite")
    made = create_app(WebSettings(database=str(place), worker=False))
    yield made
    made.state.records.close()


@pytest.fixture
def client(app: FastAPI) -> TestClient:
    """The local member's browser; redirects are not followed."""
    return Reader(app, follow_redirects=False)


@pytest.fixture(scope="session")
def every_route() -> list[APIRoute]:
    """Every route of every part."""
    found = [route for pages in pages_of(PARTS) for route in pages.router.routes]
    return [each for each in found if isinstance(each, APIRoute)]


@pytest.fixture
def signed_in(app: FastAPI) -> Callable[..., TestClient]:
    """A function of one role or several: the browser of an account that has them, signed in."""

    def sign_in(*roles: str) -> TestClient:
        records = app.state.records
        if not records.users.exist():
            records.users.add("first", PASSWORD, ["administrator"], by=PROGRAM)
            app.state.sign_ins.ask_again()
        name = "-".join(each.split()[0] for each in roles)
        if name not in {each.name for each in records.users.list()}:
            records.users.add(name, PASSWORD, roles, by=PROGRAM)
        reader = Reader(app, follow_redirects=False)
        token = records.sign_ins.start(name, PASSWORD, address="test")
        reader.cookies.set(SIGN_IN, token, domain="testserver.local", path="/")
        return reader

    return sign_in


@pytest.fixture
def stored_case(app: FastAPI) -> str:
    """Identifier of a synthetic case that is stored."""
    from debulk.board.case import case_of_entry

    entry = json.loads(CASES.read_text("utf-8"))["cases"][2]
    content = case_of_entry(entry).to_dict()
    return str(app.state.records.cases.create(content, by=PROGRAM).case_id)
