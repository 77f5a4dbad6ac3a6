"""P16: the slowest repair of one cell of a checked list, at 100,000 rows against 100,000 known people; goal 100 ms.

Cells of every kind are repaired: numbers that become others' and their own again, phones that others have, names,
dates, departments. `python -m benchmarks.p16_repair [--rows N]`.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path
from random import Random

from benchmarks.directory import directories
from benchmarks.figure import show
from benchmarks.lists import write_list
from benchmarks.p8_import import timed
from welfare_desk.services import import_check, people_import

GOAL_MS = 100
REPAIRS = 60
VALUES = (
    (0, ("0000005", "0000007", "", "A-17", "0009999")), (1, ("张三", "", "Ann Lee")), (2, ("总部/新组", "总部")),
    (3, ("13000000005", "138", "")), (4, ("p0000005@example.com", "x@")), (5, ("2020-02-30", "2021/3/4", "03/04/2021")),
)  # fmt: skip


def main() -> int:
    """Prints the figure; 1 when the repaired check is not what a whole check says."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=100_000)
    rows = parser.parse_args().rows
    random = Random(16)
    with tempfile.TemporaryDirectory(prefix="wd-p16-") as name, directories(rows, postgres=False) as (ctx,):
        path = Path(name) / "people.csv"
        write_list(path, rows)
        table = people_import.open_list(path)
        whole, check = timed(lambda: people_import.check_list(ctx, table))
        times = []
        for _repair in range(REPAIRS):
            column, values = random.choice(VALUES)
            index, value = random.randrange(rows), random.choice(values)
            began = time.perf_counter(), time.thread_time()
            import_check.repair(ctx, check, index=index, column=column, value=value)
            times.append((time.perf_counter() - began[0], time.thread_time() - began[1]))
        facets = check.facets
        check.state.read(lambda _done, _total: None)
        correct = facets == check.facets
    walls, busy = (sorted(1000 * pair[at] for pair in times) for at in (0, 1))
    return show(
        "P16 slowest repair ms / goal ms", 1, [walls[-1]], [GOAL_MS], correct=correct, at_most=True, rows=rows,
        check_s=round(whole, 2), median_ms=round(walls[len(walls) // 2], 1), slowest_ms=round(walls[-1], 1),
        slowest_cpu_ms=round(busy[-1], 1), facets=facets,
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
