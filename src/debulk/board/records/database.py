"""The engine under the store: one kind of transaction to read, one to write, for both databases."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DatabaseError, DBAPIError, InterfaceError, OperationalError

from debulk.board.records.refusals import refusal

_BUSY_SECONDS = 30
_LOCK = 0x64656275  # "debu": the advisory lock under which PostgreSQL writes.
_PRAGMAS = (
    "synchronous=FULL",
    "foreign_keys=ON",
    f"busy_timeout={_BUSY_SECONDS * 1000}",
)


class Database:
    """A database, opened.

    Writers follow one another: SQLite holds its write lock and PostgreSQL an advisory lock from the
    first statement on, so that what a writer read is still true when it writes, and the log of the
    audit is one chain.

    Attributes
    ----------
    url : URL
    engine : Engine
    clock : callable
        The time now, with its zone; tests give their own.
    """

    def __init__(self, url: URL, clock: Callable[[], datetime] | None = None) -> None:
        self.url = url
        self.clock = clock or (lambda: datetime.now(UTC))
        self.on_sqlite = url.get_backend_name() == "sqlite"
        self.engine = _sqlite_engine(url) if self.on_sqlite else _postgresql_engine(url)

    @property
    def shown(self) -> str:
        """The place as a person may see it: a path, or a URL without its password."""
        if self.on_sqlite:
            return str(self.url.database)
        return self.url.render_as_string(hide_password=True)

    def now(self, later_seconds: float = 0.0) -> str:
        """The moment now, or one after it, in UTC: text that sorts as time does."""
        return moment(self.clock() + timedelta(seconds=later_seconds))

    @contextlib.contextmanager
    def reading(self) -> Iterator[Connection]:
        """One transaction that sees one state and changes nothing."""
        with self._said(), self._connected() as connection:
            if not self.on_sqlite:
                connection = connection.execution_options(
                    isolation_level="REPEATABLE READ", postgresql_readonly=True
                )
            with connection.begin():
                yield connection

    @contextlib.contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction that is on disk when the block ends, or did not happen."""
        with self._said(), self._connected() as connection:
            connection = connection.execution_options(writing=True)
            with connection.begin():
                if not self.on_sqlite:
                    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
                yield connection

    def settle(self) -> None:
        """Let readers of a SQLite file go on while one writes, and keep others' eyes off it.

        Done once the file is known to be a store of debulk's: another program's stays as it was.
        """
        if not self.on_sqlite:
            return
        end = time.monotonic() + _BUSY_SECONDS
        with self._said(), self._connected() as connection:
            cursor = connection.connection.cursor()
            while cursor.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
                # SQLite does not wait here by itself where another just opens the same file.
                with contextlib.suppress(sqlite3.OperationalError):
                    cursor.execute("PRAGMA journal_mode=WAL")
                    continue
                if time.monotonic() > end:
                    raise refusal("records.refusals.database", place=self.shown, reason="locked")
                time.sleep(0.02)
        Path(str(self.url.database)).chmod(0o600)

    def close(self) -> None:
        """Give back every connection."""
        self.engine.dispose()

    def _connected(self) -> Connection:
        try:
            return self.engine.connect()
        except DBAPIError as error:
            raise self._cannot(error) from error

    @contextlib.contextmanager
    def _said(self) -> Iterator[None]:
        """Turn what a database says about its lock, its disk or its end into an InputError."""
        try:
            yield
        except (OperationalError, InterfaceError) as error:
            raise self._cannot(error) from error
        except DatabaseError as error:
            # SQLite says so of a file that is no database or is damaged.
            if self.on_sqlite and type(error) is DatabaseError:
                raise self._cannot(error) from error
            raise

    def _cannot(self, error: DBAPIError) -> Exception:
        said = error.orig.args[0] if error.orig is not None and error.orig.args else error.orig
        # PostgreSQL answers with fields, of which M is the message.
        reason = str(said.get("M", said) if isinstance(said, dict) else said)[:200]
        return refusal("records.refusals.database", place=self.shown, reason=reason)


def moment(when: datetime) -> str:
    """A moment as text in UTC, to the microsecond."""
    return when.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _sqlite_engine(url: URL) -> Engine:
    _make_private(Path(str(url.database)))
    # A complaint with its values would carry a patient's into a log.
    engine = create_engine(url, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def _connected(connection: Any, _: Any) -> None:
        # The driver's own transactions begin too late and end before DDL; ours are said below.
        connection.isolation_level = None
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begun(connection: Connection) -> None:
        writing = connection.get_execution_options().get("writing")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

    return engine


def _make_private(path: Path) -> None:
    """Make the file before SQLite does, readable by its owner alone; its log inherits that."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        reason = error.strerror or str(error)
        raise refusal("records.refusals.database", place=path, reason=reason) from error


def _postgresql_engine(url: URL) -> Engine:
    try:
        return create_engine(
            url, hide_parameters=True, pool_pre_ping=True, pool_size=10, max_overflow=20
        )
    except ModuleNotFoundError:
        raise refusal("records.refusals.no_driver") from None
