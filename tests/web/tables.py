"""Everything a database holds, to see that something changed nothing."""

from __future__ import annotations

import hashlib
from typing import Any

from tests.support.world import World
from welfare_desk.db.schema import METADATA

HEARTBEAT = "process"


def everything(world: World) -> dict[str, list[Any]]:
    """All rows of all tables but the heartbeat's."""
    tables = [table for table in METADATA.sorted_tables if table.name != HEARTBEAT]
    return world.ctx.read(
        lambda session: {table.name: sorted(map(repr, session.execute(table.select()))) for table in tables}
    )


def content_hash(world: World) -> str:
    """One hash over all of it."""
    return hashlib.sha256(repr(everything(world)).encode()).hexdigest()
