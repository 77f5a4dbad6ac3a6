"""P18: seconds from pressing cancel in the middle of 20,000 new people until everything is as before.

Pressed at the worst moment: right after the import last asked whether it shall go on. Correct if a hash of everything
an import can touch is unchanged, on SQLite and PostgreSQL.
"""

from __future__ import annotations

import hashlib
import sys
import tempfile
import time
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.orm import Session

from benchmarks.figure import show
from benchmarks.lists import write_list
from benchmarks.stores import stores
from welfare_desk.context import AppContext
from welfare_desk.services import people_import

GOAL_S = 0.3
ROWS = 20_000
RUNS = 5


class Cancelled(Exception):
    """Somebody pressed cancel."""


def main() -> int:
    """Runs and prints one figure for each database."""
    return max(_on(postgres) for postgres in (False, True))


def _on(postgres: bool) -> int:
    with tempfile.TemporaryDirectory(prefix="wd-p18-") as name:
        path = Path(name) / "people.csv"
        write_list(path, ROWS)
        with stores(Path(name), postgres=postgres) as at:
            ctx = at.new()
            answers = [_cancel(ctx, path) for _run in range(RUNS)]
    seconds = [answer for answer, _same in answers]
    return show(
        "P18", 1.0, seconds, [GOAL_S] * RUNS, correct=all(same for _answer, same in answers), at_most=True,
        database="postgresql" if postgres else "sqlite", rows=ROWS, ms=[round(1000 * answer) for answer in seconds],
    )  # fmt: skip


def _cancel(ctx: AppContext, path: Path) -> tuple[float, bool]:
    """(seconds until the answer, whether nothing changed)."""
    before = ctx.read(_content)
    check = people_import.check_list(ctx, people_import.open_list(path))
    asked = [time.perf_counter()]

    def report(done: int, total: int) -> None:
        if done * 2 > total:
            raise Cancelled
        asked.append(time.perf_counter())

    try:
        people_import.apply_import(ctx, check, report=report)
    except Cancelled:
        return time.perf_counter() - asked[-1], ctx.read(_content) == before
    return 0.0, False


def _content(session: Session) -> str:
    rows = [
        [tuple(row) for row in session.execute(text(f'SELECT * FROM "{name}" ORDER BY 1, 2'))]
        for name in ("person", "person_change", "grant")
    ]
    return hashlib.sha256(repr(rows).encode()).hexdigest()


if __name__ == "__main__":
    sys.exit(main())
