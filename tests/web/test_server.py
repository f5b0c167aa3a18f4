"""The server as a process: quickly there, quiet, refusing in words, ended without a loss."""

from __future__ import annotations

import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient
from tests.web.conftest import PASSWORD

from debulk.board.records import PROGRAM, open_records
from debulk.board.records.tables import FAILED_SIGN_INS
from debulk.core.errors import InputError
from debulk.web import WebSettings, create_app, guard
from debulk.web.security.cookies import VISIT, token_of
from debulk.web.security.limits import Buckets
from debulk.web.server import address_of, config_of, listening, serve
from debulk.web.settings import Limits

COMMAND = "from debulk.cli import main; main()"
HEAVY = ("altair", "numba", "scipy", "polars", "pandas", "alembic")
"""What takes longer to load than the rest of the server together."""
PATIENCE_SECONDS = 60


@pytest.fixture
def start(tmp_path: Path, empty_records: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """A function that runs ``debulk serve`` with options."""
    running: list[subprocess.Popen[str]] = []

    def run(*options: str) -> subprocess.Popen[str]:
        place = tmp_path / "records.sqlite"
        if not place.exists():
            place.write_bytes(empty_records.read_bytes())
        command = [sys.executable, "-c", COMMAND, "serve", "--database", str(place), *options]
        made = subprocess.Popen(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        running.append(made)
        return made

    yield run
    for each in running:
        if each.poll() is None:
            each.kill()
        each.communicate()


def test_serves_says_where_and_ends_with_130(start: Callable[..., subprocess.Popen[str]]) -> None:
    server = start("--port", "0")
    assert server.stdout is not None
    line = server.stdout.readline()
    assert line.startswith("debulk is at http://127.0.0.1:")
    address = line.split()[3]
    with urllib.request.urlopen(f"{address}/health", timeout=PATIENCE_SECONDS) as answer:
        assert answer.read() == b'{"status":"ok"}'
        assert "server" not in {name.lower() for name in answer.headers}
    urllib.request.urlopen(f"{address}/jobs?page=1&secret=rectum", timeout=PATIENCE_SECONDS)
    server.send_signal(signal.SIGINT)
    out, errors = server.communicate(timeout=PATIENCE_SECONDS)
    assert server.returncode == 130
    assert "Nothing was lost" in errors
    assert "Traceback" not in errors
    assert "rectum" not in out + errors


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"host": "0.0.0.0"}, "debulk board user add NAME --role administrator"),
        ({"name": "board.example"}, "debulk board user add NAME --role administrator"),
        ({"host": "203.0.113.1"}, "--host: '203.0.113.1' cannot be listened on"),
        ({"host": "no.such.host.invalid"}, "cannot be listened on"),
        ({"host": "a" * 300}, "cannot be listened on"),
        ({"port": 70_000}, "Give 0 to 65535"),
        ({"database": "/dev/null/records"}, "cannot be used"),
        ({"database": "mysql://board"}, "is no place of a database"),
    ],
)
def test_hostile_settings_are_refused_in_words(
    tmp_path: Path, empty_records: Path, options: dict[str, Any], said: str
) -> None:
    place = tmp_path / "records.sqlite"
    place.write_bytes(empty_records.read_bytes())
    with pytest.raises(InputError, match=said):
        serve(WebSettings(**{"port": 0, "database": str(place)} | options), lambda *_: None)


def test_refuses_a_port_that_is_taken() -> None:
    with listening(WebSettings(port=0)) as taken:
        port = taken.getsockname()[1]
        said = f"--port: {port} is used by another program on 127.0.0.1"
        with pytest.raises(InputError, match=said):
            listening(WebSettings(port=port))


def test_address_is_one_to_type() -> None:
    with listening(WebSettings(host="localhost", port=0)) as sock:
        port = sock.getsockname()[1]
        assert address_of(WebSettings(host="::1"), sock) == f"http://[::1]:{port}"
        assert address_of(WebSettings(name="board.example"), sock) == "https://board.example"


def test_behind_a_proxy_each_sender_is_counted_by_the_address_that_it_forwards(
    tmp_path: Path, empty_records: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard, "Buckets", partial(Buckets, clock=lambda: 0.0))
    place = tmp_path / "records.sqlite"
    place.write_bytes(empty_records.read_bytes())
    with open_records(place) as records:
        records.users.add("ann", PASSWORD, ["administrator"], by=PROGRAM)
    limits = Limits(address_burst=3)
    settings = WebSettings(database=str(place), name="board.example", worker=False, limits=limits)
    app = create_app(settings)
    config = config_of(app, settings)
    config.load()

    def asked(sender: str, method: str = "GET", by: str = "127.0.0.1", **options: Any) -> int:
        reader = TestClient(config.loaded_app, client=(by, 50_000), base_url="http://board.example")
        reader.headers |= {"X-Forwarded-For": sender, "X-Forwarded-Proto": "https"}
        word = {"Cookie": f"{VISIT}=word", "X-CSRF-Token": token_of("word")}
        return reader.request(method, "/login", headers=word, **options).status_code

    assert [asked("203.0.113.1") for _ in range(4)] == [200, 200, 200, 429]
    assert asked("203.0.113.2") == 200
    # A machine that is no proxy is counted as itself, whatever it says.
    told = [asked(f"203.0.113.{n}", by="198.51.100.9") for n in range(10, 14)]
    assert told == [200, 200, 200, 429]
    # So is who guesses passwords: the store holds the forwarded address of the attempt.
    wrong = {"name": "ann", "password": "guess"}
    assert asked("203.0.113.3", "POST", data=wrong) == 422
    with app.state.records._database.reading() as connection:
        attempts = connection.execute(select(FAILED_SIGN_INS.c.address)).scalars()
        assert list(attempts) == ["203.0.113.3"]
    app.state.records.close()


def test_starting_loads_nothing_heavy(tmp_path: Path, empty_records: Path) -> None:
    place = tmp_path / "records.sqlite"
    place.write_bytes(empty_records.read_bytes())
    program = (
        "import sys, debulk.web.server\n"
        "from debulk.web import WebSettings, create_app\n"
        f"create_app(WebSettings(database={str(place)!r}), at_once=False)\n"
        f"print([each for each in {HEAVY} if each in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=PATIENCE_SECONDS
    )
    assert done.stdout.strip() == "[]", done.stderr
