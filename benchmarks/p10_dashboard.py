"""P10: one refresh of the dashboard at 3,000,000 claims ÷ at 10,000, spread alike over ten days (SQLite)."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from benchmarks.figure import show
from welfare_desk.context import AppContext
from welfare_desk.db import migrate
from welfare_desk.db.engine import open_engine, sqlite_url
from welfare_desk.queries import dashboard
from welfare_desk.queries.reports import Scope
from welfare_desk.services import rollups

GOAL = 1.2
FEW, MANY = 10_000, 3_000_000
RUNS, READS = 5, 20
OPENS, SPAN, DEPARTMENTS = 1_795_000_000_000, 864_000_000, 30
COUNT = "WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < :last)"
PRODUCT = """INSERT INTO product (id, key, name, kind, price_minor, currency, how_to, on_shelf, created_at, changed_at)
    VALUES (1, 'p', 'p', 'card_secret', 1, 'CNY', '', 1, 0, 0)"""
PERSON = """INSERT INTO person (id, reference, key, name, pinyin, department, status, extra, created_at, updated_at)
    VALUES (1, 'P', 'n:1', 'p', '', '', 'active', '{}', 0, 0)"""
CAMPAIGNS = f"""INSERT INTO campaign (id, key, key_number, name, product_id, quantity, audience, state, opens_at,
    closes_at, timezone, verify, channels, message, cost_minor, currency, demo, operator, created_at, changed_at)
    SELECT i, 'C' || i, i + 1, 'c' || i, 1, 1, '{{}}', 'open', {OPENS}, {OPENS} + {SPAN}, 'Asia/Shanghai', 'none',
    '[]', '', 0, 'CNY', 0, '', 0, 0 FROM n WHERE i < 10"""
GRANTS = f"""INSERT INTO "grant" (id, reference, campaign_id, person_id, department, product_id, link_version, state,
    reached_at, reached_by, failures, created_at)
    SELECT i, 'G' || i, i % 10, 1, 'd' || (i % {DEPARTMENTS}), 1, 0, 'open', {OPENS}, 'email', 0, {OPENS} FROM n"""
CLAIMS = f"""INSERT INTO claim (grant_id, campaign_id, at, via, cost_minor)
    SELECT i, i % 10, {OPENS} + i * {SPAN} / (:last + 1), 'page', 1 FROM n"""
UNITS = """INSERT INTO fulfilment (grant_id, part, unit, campaign_id, product_id, code_id, state, cost_minor,
    changed_at) SELECT i, 0, 0, i % 10, 1, NULL, 'revealed', 1, 0 FROM n"""


def main() -> int:
    """Runs and prints the figure."""
    with tempfile.TemporaryDirectory() as folder:
        small, large = _filled(Path(folder), FEW), _filled(Path(folder), MANY)
        correct = _claimed(small) == FEW and _claimed(large) == MANY
        few, many = [], []
        for _run in range(RUNS):
            few.append(_refresh(small))
            many.append(_refresh(large))
        small.engine.dispose()
        large.engine.dispose()
    return show(
        "P10", GOAL, many, few, correct=correct, at_most=True, ms_few=round(min(few) * 1000, 2),
        ms_many=round(min(many) * 1000, 2), claims=[FEW, MANY],
    )  # fmt: skip


def _filled(folder: Path, claims: int) -> AppContext:
    engine = open_engine(sqlite_url(folder / f"{claims}.db"), synchronous="OFF")
    migrate.upgrade(engine)
    ctx = AppContext(engine=engine, data=folder)
    ctx.write(_fill, last=claims - 1)
    ctx.write(_count)
    return ctx


def _fill(_ctx: AppContext, session: Session, *, last: int) -> None:
    connection: Connection = session.connection()
    connection.exec_driver_sql("DROP INDEX ix_grant_campaign_id_person_id")  # one invented person holds every grant
    for statement in (PRODUCT, PERSON, CAMPAIGNS, GRANTS, CLAIMS, UNITS):
        before = COUNT + " " if "FROM n" in statement else ""
        connection.execute(text(before + statement), {"last": last} if before else {})


def _count(_ctx: AppContext, session: Session) -> None:
    rollups.rebuild(session)


def _claimed(ctx: AppContext) -> int:
    return ctx.read(dashboard.dashboard, scope=Scope(), now=OPENS).total.claimed


def _refresh(ctx: AppContext) -> float:
    """Seconds of one refresh, the mean of READS."""
    started = time.perf_counter()
    for _read in range(READS):
        ctx.read(dashboard.dashboard, scope=Scope(), now=OPENS)
    return (time.perf_counter() - started) / READS


if __name__ == "__main__":
    sys.exit(main())
