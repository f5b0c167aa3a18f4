"""What tests of the page share: an application with records of its own, clients, a true server."""

from __future__ import annotations

import importlib
import shutil
import threading
import time
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
from debulk.web.application import PARTS
from debulk.web.security.cookies import SIGN_IN, VISIT, token_of

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
    parts = [importlib.import_module(f"{part}.routes").PAGES for part in PARTS]
    found = [route for part in parts for pages in part for route in pages.router.routes]
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
def serve(tmp_path: Path) -> Iterator[Callable[..., str]]:
    """A function that starts a true server on a free loopback port and returns its address."""
    import uvicorn

    running: list[tuple[uvicorn.Server, threading.Thread]] = []

    def start(app: FastAPI | None = None, **settings: Any) -> str:
        if app is None:
            database = str(tmp_path / "served.sqlite")
            app = create_app(WebSettings(database=database, port=0, **settings))
        config = uvicorn.Config(app, port=0, log_level="error", timeout_graceful_shutdown=2)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        while not server.started:
            assert thread.is_alive(), "the server did not start"
            time.sleep(0.01)
        running.append((server, thread))
        return f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"

    yield start
    for server, thread in running:
        server.config.app.state.closing.set()
        server.should_exit = True
        thread.join(10)
