"""P7: buffers that taking 64 codes touches when 99 % of the stock is used ÷ when it is fresh (PostgreSQL)."""

from __future__ import annotations

import json
import sys
from typing import Any

from sqlalchemy import Connection, text

from benchmarks.arena import Arena, arena
from benchmarks.figure import show
from welfare_desk.db import claim_sql
from welfare_desk.services import claims
from welfare_desk.services.claims import ClaimRequest

GOAL = 1.2
STOCK = 20_000
TAKE = 64
RUNS = 3


def main() -> int:
    """Runs and prints the figure."""
    fresh, used, walked, fine = [], [], [], []
    with arena(people=STOCK) as at:
        for _run in range(RUNS):
            course = at.course(STOCK)
            lines = [json.loads(line) for line in course.file.read_text(encoding="utf-8").splitlines()]
            product = _product(at, course.campaign_id)
            _claim(at, lines[:TAKE])  # the first take of a process has no place to begin at
            fresh.append(_buffers(at, product))
            fine.append(_claim(at, lines[TAKE : STOCK * 99 // 100]))
            _analyze(at)
            _claim(at, lines[STOCK * 99 // 100 :][:TAKE])
            used.append(_buffers(at, product))
            walked.append(_buffers(at, product, from_front=True))
    return show(
        "P7", GOAL, used, fresh, correct=all(fine), at_most=True, buffers_fresh=fresh, buffers_used=used,
        buffers_from_the_front=walked, stock=STOCK, taken_at_once=TAKE,
    )  # fmt: skip


def _claim(at: Arena, lines: list[list[Any]]) -> bool:
    given = 0
    for start in range(0, len(lines), 256):
        batch = [ClaimRequest(grant, version, number) for _token, number, grant, version in lines[start : start + 256]]
        given += sum(len(outcome.units) for outcome in at.ctx.write(claims.settle, requests=batch))
    return given == len(lines)


def _product(at: Arena, campaign_id: int) -> int:
    with at.ctx.engine.connect() as connection:
        found = connection.execute(text("SELECT product_id FROM campaign WHERE id = :id"), {"id": campaign_id})
        return int(found.scalar_one())


def _buffers(at: Arena, product_id: int, *, from_front: bool = False) -> float:
    """Shared buffers hit and read by one take, which is rolled back."""
    with at.ctx.engine.connect() as connection:
        after = None if from_front else _place(connection, product_id)
        statement, values = claim_sql.take_statement(connection, product_id, TAKE, 0, after)
        plan = connection.execute(text(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement}"), values).scalar_one()
        connection.rollback()
    top = plan[0]["Plan"]
    return float(top["Shared Hit Blocks"] + top["Shared Read Blocks"])


def _place(connection: Connection, product_id: int) -> tuple[int, int]:
    """Where the last take ended, as services.claim_stock remembers it."""
    last = text("SELECT max(id) FROM code WHERE product_id = :product AND shelf_order IS NULL")
    return claim_sql.NEVER_EXPIRES, int(connection.execute(last, {"product": product_id}).scalar_one())


def _analyze(at: Arena) -> None:
    with at.ctx.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE code"))


if __name__ == "__main__":
    sys.exit(main())
