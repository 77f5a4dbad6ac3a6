"""People without an index over their pinyin: one look at everybody finds them as well, and imports write less."""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Drops the index."""
    op.drop_index(op.f("ix_person_pinyin"), "person")
