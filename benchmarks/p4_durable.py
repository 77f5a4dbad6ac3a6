"""P4: claims/s with durable commits ÷ without: fsync on and off on PostgreSQL over HTTP; FULL and OFF on SQLite."""

from __future__ import annotations

import dataclasses
import json
import sys
import time
from statistics import median

from benchmarks.arena import Arena, arena
from benchmarks.figure import rate, show
from benchmarks.p1_http_vs_settle import CONNECTIONS, WORKERS, over_http
from welfare_desk.db.engine import open_engine
from welfare_desk.services import claims
from welfare_desk.services.claims import ClaimRequest

GOAL = 0.95
RUNS = 3
CLAIMS = 8_000
BATCH = 64


def main() -> int:
    """Runs and prints the figure."""
    durable, careless, fine = [], [], []
    with (
        arena(people=CLAIMS) as safe,
        safe.service(WORKERS) as safe_address,
        arena(people=CLAIMS, durable=False) as risky,
        risky.service(WORKERS) as risky_address,
    ):
        for at, address in ((safe, safe_address), (risky, risky_address)):
            over_http(at, address, 1_000)
        for _run in range(RUNS):
            for rates, at, address in ((durable, safe, safe_address), (careless, risky, risky_address)):
                speed, correct = over_http(at, address, CLAIMS)
                rates.append(speed)
                fine.append(correct)
    with arena(people=CLAIMS, postgres=False) as at:
        pairs = [(_settle(at, "FULL"), _settle(at, "OFF")) for _run in range(RUNS)]
    return show(
        "P4", GOAL, durable, careless, correct=all(fine), durable_per_s=[round(speed) for speed in durable],
        careless_per_s=[round(speed) for speed in careless], connections=CONNECTIONS,
        sqlite_full_over_off=round(median(full / off for full, off in pairs), 3),
    )  # fmt: skip


def _settle(at: Arena, synchronous: str) -> float:
    course = at.course(CLAIMS)
    lines = [json.loads(line) for line in course.file.read_text(encoding="utf-8").splitlines()]
    ctx = dataclasses.replace(at.ctx, engine=open_engine(at.database, synchronous=synchronous))
    started = time.perf_counter()
    for start in range(0, CLAIMS, BATCH):
        batch = [
            ClaimRequest(grant, version, number) for _token, number, grant, version in lines[start : start + BATCH]
        ]
        ctx.write(claims.settle, requests=batch)
    seconds = time.perf_counter() - started
    ctx.engine.dispose()
    return rate(CLAIMS, seconds)


if __name__ == "__main__":
    sys.exit(main())
