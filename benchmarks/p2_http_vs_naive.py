"""P2: claims/s over HTTP ÷ the naive service (framework route, template, pool, 8 statements), PostgreSQL, fsync on."""

from __future__ import annotations

import sys
from contextlib import ExitStack

from benchmarks.arena import Arena, arena, free_port
from benchmarks.figure import show
from benchmarks.p1_http_vs_settle import CONNECTIONS, WORKERS, over_http

GOAL = 10.0
RUNS = 3
CLAIMS = 12_000
NAIVE_CLAIMS = 2_000


def naive(at: Arena, stack: ExitStack) -> str:
    """Starts the naive service with as many processes as ours has; its address."""
    port = str(free_port())
    addresses = [
        stack.enter_context(at.program("benchmarks.naive_service", port, port=int(port))) for _process in range(WORKERS)
    ]
    return addresses[0]


def main() -> int:
    """Runs and prints the figure."""
    ours, theirs, fine = [], [], []
    with arena(people=CLAIMS) as at, ExitStack() as stack:
        our_address = stack.enter_context(at.service(WORKERS))
        their_address = naive(at, stack)
        over_http(at, our_address, 1_000)
        over_http(at, their_address, 500)
        for _run in range(RUNS):
            for rates, (speed, correct) in (
                (theirs, over_http(at, their_address, NAIVE_CLAIMS)),
                (ours, over_http(at, our_address, CLAIMS)),
            ):
                rates.append(speed)
                fine.append(correct)
    return show(
        "P2", GOAL, ours, theirs, correct=all(fine), http_per_s=[round(speed) for speed in ours],
        naive_per_s=[round(speed) for speed in theirs], web_processes=WORKERS, connections=CONNECTIONS,
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
