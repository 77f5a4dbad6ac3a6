"""P3: the embedded service on SQLite (WAL, FULL sync), claims/s over HTTP ÷ the same settlement without HTTP."""

from __future__ import annotations

import sys

from benchmarks.arena import arena
from benchmarks.figure import show
from benchmarks.p1_http_vs_settle import CONNECTIONS, over_http, without_http

GOAL = 0.25
RUNS = 3
CLAIMS = 8_000


def main() -> int:
    """Runs and prints the figure."""
    http, settled, fine = [], [], []
    with arena(people=CLAIMS, postgres=False) as at, at.service(1) as address:
        over_http(at, address, 500)
        for _run in range(RUNS):
            for rates, (speed, correct) in (
                (settled, without_http(at, "settle", CLAIMS)),
                (http, over_http(at, address, CLAIMS)),
            ):
                rates.append(speed)
                fine.append(correct)
    return show(
        "P3", GOAL, http, settled, correct=all(fine), http_per_s=[round(speed) for speed in http],
        settle_per_s=[round(speed) for speed in settled], web_processes=1, connections=CONNECTIONS, claims=CLAIMS,
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
