"""Runs migrations on the engine's connection that ``clerk_sync.migrate`` puts into the config."""

from alembic import context

from clerk_sync.store.models import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
