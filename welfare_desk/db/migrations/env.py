"""Runs migrations on the connection that db.migrate hands over, in one transaction."""

from __future__ import annotations

from alembic import context

from welfare_desk.db.schema import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
