"""Jobs, imported trials, and the date on which a case is due for review.

Revision ID: board_0002
"""

import sqlalchemy as sa
from alembic import op

revision = "board_0002"
down_revision = "board_0001"
branch_labels = None
depends_on = None

_LATEST_REVIEW_DATE = """
    UPDATE cases SET review_date = (
        SELECT d.review_date FROM decisions d WHERE d.case_id = cases.id
        AND NOT EXISTS (SELECT 1 FROM reviews r WHERE r.case_id = d.case_id
                        AND r.sitting = d.sitting)
        ORDER BY d.sitting DESC, d.version DESC LIMIT 1)
"""


def upgrade() -> None:
    """Make the tables, and take the dates over from decisions signed so far."""
    op.add_column("cases", sa.Column("review_date", sa.Text(), nullable=True))
    op.create_index("ix_cases_review_date", "cases", ["review_date"])
    op.execute(_LATEST_REVIEW_DATE)
    _jobs()
    op.create_table(
        "registry_trials",
        sa.Column("registration", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("criteria", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("withdrawn", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("registration", "version", name="pk_registry_trials"),
    )


def downgrade() -> None:
    """Drop them; decisions keep their dates."""
    op.drop_table("registry_trials")
    op.drop_table("jobs")
    op.drop_index("ix_cases_review_date", "cases")
    op.drop_column("cases", "review_date")


def _jobs() -> None:
    op.create_table(
        "jobs",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("parameters", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=True),
        sa.Column("case_version", sa.Integer(), nullable=True),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("progress", sa.Float(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("worker", sa.Text(), nullable=True),
        sa.Column("created_at", sa.Text(), nullable=False),
        sa.Column("started_at", sa.Text(), nullable=True),
        sa.Column("heartbeat_at", sa.Text(), nullable=True),
        sa.Column("finished_at", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_jobs"),
        sa.ForeignKeyConstraint(
            ["case_id", "case_version"],
            ["case_versions.case_id", "case_versions.version"],
            name="fk_jobs_case_id",
        ),
    )
    op.create_index("ix_jobs_state", "jobs", ["state", "created_at"])
    op.create_index("ix_jobs_digest", "jobs", ["digest"])
