"""P8: a list of people from file to stored ÷ the time its reader alone needs, with the peak memory of both processes.

The reader is the parse child as the product starts it, its rows thrown away. `python -m benchmarks.p8_import
[--rows N] [--kind xlsx|csv] [--known] [--runs N]`; with `--known` everybody is known already.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from benchmarks.figure import show
from benchmarks.lists import write_list
from welfare_desk.context import AppContext
from welfare_desk.db import migrate
from welfare_desk.db.engine import open_engine, sqlite_url
from welfare_desk.services import people_import
from welfare_desk.settings import self_command

CHECK_GOAL = 2.0
MEMORY_MIB = 700
MIB = 2**20


class Peak(threading.Thread):
    """The most memory this process and its children had together, in MiB."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.mib = 0
        self._ended = threading.Event()

    def run(self) -> None:
        """Looks every 20 ms."""
        me = psutil.Process()
        while not self._ended.wait(0.02):
            resident = 0
            for process in (me, *me.children(recursive=True)):
                try:
                    resident += process.memory_info().rss
                except psutil.Error:
                    continue
            self.mib = max(self.mib, resident // MIB)

    def end(self) -> int:
        """Stops looking and tells."""
        self._ended.set()
        self.join()
        return self.mib


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """How many seconds some work takes, and what it gives."""
    began = time.perf_counter()
    done = work()
    return time.perf_counter() - began, done


def parse_only(path: Path) -> int:
    """The reader by itself; how many bytes it told."""
    done = subprocess.run([*self_command(), "parse", str(path)], stdout=subprocess.PIPE, check=True)
    return len(done.stdout)


def once(path: Path, folder: Path, *, known: bool) -> dict[str, float]:
    """Seconds of each part of one import into a directory of its own."""
    ctx = AppContext(engine=open_engine(sqlite_url(folder / "people.db")), data=folder)
    migrate.upgrade(ctx.engine)
    if known:
        people_import.apply_import(ctx, people_import.check_list(ctx, people_import.open_list(path)))
    parse, _size = timed(lambda: parse_only(path))
    reading, table = timed(lambda: people_import.open_list(path))
    checking, check = timed(lambda: people_import.check_list(ctx, table))
    facets = check.facets
    assert facets["ready"] == facets["all"] == len(table.rows)
    ctx.engine.dispose()
    return {"parse": parse, "open": reading, "check": checking}


def main() -> int:
    """Prints the figure; 1 when something was not as it should be."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--kind", choices=("xlsx", "csv"), default="xlsx")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--known", action="store_true")
    args = parser.parse_args()
    runs = []
    with tempfile.TemporaryDirectory(prefix="wd-p8-") as name:
        path = Path(name) / f"people.{args.kind}"
        write_list(path, args.rows)
        peak = Peak()
        peak.start()
        for number in range(args.runs):
            folder = Path(name) / str(number)
            folder.mkdir()
            runs.append(once(path, folder, known=args.known))
        memory = peak.end()
    parts = {part: [round(run[part], 2) for run in runs] for part in runs[0]}
    checks, parses = [run["check"] for run in runs], [run["parse"] for run in runs]
    return show(
        "P8 check / parse", CHECK_GOAL, checks, parses, correct=memory <= MEMORY_MIB, at_most=True, rows=args.rows,
        kind=args.kind, known=args.known, seconds=parts, peak_mib=memory, peak_goal_mib=MEMORY_MIB,
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
