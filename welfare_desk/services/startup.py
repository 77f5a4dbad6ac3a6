"""What the service refuses to start on: each is a way to give a code twice or to lose a claim."""

from __future__ import annotations

import logging
from pathlib import Path

from welfare_desk.context import AppContext
from welfare_desk.db import durability
from welfare_desk.db.engine import database_url, is_sqlite, sqlite_file
from welfare_desk.errors import Unavailable
from welfare_desk.queries.times import times
from welfare_desk.services import places

CLOCK_SLACK_MS = 5_000
log = logging.getLogger(__name__)


def check_place(data: Path, database: str | None) -> None:
    """Looks where a SQLite database lies, before it is opened; PostgreSQL minds its own disks.

    Raises Unavailable(`database_on_share`, `database_in_cloud`).
    """
    file = sqlite_file(database_url(data, database))
    if file is None:
        return
    folder = file.parent.resolve()
    share = places.network_share(folder)
    if share:
        raise Unavailable("database_on_share", folder=str(folder), kind=share)
    cloud = places.cloud_folder(folder)
    if cloud:
        raise Unavailable("database_in_cloud", folder=str(folder), name=cloud)


def check(ctx: AppContext) -> None:
    """Looks at the opened database. Raises Unavailable(`not_durable`, `clock_behind`)."""
    found = ctx.read(durability.weak)
    named = ", ".join(f"{name}={value}" for name, value in found.items())
    if found and is_sqlite(ctx.engine):
        raise Unavailable("not_durable", settings=named)
    if found:
        log.info("the database server may lose commits in a power cut: %s", named)
    seen = ctx.read(times, clock=ctx.clock)
    if seen.behind > CLOCK_SLACK_MS:
        raise Unavailable("clock_behind", seconds=seen.behind // 1000)
