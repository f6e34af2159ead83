"""An index over dead letters; two that no statement asks for any more go.

The tables may be large and are written meanwhile, so all is done concurrently: without a
transaction, and what is left of an index that was cut off goes first.
"""

from alembic import op

revision = "0003"
down_revision = "0002"

_DEAD = "ix_inbox_dead ON inbox (seq) WHERE state = 'dead'"
_UNUSED = (
    "ix_inbox_applied_at ON inbox (applied_at) WHERE applied_at IS NOT NULL",
    "ix_user_emails_address ON user_emails (lower(email_address))",
)


def upgrade() -> None:
    """Make the one and drop the others."""
    with op.get_context().autocommit_block():
        _make(_DEAD)
        for index in _UNUSED:
            _drop(index)


def downgrade() -> None:
    """The other way round."""
    with op.get_context().autocommit_block():
        _drop(_DEAD)
        for index in _UNUSED:
            _make(index)


def _make(index: str) -> None:
    _drop(index)
    op.execute(f"CREATE INDEX CONCURRENTLY {index}")


def _drop(index: str) -> None:
    op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {index.partition(' ')[0]}")
