"""A PostgreSQL of the tests' own: made in a temporary folder, reached by a socket, taken away."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import URL, create_engine

_USER = "debulk"
_STARTED_WITHIN_SECONDS = 30


class Server:
    """Lends empty databases."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made = 0
        self._free: list[str] = []
        self._lent: list[str] = []

    def url(self, database: str) -> URL:
        return URL.create(
            "postgresql+pg8000",
            username=_USER,
            database=database,
            query={"unix_sock": str(self._folder / ".s.PGSQL.5432")},
        )

    def new_database(self) -> str:
        if self._free:
            name = self._free.pop()
            self.run("DROP SCHEMA public CASCADE", name)
            self.run("CREATE SCHEMA public", name)
        else:
            self._made += 1
            name = f"board_{self._made}"
            self.run(f"CREATE DATABASE {name}")
        self._lent.append(name)
        return self.url(name).render_as_string(hide_password=False)

    def take_back(self) -> None:
        """Databases lent so far may be lent again: a new one costs 7 MB and a moment."""
        self._free, self._lent = self._free + self._lent, []

    def run(self, statement: str, database: str = "postgres") -> None:
        engine = create_engine(self.url(database), isolation_level="AUTOCOMMIT")
        with contextlib.closing(engine.raw_connection()) as connection:
            connection.cursor().execute(statement)
        engine.dispose()


@contextlib.contextmanager
def running_server() -> Iterator[Server]:
    binaries = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    if not binaries:
        pytest.skip("PostgreSQL is not installed here: Debian's package is postgresql")
    binary = binaries[-1].parent
    # The server refuses to run as root.
    owner = {"user": "postgres", "group": "postgres"} if os.geteuid() == 0 else {}
    folder = Path(tempfile.mkdtemp(prefix="debulk-postgresql-"))
    try:
        if owner:
            account = pwd.getpwnam("postgres")
            os.chown(folder, account.pw_uid, account.pw_gid)
        data = folder / "data"
        make = [binary / "initdb", "-D", data, "-A", "trust", "-U", _USER, "--no-sync"]
        options = ["-E", "UTF8", "--locale=C.UTF-8"]
        subprocess.run(
            [*make, *options], check=True, capture_output=True, timeout=60, cwd=folder, **owner
        )
        start = [binary / "postgres", "-D", data, "-k", folder, "-c", "listen_addresses="]
        quick = ["-c", "fsync=off", "-c", "shared_buffers=16MB", "-c", "max_connections=50"]
        with (
            (folder / "log").open("wb") as log,
            subprocess.Popen(
                [*start, *quick], stdout=log, stderr=log, cwd=folder, **owner
            ) as process,
        ):
            try:
                server = Server(folder)
                _wait(server, process)
                yield server
            finally:
                # Nothing in it is kept, so it need not write anything down.
                process.send_signal(signal.SIGQUIT)
                process.wait(timeout=30)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _wait(server: Server, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + _STARTED_WITHIN_SECONDS
    while True:
        try:
            server.run("SELECT 1")
            return
        except Exception:
            if process.poll() is not None or time.monotonic() > end:
                raise
            time.sleep(0.1)
