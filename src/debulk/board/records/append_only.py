"""Triggers that refuse to change or delete a row, in the words of each database."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection

_SQLITE = (
    "CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} "
    "BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END",
    "CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} "
    "BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END",
)
_POSTGRESQL_FUNCTION = (
    "CREATE OR REPLACE FUNCTION debulk_append_only() RETURNS trigger LANGUAGE plpgsql AS "
    "$$BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END$$"
)
_POSTGRESQL = (
    "CREATE TRIGGER {table}_no_update BEFORE UPDATE OR DELETE ON {table} "
    "FOR EACH ROW EXECUTE FUNCTION debulk_append_only()",
    "CREATE TRIGGER {table}_no_delete BEFORE TRUNCATE ON {table} "
    "FOR EACH STATEMENT EXECUTE FUNCTION debulk_append_only()",
)


def guard(connection: Connection, tables: Iterable[str]) -> None:
    """Put the triggers on tables, in the connection's transaction."""
    on_sqlite = connection.dialect.name == "sqlite"
    if not on_sqlite:
        connection.exec_driver_sql(_POSTGRESQL_FUNCTION)
    for table in tables:
        for statement in _SQLITE if on_sqlite else _POSTGRESQL:
            connection.exec_driver_sql(statement.format(table=table))


def release(connection: Connection, tables: Iterable[str]) -> None:
    """Take the triggers off tables, in the connection's transaction."""
    on_sqlite = connection.dialect.name == "sqlite"
    for table in tables:
        for name in (f"{table}_no_update", f"{table}_no_delete"):
            place = "" if on_sqlite else f" ON {table}"
            connection.exec_driver_sql(f"DROP TRIGGER {name}{place}")
