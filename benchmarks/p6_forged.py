"""P6: forged links refused per second ÷ an empty route of the same service; the database hears of none of them."""

from __future__ import annotations

import asyncio
import secrets
import sys
from statistics import median
from urllib.parse import urlsplit
from urllib.request import urlopen

from benchmarks.arena import arena, free_port
from benchmarks.figure import show
from benchmarks.load import drive, post, state_of
from welfare_desk.security.references import encode

GOAL = 0.8
RUNS = 41  # short and many: a moment in which the machine is busy spoils one pair, not the median
REQUESTS = 1_500
CONNECTIONS = 64


def per_second(address: str, *, forged: bool) -> tuple[float, int]:
    """(answers/s, how many were the page of an unknown link)."""
    target = urlsplit(address)
    requests = [post(target.netloc, encode(secrets.token_bytes(25)), "1") for _request in range(REQUESTS)]
    if not forged:  # a path that is no page, asked for its headers alone: the least this service can answer
        requests = [request.replace(b"POST /C/", b"HEAD /-/", 1) for request in requests]
    seconds, answers = asyncio.run(drive(target.hostname or "", target.port or 0, requests, CONNECTIONS))
    refused = sum(state_of(answer) == "unknown" for answer in answers) if forged else 0
    return len(answers) / seconds, refused


def statements(address: str) -> int:
    """How many statements the service has sent for pages so far."""
    with urlopen(f"{address}/statements", timeout=10) as answer:
        return int(answer.read())


def main() -> int:
    """Runs and prints the figure."""
    ours, nothing, refused = [], [], 0
    port = free_port()
    with (
        arena(people=1, postgres=False) as at,
        at.program("benchmarks.counted_service", str(port), port=port) as our_address,
    ):
        per_second(our_address, forged=True)
        per_second(our_address, forged=False)
        before = statements(our_address)
        for run in range(RUNS):
            for forged in (True, False) if run % 2 else (False, True):
                speed, unknown = per_second(our_address, forged=forged)
                (ours if forged else nothing).append(speed)
                refused += unknown
        sent = statements(our_address) - before
    return show(
        "P6", GOAL, ours, nothing, correct=sent == 0 and refused == RUNS * REQUESTS, statements=sent,
        forged_per_s=round(median(ours)), empty_per_s=round(median(nothing)),
        accepted=RUNS * REQUESTS - refused, connections=CONNECTIONS,
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
