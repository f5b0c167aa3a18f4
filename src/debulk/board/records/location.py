"""Where the store lies: DEBULK_DATABASE, else a file in the platform's folder for data."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from debulk.board.records.refusals import refusal

VARIABLE = "DEBULK_DATABASE"
FILE_NAME = "board.sqlite"


def database_url(given: str | Path | None = None) -> URL:
    """The database meant by a path, a URL, or nothing.

    Parameters
    ----------
    given : str or Path, optional
        Path of a SQLite file, or a URL such as ``postgresql+pg8000://user@host/name``. Without
        one, the environment's `DEBULK_DATABASE`; without that, `data_folder` / ``board.sqlite``.

    Raises
    ------
    InputError
        If it is neither a path nor a URL of SQLite or PostgreSQL.
    """
    place = str(given or os.environ.get(VARIABLE) or data_folder() / FILE_NAME)
    if "\0" in place or not place.strip():
        raise refusal("records.refusals.no_database", found=f"{place!r:.80}")
    if "://" not in place:
        return URL.create("sqlite", database=str(Path(place).expanduser().absolute()))
    try:
        url = make_url(place)
    except ArgumentError:
        # The text may hold a password, so it is not shown.
        raise refusal("records.refusals.no_database", found="a URL") from None
    backend = url.drivername.split("+")[0]
    if backend == "sqlite" and url.database and url.database != ":memory:":
        return URL.create("sqlite", database=str(Path(url.database).absolute()))
    if backend in ("postgresql", "postgres"):
        return url.set(drivername="postgresql+pg8000")
    raise refusal("records.refusals.no_database", found=f"{url.drivername!r:.40}")


def check_there(given: str | Path | None = None) -> None:
    """Refuse a file that is not there, which opening it would make.

    Raises
    ------
    InputError
        If the place is a path, and no file lies there.
    """
    url = database_url(given)
    if url.drivername == "sqlite" and not Path(str(url.database)).is_file():
        raise refusal("records.refusals.no_records", path=url.database)


def data_folder() -> Path:
    """The folder in which programs of this platform keep a user's data."""
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Application Support"
    else:
        base = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    return base / "debulk"
