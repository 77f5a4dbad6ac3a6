"""Ten o'clock: 100,000 people, 80 % of them within ten minutes, two service processes, PostgreSQL with fsync on.

Everybody comes on a connection of their own, looks at the page, thinks for some seconds, and claims; nobody waits for
the others. `python -m benchmarks.spike [--people N] [--minutes M] [--workers W]`. A run takes one and a half times its
minutes and some to prepare. The figure is the p99 in seconds, of looking or of claiming, whichever is longer; correct
means that everybody got a code of their own, nothing failed, memory stayed flat, and `reconcile` finds nothing.
"""

from __future__ import annotations

import argparse
import sys
import threading
import time
from pathlib import Path

import psutil

from benchmarks.arena import Arena, arena
from benchmarks.figure import show
from welfare_desk.queries import reconcile

PEOPLE = 100_000
MINUTES = 10.0
WORKERS = 2
GOAL_S = 1.0
SAMPLE_S = 1.0
FLAT = 1.2
MIB = 1 << 20


class Memory(threading.Thread):
    """Samples the resident memory of every process of the service, in MiB."""

    def __init__(self) -> None:
        super().__init__(name="memory", daemon=True)
        self.samples: dict[int, list[float]] = {}
        self._over = threading.Event()

    def run(self) -> None:
        while not self._over.wait(SAMPLE_S):
            for process in _service():
                try:
                    self.samples.setdefault(process.pid, []).append(process.memory_info().rss / MIB)
                except psutil.Error:
                    continue

    def stop(self) -> None:
        """Takes no more samples."""
        self._over.set()
        self.join()

    def seen(self) -> list[dict[str, float]]:
        """First, highest and last sample of every process, and the highest of either half."""
        found = []
        for samples in self.samples.values():
            half = len(samples) // 2
            found.append({"first": samples[0], "first_half": max(samples[: half or 1]),
                          "second_half": max(samples[half:]), "last": samples[-1]})  # fmt: skip
        return [{name: round(value) for name, value in one.items()} for one in found]


def _service() -> list[psutil.Process]:
    children = psutil.Process().children()
    first = [child for child in children if "service" in child.cmdline()]
    return [*first, *(below for child in first for below in child.children(recursive=True))]


def _is_flat(seen: list[dict[str, float]]) -> bool:
    """Whether no process needed more in the second half, though all had claimed by then, than in the first."""
    return bool(seen) and all(one["second_half"] <= FLAT * one["first_half"] for one in seen)


def _reconciles(at: Arena) -> bool:
    return at.ctx.read(reconcile.reconcile, now=at.ctx.clock.now()).ok


def _journal_bytes(at: Arena) -> int:
    return sum(path.stat().st_size for path in Path(at.ctx.data, "journal").glob("*"))


def main() -> int:
    """Runs and prints the figure."""
    parser = argparse.ArgumentParser(description="The ten o'clock spike.")
    parser.add_argument("--people", type=int, default=PEOPLE)
    parser.add_argument("--minutes", type=float, default=MINUTES, help="within which 80 %% come")
    parser.add_argument("--workers", type=int, default=WORKERS)
    args = parser.parse_args()
    began = time.monotonic()
    with arena(people=args.people) as at:
        course = at.course(args.people)
        prepared = time.monotonic() - began
        with at.service(args.workers) as address:
            memory = Memory()
            memory.start()
            heard = at.run("benchmarks.arrivals", address, str(course.file), "rush", str(args.minutes))
            memory.stop()
        given, reconciled, seen = at.given(course), _reconciles(at), memory.seen()
        journal = _journal_bytes(at)
    everybody = given == (args.people, args.people) and heard["claimed"] == heard["distinct"] == args.people
    flat, errors = _is_flat(seen), sum(heard["errors"].values())
    p99_s = max(waits["0.99"] for waits in heard["waits_ms"].values()) / 1000
    return show(
        "SPIKE", 1.0, [p99_s], [GOAL_S], at_most=True,
        correct=everybody and not errors and flat and reconciled, people=args.people, minutes=args.minutes,
        waits_ms=heard["waits_ms"], states=heard["states"], errors=heard["errors"], claims_and_codes=given,
        memory_mib=seen, memory_flat=flat, reconciled=reconciled, journal_bytes=journal, web_processes=args.workers,
        seconds=heard["seconds"], seconds_to_prepare=round(prepared),
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
