"""How Alembic runs the revisions: in the transaction of whoever moves the schema."""

from alembic import context

from debulk.board.records.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    compare_type=True,
)
context.run_migrations()
