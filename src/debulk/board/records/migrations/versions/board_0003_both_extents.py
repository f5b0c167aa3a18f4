"""The extent of a case by both k, so that the list follows the department's; no status "ready".

Revision ID: board_0003
"""

import json

import sqlalchemy as sa
from alembic import op

from debulk.core.errors import InputError

revision = "board_0003"
down_revision = "board_0002"
branch_labels = None
depends_on = None

_NEWEST = """
    SELECT c.id, v.content FROM cases c
    JOIN case_versions v ON v.case_id = c.id AND v.version = c.version
"""
_EXTENTS = "UPDATE cases SET extent_k2 = :extent_k2, extent_k4 = :extent_k4 WHERE id = :id"


def upgrade() -> None:
    """Read both from the stored cases; no page ever set the status that goes."""
    # SQLite renames a column in words of its own, which PostgreSQL shares.
    op.execute("ALTER TABLE cases RENAME COLUMN extent TO extent_k2")
    op.add_column("cases", sa.Column("extent_k4", sa.Text(), nullable=True))
    op.execute("UPDATE cases SET status = 'preparing' WHERE status = 'ready'")
    bind = op.get_bind()
    for case_id, content in bind.execute(sa.text(_NEWEST)).all():
        found = _extents(json.loads(content))
        if found is not None:
            bind.execute(sa.text(_EXTENTS), {"id": case_id, **found})


def downgrade() -> None:
    """Keep the extent by a k of 2."""
    op.drop_column("cases", "extent_k4")
    op.execute("ALTER TABLE cases RENAME COLUMN extent_k2 TO extent")


def _extents(content: dict[str, object]) -> dict[str, str | None] | None:
    """Both extents of a case; None where its content is none, which then stays as it was listed."""
    # An empty store, which each backup makes, is not to wait for what computes.
    from debulk.board.case import case_of_entry

    names = ("extent_k2", "extent_k4")
    try:
        case = case_of_entry(content)
    except InputError:
        return None
    row = case.cohort.features(moment="now", only=names).row(0, named=True)
    return {name: row[name] for name in names}
