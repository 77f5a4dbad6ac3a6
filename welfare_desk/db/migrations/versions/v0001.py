"""The first schema."""

from __future__ import annotations

from alembic import op

from welfare_desk.db.schema import METADATA

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Makes every table."""
    METADATA.create_all(op.get_bind())
