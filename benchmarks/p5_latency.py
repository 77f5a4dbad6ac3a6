"""P5: p99 of a claim at half of the service's own maximum, open loop ÷ the greater of 25 × one fdatasync and 25 ms.

PostgreSQL with fsync on, two web processes, the journal on; every wait counts from the moment the request was due.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from statistics import median

from benchmarks.arena import arena
from benchmarks.figure import show
from benchmarks.p1_http_vs_settle import CONNECTIONS, WORKERS, over_http

GOAL = 1.0
RUNS = 3
CLAIMS = 12_000
SHARE = 0.5
FLOOR_MS = 25.0
SYNCS = 25
SYNC = getattr(os, "fdatasync", os.fsync)


def one_sync(folder: Path) -> float:
    """Milliseconds until 4 kB more are on that disk, the median of 200."""
    taken = []
    with (folder / "synced").open("ab", buffering=0) as file:
        for _write in range(200):
            file.write(b"\0" * 4096)
            began = time.perf_counter()
            SYNC(file.fileno())
            taken.append(time.perf_counter() - began)
    return 1000 * median(taken)


def main() -> int:
    """Runs and prints the figure."""
    waits, limits, fine, most, details = [], [], [], [], []
    with arena(people=CLAIMS) as at, at.service(WORKERS) as address:
        over_http(at, address, 1_000)
        for _run in range(RUNS):
            fastest, correct = over_http(at, address, CLAIMS)
            sync = one_sync(at.folder)
            course = at.course(CLAIMS)
            heard = at.run("benchmarks.arrivals", address, str(course.file), "steady", str(fastest * SHARE),
                           str(CONNECTIONS))  # fmt: skip
            fine += [correct, at.given(course) == (CLAIMS, CLAIMS), heard["claimed"] == heard["distinct"] == CLAIMS]
            most.append(round(fastest))
            waits.append(heard["waits_ms"]["claim"]["0.99"])
            limits.append(max(FLOOR_MS, SYNCS * sync))
            details.append({"fdatasync_ms": round(sync, 3), **heard["waits_ms"]["claim"]})
    return show(
        "P5", GOAL, waits, limits, correct=all(fine), at_most=True, p99_ms=waits, limit_ms=limits, maximum_per_s=most,
        share_of_maximum=SHARE, waits_ms=details, web_processes=WORKERS, connections=CONNECTIONS, claims=CLAIMS,
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
