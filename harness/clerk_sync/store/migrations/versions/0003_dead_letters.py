"""An index over dead letters.

The inbox may be large and must take deliveries meanwhile, so the index is made concurrently:
without a transaction, and what is left of one that was cut off goes first.
"""

from alembic import op

revision = "0003"
down_revision = "0002"

_DROP = "DROP INDEX CONCURRENTLY IF EXISTS ix_inbox_dead"


def upgrade() -> None:
    """Make the index."""
    with op.get_context().autocommit_block():
        op.execute(_DROP)
        op.execute("CREATE INDEX CONCURRENTLY ix_inbox_dead ON inbox (seq) WHERE state = 'dead'")


def downgrade() -> None:
    """Drop it."""
    with op.get_context().autocommit_block():
        op.execute(_DROP)
