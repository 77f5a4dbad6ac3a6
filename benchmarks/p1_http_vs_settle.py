"""P1: claims/s over HTTP ÷ `claims.settle` without HTTP (2 processes × batches of 64), PostgreSQL, fsync on."""

from __future__ import annotations

import sys
from statistics import median

from benchmarks.arena import Arena, arena
from benchmarks.figure import rate, show

GOAL = 0.5
RUNS = 3
CLAIMS = 12_000
EIGHT = 2_000
CONNECTIONS = 256
WORKERS = 2
STRONG = 4.0


def without_http(at: Arena, how: str, claims: int) -> tuple[float, bool]:
    """(claims/s, correct) of two client processes."""
    course = at.course(claims)
    commands = [["benchmarks.clients", how, str(course.file), str(share), "2"] for share in range(2)]
    answers = at.run_together(commands)
    correct = at.given(course) == (claims, claims) and sum(answer["claimed"] for answer in answers) == claims
    return rate(claims, max(answer["seconds"] for answer in answers)), correct


def over_http(at: Arena, address: str, claims: int) -> tuple[float, bool]:
    """(claims/s, correct) of the load generator against a service."""
    course = at.course(claims)
    answer = at.run("benchmarks.load", address, str(course.file), str(CONNECTIONS))
    correct = at.given(course) == (claims, claims) and answer["claimed"] == answer["distinct"] == claims
    return rate(claims, answer["seconds"]), correct


def main() -> int:
    """Runs and prints the figure."""
    http, settled, fine = [], [], []
    with arena(people=CLAIMS) as at:
        eights = [without_http(at, "eight", EIGHT)]
        with at.service(WORKERS) as address:
            over_http(at, address, 1_000)  # warm
            for _run in range(RUNS):
                for rates, (speed, correct) in (
                    (settled, without_http(at, "settle", CLAIMS)),
                    (http, over_http(at, address, CLAIMS)),
                ):
                    rates.append(speed)
                    fine.append(correct)
        eights.append(without_http(at, "eight", EIGHT))
    eight = median(speed for speed, _correct in eights)
    strength = median(settled) / eight
    return show(
        "P1", GOAL, http, settled, correct=all(fine) and all(right for _speed, right in eights) and strength >= STRONG,
        http_per_s=[round(speed) for speed in http], settle_per_s=[round(speed) for speed in settled],
        eight_statements_per_s=round(eight), settle_over_eight=round(strength, 2), web_processes=WORKERS,
        connections=CONNECTIONS, claims=CLAIMS,
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
