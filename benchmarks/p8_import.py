"""P8: a list of people from file to stored ÷ the time its reader alone needs, with the peak memory of both processes.

The reader is the parse child as the product starts it, its rows thrown away; calamine's own reading is told beside it.
`python -m benchmarks.p8_import [--rows N] [--kind xlsx|csv] [--runs N] [--on sqlite|postgresql] [--known] [--padded]`:
with `--known` everybody is known already; with `--padded` the numbers have leading zeros by their format alone, which
makes the second look at a sheet necessary. It prints three figures for each database: stored ÷ parse, check ÷ parse,
apply ÷ bare insert.
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
from python_calamine import CalamineWorkbook

from benchmarks.figure import show
from benchmarks.lists import write_list
from benchmarks.stores import Stores, bare_insert, people, rows, stores
from welfare_desk.services import people_import
from welfare_desk.settings import self_command

STORED_GOAL = 1.6
CHECK_GOAL = 2.0
APPLY_GOAL = 1.3
MEMORY_MIB = 700
MIB = 2**20
SERVER = "postgres"
DATABASES = ("sqlite", "postgresql")


class Peak(threading.Thread):
    """The most memory this process and its children had together, in MiB, a database server not counted."""

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
                    resident += process.memory_info().rss if process.name() != SERVER else 0
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
    done = subprocess.run([*self_command(), "parse", str(path)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          check=True)  # fmt: skip
    return len(done.stdout)


def calamine_only(path: Path) -> int:
    """The library by itself, in this process; how many rows it found."""
    return len(CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python())


def once(path: Path, at: Stores, *, known: bool) -> dict[str, float]:
    """Seconds of each part of one import into a database of its own, and of a bare insert into another."""
    ctx = at.new()
    if known:
        people_import.apply_import(ctx, people_import.check_list(ctx, people_import.open_list(path)))
    seconds = {"parse": timed(lambda: parse_only(path))[0]}
    if path.suffix == ".xlsx":
        seconds["calamine"] = timed(lambda: calamine_only(path))[0]
    seconds["open"], table = timed(lambda: people_import.open_list(path))
    seconds["check"], check = timed(lambda: people_import.check_list(ctx, table))
    facets = check.facets
    assert facets["ready"] == facets["all"] == len(table.rows)
    seconds["apply"], report = timed(lambda: people_import.apply_import(ctx, check))
    assert people(ctx) == len(table.rows) == (report.unchanged if known else report.created)
    if not known:
        values, bare = rows(ctx), at.new()
        seconds["bare"] = bare_insert(bare, values)
        assert rows(bare) == values
        seconds["undo"] = timed(lambda: people_import.undo_import(ctx, report.import_id or 0))[0]
        assert people(ctx) == 0
    return seconds


def memory(path: Path, at: Stores) -> int:
    """The most memory that one import takes, in a run of its own: looking costs time."""
    peak = Peak()
    peak.start()
    ctx = at.new()
    people_import.apply_import(ctx, people_import.check_list(ctx, people_import.open_list(path)))
    return peak.end()


def main() -> int:
    """Prints the figures; 1 when something was not as it should be."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--kind", choices=("xlsx", "csv"), default="xlsx")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--on", choices=DATABASES, action="append")
    for switch in ("--known", "--padded"):
        parser.add_argument(switch, action="store_true")
    args = parser.parse_args()
    if args.on is None:  # each in a process of its own: memory that one has touched would count for the other
        asked = sys.argv[1:]
        return max(subprocess.call([sys.executable, "-m", __spec__.name, "--on", one, *asked]) for one in DATABASES)
    return max(_on(database, args) for database in args.on)


def _on(database: str, args: argparse.Namespace) -> int:
    with tempfile.TemporaryDirectory(prefix="wd-p8-") as name:
        path = Path(name) / f"people.{args.kind}"
        write_list(path, args.rows, padded=args.padded)
        with stores(Path(name), postgres=database == "postgresql") as at:
            most = memory(path, at)
            runs = [once(path, at, known=args.known) for _run in range(args.runs)]
        if args.padded:
            write_list(path, args.rows)
            for run in runs:
                run["parse_without_second_look"] = timed(lambda: parse_only(path))[0]
    how = {"database": database, "rows": args.rows, "kind": args.kind, "known": args.known, "padded": args.padded}
    return _tell(runs, most, how)


def _tell(runs: list[dict[str, float]], most: int, how: dict[str, Any]) -> int:
    parts = {part: [run[part] for run in runs] for part in runs[0]}
    stored = [run["open"] + run["check"] + run["apply"] for run in runs]
    correct = most <= MEMORY_MIB
    told = {part: [round(second, 2) for second in seconds] for part, seconds in parts.items()}
    show("P8 stored / parse", STORED_GOAL, stored, parts["parse"], correct=correct, at_most=True, seconds=told,
         peak_mib=most, peak_goal_mib=MEMORY_MIB, **how)  # fmt: skip
    show("P8 check / parse", CHECK_GOAL, parts["check"], parts["parse"], correct=correct, at_most=True,
         database=how["database"])  # fmt: skip
    if "bare" in parts:
        show("P8 apply / bare insert", APPLY_GOAL, parts["apply"], parts["bare"], correct=correct, at_most=True,
             database=how["database"])  # fmt: skip
    return 0 if correct else 1


if __name__ == "__main__":
    sys.exit(main())
