"""P15: how long claims wait while a list of 100,000 people is applied and undone, on SQLite and PostgreSQL.

Claims come at a steady rate to a settler in a process of its own. The figure is the longest wait in seconds; a run is
correct if every claim got a code of its own, everybody of the list was there, and nobody after the undo.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy import func, select

from benchmarks.arena import Arena, Course, arena
from benchmarks.figure import show
from welfare_desk.db.models.people import Person
from welfare_desk.services import people_import

GOAL_S = 1.0
ROWS = 100_000
RATE = 200
CLAIMS = 20_000
HEADER = "工号\t姓名\t部门\t手机\t邮箱\t状态\n"
FAMILY, GIVEN = "赵钱孙李周吴郑王冯陈", "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平"


@dataclass
class Claimed:
    """What the claimant tells at its end; waits in milliseconds, the shortest first."""

    waits: list[float] = field(default_factory=list)

    def share(self, part: float) -> float:
        """The wait that this part of the claims did not exceed."""
        return self.waits[min(len(self.waits) - 1, int(len(self.waits) * part))]


def main() -> int:
    """Runs and prints one figure for each database."""
    return max(_on(postgres) for postgres in (False, True))


def _on(postgres: bool) -> int:
    with arena(people=CLAIMS, postgres=postgres) as at:
        claimed, seconds, correct = measure(at, rows=ROWS, rate=RATE, claims=CLAIMS)
    return show(
        "P15", 1.0, [claimed.waits[-1] / 1000], [GOAL_S], correct=correct, at_most=True,
        database="postgresql" if postgres else "sqlite", worst_ms=claimed.waits[-1], p99_ms=claimed.share(0.99),
        median_ms=claimed.share(0.5), claims=len(claimed.waits), claims_per_s=RATE, rows=ROWS,
        applied_rows_per_s=round(ROWS / seconds[0]), undone_rows_per_s=round(ROWS / seconds[1]),
    )  # fmt: skip


def measure(at: Arena, *, rows: int, rate: int, claims: int) -> tuple[Claimed, tuple[float, float], bool]:
    """Applies and undoes a list while claims go on: (waits, seconds of both, whether all is there that should be)."""
    check = people_import.check_list(at.ctx, people_import.open_pasted(pasted(rows)))
    course, before = at.course(claims), _people(at)
    with _claims(at, course, rate) as claimed:
        began = time.perf_counter()
        done = people_import.apply_import(at.ctx, check)
        applied = time.perf_counter()
        brought = _people(at) - before
        assert done.import_id is not None
        undo = time.perf_counter()
        people_import.undo_import(at.ctx, done.import_id)
        undone = time.perf_counter()
    there = at.given(course)
    correct = brought == rows and _people(at) == before and there == (len(claimed.waits), len(claimed.waits))
    return claimed, (applied - began, undone - undo), correct and there[0] > 0


@contextmanager
def _claims(at: Arena, course: Course, rate: int) -> Iterator[Claimed]:
    """Claims go on within the block."""
    claimed = Claimed()
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.steady_claims", str(course.file), str(rate)], env=at.environment, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdin is not None
    try:
        assert process.stdout.readline().strip() == "ready", "the claimant did not start"
        process.stdin.write("go\n")
        process.stdin.flush()
        while at.given(course)[0] < 1:
            time.sleep(0.01)
        yield claimed
        answer = json.loads(process.communicate("stop\n", timeout=60)[0].splitlines()[-1])
        claimed.waits.extend(answer["waits_ms"])
    finally:
        process.kill()
        process.wait()


def pasted(rows: int) -> str:
    """A list as pasted from a sheet; its numbers are nobody's yet."""
    lines = (
        f"N{n:06}\t{FAMILY[n % 10]}{GIVEN[n // 10 % 20]}{GIVEN[n // 200 % 20]}\t总部/{n % 40}组\t{13800000000 + n}\t"
        f"n{n}@example.com\t在职"
        for n in range(rows)
    )
    return HEADER + "\n".join(lines) + "\n"


def _people(at: Arena) -> int:
    return at.ctx.read(lambda session: int(session.scalar(select(func.count()).select_from(Person)) or 0))


if __name__ == "__main__":
    sys.exit(main())
