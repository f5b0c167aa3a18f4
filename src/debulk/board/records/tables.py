"""The tables of the store, the same on SQLite and PostgreSQL.

Every key is made by the program, none by a sequence of the database, and moments are text in UTC;
so a row means the same in both databases and a backup of one can be restored into the other.
"""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import (
    Column,
    Dialect,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    TypeDecorator,
)


class JsonText(TypeDecorator[Any]):
    """A value kept as JSON text: the same characters in both databases."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """To text; None stays unknown."""
        return None if value is None else json_line(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        """Back from text."""
        return None if value is None else json.loads(value)


def json_line(value: Any) -> str:
    """JSON in one line of ASCII with its keys sorted, so that equal values are equal texts."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
    }
)


def _text(name: str, **options: Any) -> Column[str]:
    return Column(name, Text, nullable=False, **options)


def _number(name: str, **options: Any) -> Column[int]:
    return Column(name, Integer, nullable=False, **options)


CASES = Table(
    "cases",
    METADATA,
    _text("id", primary_key=True),
    _text("status"),
    _number("version"),
    Column("extent_k2", Text),
    Column("organs", Integer),
    Column("lesions", Integer),
    _text("created_at"),
    _text("changed_at"),
    Column("review_date", Text),
    Column("extent_k4", Text),
    Index(None, "changed_at"),
    Index(None, "status", "changed_at"),
    Index(None, "review_date"),
)

CASE_VERSIONS = Table(
    "case_versions",
    METADATA,
    Column("case_id", Text, ForeignKey("cases.id"), primary_key=True),
    _number("version", primary_key=True, autoincrement=False),
    Column("content", JsonText, nullable=False),
    _text("author"),
    _text("role"),
    _text("at"),
    _text("reason"),
)

SITTINGS = Table(
    "sittings",
    METADATA,
    Column("case_id", Text, ForeignKey("cases.id"), primary_key=True),
    _number("sitting", primary_key=True, autoincrement=False),
    _text("futures_opened_at"),
    _text("opened_by"),
)

VOTES = Table(
    "votes",
    METADATA,
    Column("case_id", Text, ForeignKey("cases.id"), primary_key=True),
    _number("sitting", primary_key=True, autoincrement=False),
    _text("moment", primary_key=True),
    _text("member", primary_key=True),
    _text("discipline", primary_key=True),
    _text("choice", primary_key=True),
    _number("count"),
    _text("at"),
)

DECISIONS = Table(
    "decisions",
    METADATA,
    Column("case_id", Text, primary_key=True),
    _number("sitting", primary_key=True, autoincrement=False),
    _number("version", primary_key=True, autoincrement=False),
    _number("case_version"),
    _text("chosen"),
    Column("content", JsonText, nullable=False),
    _text("signed_by"),
    _text("role"),
    _text("signed_at"),
    _text("reason"),
    Column("review_date", Text),
    ForeignKeyConstraint(
        ["case_id", "case_version"], ["case_versions.case_id", "case_versions.version"]
    ),
    Index(None, "signed_at"),
)

REVIEWS = Table(
    "reviews",
    METADATA,
    Column("case_id", Text, ForeignKey("cases.id"), primary_key=True),
    _number("sitting", primary_key=True, autoincrement=False),
    _number("number", primary_key=True, autoincrement=False),
    _text("as_decided"),
    Column("content", JsonText, nullable=False),
    _text("author"),
    _text("role"),
    _text("at"),
    Column("next_review_date", Text),
)

SETTINGS = Table(
    "settings",
    METADATA,
    _number("version", primary_key=True, autoincrement=False),
    Column("content", JsonText, nullable=False),
    _text("author"),
    _text("at"),
    _text("reason"),
)

USERS = Table(
    "users",
    METADATA,
    _text("name", primary_key=True),
    _text("password_hash"),
    Column("roles", JsonText, nullable=False),
    _text("created_at"),
    Column("removed_at", Text),
)

SIGN_INS = Table(
    "sign_ins",
    METADATA,
    _text("token_hash", primary_key=True),
    Column("user_name", Text, ForeignKey("users.name"), nullable=False),
    _text("address"),
    _text("started_at"),
    _text("seen_at"),
    Column("ended_at", Text),
    Index(None, "user_name"),
)

FAILED_SIGN_INS = Table(
    "failed_sign_ins",
    METADATA,
    _text("id", primary_key=True),
    _text("user_name"),
    _text("address"),
    _text("at"),
    Index(None, "user_name", "at"),
    Index(None, "address", "at"),
)

AUDIT = Table(
    "audit",
    METADATA,
    _number("number", primary_key=True, autoincrement=False),
    _text("at"),
    _text("who"),
    _text("role"),
    _text("action"),
    Column("case_id", Text),
    Column("detail", JsonText, nullable=False),
    _text("previous"),
    _text("hash"),
    Index(None, "case_id", "number"),
    Index(None, "who", "number"),
)

JOBS = Table(
    "jobs",
    METADATA,
    _text("id", primary_key=True),
    _text("kind"),
    _text("digest"),
    Column("parameters", JsonText, nullable=False),
    Column("case_id", Text),
    Column("case_version", Integer),
    _text("owner"),
    _text("state"),
    Column("progress", Float, nullable=False),
    _text("message"),
    Column("result", JsonText),
    Column("worker", Text),
    _text("created_at"),
    Column("started_at", Text),
    Column("heartbeat_at", Text),
    Column("finished_at", Text),
    ForeignKeyConstraint(
        ["case_id", "case_version"], ["case_versions.case_id", "case_versions.version"]
    ),
    Index(None, "state", "created_at"),
    Index(None, "digest"),
)

REGISTRY_TRIALS = Table(
    "registry_trials",
    METADATA,
    _text("registration", primary_key=True),
    _number("version", primary_key=True, autoincrement=False),
    Column("record", JsonText, nullable=False),
    _text("criteria"),
    _text("author"),
    _text("at"),
    _number("withdrawn"),
)

APPEND_ONLY = (AUDIT, CASE_VERSIONS, DECISIONS, REVIEWS, SETTINGS)
"""Tables in which the database itself refuses to change or delete a row."""

NOT_BACKED_UP = (SIGN_INS, FAILED_SIGN_INS)
"""Who is signed in belongs to the running server; a restored sign-in could be one since ended."""
