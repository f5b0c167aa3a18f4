"""Cases, votes, decisions, settings, accounts and the audit log.

Revision ID: board_0001
"""

import sqlalchemy as sa
from alembic import op

from debulk.board.records.append_only import guard

revision = "board_0001"
down_revision = None
branch_labels = None
depends_on = None

_GUARDED = ("audit", "case_versions", "decisions", "reviews", "settings")


def upgrade() -> None:
    """Make the tables."""
    _cases()
    _decisions()
    _people()
    _settings_and_audit()
    guard(op.get_bind(), _GUARDED)


def downgrade() -> None:
    """Drop them; their triggers go with them."""
    for name in (
        "audit",
        "settings",
        "failed_sign_ins",
        "sign_ins",
        "users",
        "reviews",
        "decisions",
        "votes",
        "sittings",
        "case_versions",
        "cases",
    ):
        op.drop_table(name)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION debulk_append_only()")


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _number(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=nullable, autoincrement=False)


def _key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=f"pk_{table}")


def _of_case(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=f"fk_{table}_case_id")


def _cases() -> None:
    op.create_table(
        "cases",
        _text("id"),
        _text("status"),
        _number("version"),
        _text("extent", nullable=True),
        _number("organs", nullable=True),
        _number("lesions", nullable=True),
        _text("created_at"),
        _text("changed_at"),
        _key("cases", "id"),
    )
    op.create_index("ix_cases_changed_at", "cases", ["changed_at"])
    op.create_index("ix_cases_status", "cases", ["status", "changed_at"])
    op.create_table(
        "case_versions",
        _text("case_id"),
        _number("version"),
        _text("content"),
        _text("author"),
        _text("role"),
        _text("at"),
        _text("reason"),
        _key("case_versions", "case_id", "version"),
        _of_case("case_versions"),
    )


def _decisions() -> None:
    op.create_table(
        "sittings",
        _text("case_id"),
        _number("sitting"),
        _text("futures_opened_at"),
        _text("opened_by"),
        _key("sittings", "case_id", "sitting"),
        _of_case("sittings"),
    )
    op.create_table(
        "votes",
        _text("case_id"),
        _number("sitting"),
        _text("moment"),
        _text("member"),
        _text("discipline"),
        _text("choice"),
        _number("count"),
        _text("at"),
        _key("votes", "case_id", "sitting", "moment", "member", "discipline", "choice"),
        _of_case("votes"),
    )
    op.create_table(
        "decisions",
        _text("case_id"),
        _number("sitting"),
        _number("version"),
        _number("case_version"),
        _text("chosen"),
        _text("content"),
        _text("signed_by"),
        _text("role"),
        _text("signed_at"),
        _text("reason"),
        _text("review_date", nullable=True),
        _key("decisions", "case_id", "sitting", "version"),
        sa.ForeignKeyConstraint(
            ["case_id", "case_version"],
            ["case_versions.case_id", "case_versions.version"],
            name="fk_decisions_case_id",
        ),
    )
    op.create_index("ix_decisions_signed_at", "decisions", ["signed_at"])
    op.create_table(
        "reviews",
        _text("case_id"),
        _number("sitting"),
        _number("number"),
        _text("as_decided"),
        _text("content"),
        _text("author"),
        _text("role"),
        _text("at"),
        _text("next_review_date", nullable=True),
        _key("reviews", "case_id", "sitting", "number"),
        _of_case("reviews"),
    )


def _people() -> None:
    op.create_table(
        "users",
        _text("name"),
        _text("password_hash"),
        _text("roles"),
        _text("created_at"),
        _text("removed_at", nullable=True),
        _key("users", "name"),
    )
    op.create_table(
        "sign_ins",
        _text("token_hash"),
        _text("user_name"),
        _text("address"),
        _text("started_at"),
        _text("seen_at"),
        _text("ended_at", nullable=True),
        _key("sign_ins", "token_hash"),
        sa.ForeignKeyConstraint(["user_name"], ["users.name"], name="fk_sign_ins_user_name"),
    )
    op.create_index("ix_sign_ins_user_name", "sign_ins", ["user_name"])
    op.create_table(
        "failed_sign_ins",
        _text("id"),
        _text("user_name"),
        _text("address"),
        _text("at"),
        _key("failed_sign_ins", "id"),
    )
    op.create_index("ix_failed_sign_ins_user_name", "failed_sign_ins", ["user_name", "at"])
    op.create_index("ix_failed_sign_ins_address", "failed_sign_ins", ["address", "at"])


def _settings_and_audit() -> None:
    op.create_table(
        "settings",
        _number("version"),
        _text("content"),
        _text("author"),
        _text("at"),
        _text("reason"),
        _key("settings", "version"),
    )
    op.create_table(
        "audit",
        _number("number"),
        _text("at"),
        _text("who"),
        _text("role"),
        _text("action"),
        _text("case_id", nullable=True),
        _text("detail"),
        _text("previous"),
        _text("hash"),
        _key("audit", "number"),
    )
    op.create_index("ix_audit_case_id", "audit", ["case_id", "number"])
    op.create_index("ix_audit_who", "audit", ["who", "number"])
