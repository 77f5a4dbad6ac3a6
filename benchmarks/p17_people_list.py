"""P17: opening the list of people, a key in its search, counting its segments, at 100,000 people ÷ at 1,000.

On SQLite and PostgreSQL. Opening is everything the page asks for, one after the other (the window asks side by side,
and shows the rows as soon as they are there): the first 200 rows, how many there are, how many work here and left,
every segment's count, the tree of departments. A key is the first rows and how many there are. The median of nine
rounds each; looking at everybody takes a time that grows with them, so the ratio says how little of the rest does not.
`ms` are milliseconds at 1,000 and 100,000, `limit` what is promised at 100,000 on a machine that does nothing else.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from datetime import date
from statistics import median
from typing import Any

from benchmarks.directory import directories
from benchmarks.figure import show
from welfare_desk.context import AppContext
from welfare_desk.domain.segments import Filter
from welfare_desk.queries import departments, people, people_imports, segments
from welfare_desk.services.segments import add_segment

FEW, MANY = 1_000, 100_000
ROUNDS = 9
GOAL = MANY / FEW
DAY = date(2026, 11, 22)
KEYS = ("z", "zw", "张", "张伟", "0042", "7788", "没有这个人")
SEGMENTS: dict[str, dict[str, Any]] = {
    "new": {"hired_within_days": 400}, "birthday": {"birthday_month": "this"}, "remote": {"tags": ["远程"]},
    "shanghai": {"sites": ["上海", "杭州"]}, "senior": {"levels": ["P8", "P9"], "department": "总部"},
    "gone": {"status": "left"}, "old": {"hired_to": "2005-12-31"}, "all": {"status": "any"},
}  # fmt: skip
Work = Callable[[AppContext], object]


def main() -> int:
    """Runs and prints the figures, three for each database."""
    return max(_measure(postgres=postgres) for postgres in (False, True))


def _measure(*, postgres: bool) -> int:
    name = "postgresql" if postgres else "sqlite"
    with directories(FEW, MANY, postgres=postgres) as (few, many):
        for ctx in (few, many):
            for key, wanted in SEGMENTS.items():
                ctx.write(add_segment, name=key, wanted=wanted)
        correct = all(_counts_agree(ctx) for ctx in (few, many))
        statuses = [
            _figure(f"P17 open {name}", 300, [_open], few, many, correct=correct),
            _figure(f"P17 key {name}", 100, [_key(typed) for typed in KEYS], few, many, correct=correct),
            _figure(f"P17 segments {name}", 300, [_segments], few, many, correct=correct),
        ]
    return max(statuses)


def _figure(
    name: str, limit: int, works: list[Work], few: AppContext, many: AppContext, *, correct: bool
) -> int:  # fmt: skip
    below: list[float] = []
    above: list[float] = []
    slowest = 0.0
    for work in works:
        small, large = [], []
        for _round in range(ROUNDS):
            small.append(_seconds(work, few))
            large.append(_seconds(work, many))
        below.append(median(small))
        above.append(median(large))
        slowest = max(slowest, above[-1])
    ms = [round(median(values) * 1000, 1) for values in (below, above)]
    return show(name, GOAL, above, below, correct=correct, at_most=True, ms=ms, slowest_ms=round(slowest * 1000, 1),
                limit=limit, within=slowest * 1000 <= limit)  # fmt: skip


def _seconds(work: Work, ctx: AppContext) -> float:
    started = time.perf_counter()
    work(ctx)
    return time.perf_counter() - started


def _open(ctx: AppContext) -> None:
    wanted = Filter()
    ctx.read(people.people, wanted=wanted, today=DAY)
    ctx.read(people.count_people, wanted=wanted, today=DAY)
    ctx.read(segments.overview, today=DAY)
    ctx.read(departments.departments)
    ctx.read(people_imports.last_import)


def _key(typed: str) -> Work:
    def press(ctx: AppContext) -> None:
        ctx.read(people.people, search=typed, wanted=Filter(), today=DAY)

    return press


def _segments(ctx: AppContext) -> None:
    ctx.read(segments.segments, today=DAY)


def _counts_agree(ctx: AppContext) -> bool:
    """Every segment's count is the length of its list."""
    return all(
        row.people == len(ctx.read(people.people, wanted=row.filter, today=DAY, limit=None).rows)
        for row in ctx.read(segments.segments, today=DAY)
    )


if __name__ == "__main__":
    sys.exit(main())
