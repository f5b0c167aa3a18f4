"""The schema of a store: found out, made, and moved to another revision."""

from __future__ import annotations

from sqlalchemy import Connection, inspect, text

from debulk.board.records.database import Database
from debulk.board.records.refusals import refusal

REVISIONS = ("board_0001", "board_0002", "board_0003")
"""The revisions this program knows, oldest first; the scripts lie in ``migrations/versions``."""

HEAD = REVISIONS[-1]


def revision_of(connection: Connection) -> str | None:
    """The revision of a store; None where the database is empty.

    Raises
    ------
    InputError
        If the tables are another program's, or a newer debulk's.
    """
    names = inspect(connection).get_table_names()
    if not names:
        return None
    found = None
    if "alembic_version" in names:
        found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        if found is None and names == ["alembic_version"]:
            return None
    place = _place(connection)
    if found is None or not str(found).startswith("board_"):
        raise refusal("records.refusals.other_program", place=place)
    if found not in REVISIONS:
        raise refusal("records.refusals.newer_schema", place=place, found=found, known=HEAD)
    return str(found)


def bring_up_to_date(database: Database, *, migrate: bool) -> None:
    """Make the schema of an empty database, and move that of an older one.

    Raises
    ------
    InputError
        As `revision_of`; and if the schema is older and may not be moved.
    """
    with database.reading() as connection:
        found = revision_of(connection)
    if found != HEAD:
        if not migrate:
            raise refusal("records.refusals.older_schema", place=database.shown, found=found)
        move_to(database, HEAD)
    database.settle()


def move_to(database: Database, target: str) -> None:
    """Move the schema up or down to a revision, or to ``"base"``, all or nothing.

    Raises
    ------
    InputError
        As `revision_of`.
    """
    # Alembic costs half a second, which a server that starts on a current schema does not pay.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "debulk.board.records:migrations")
    with database.writing() as connection:
        found = revision_of(connection)
        config.attributes["connection"] = connection
        ladder = ("base", *REVISIONS)
        down = ladder.index(target) < ladder.index(found or "base")
        (command.downgrade if down else command.upgrade)(config, target)


def _place(connection: Connection) -> str:
    url = connection.engine.url
    shown = url.render_as_string(hide_password=True)
    return str(url.database) if url.get_backend_name() == "sqlite" else shown
