"""Many rows at once arrive as they were given, whatever their number; copying the log is left to turns only."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support.world import open_world
from welfare_desk.context import AppContext
from welfare_desk.db import bulk_sql, engine
from welfare_desk.db.models.people import PersonChange, PersonImport
from welfare_desk.services import turns

COLUMNS = ("import_id", "person_id", "before", "after")
PER_STATEMENT = bulk_sql.PARAMETERS // len(COLUMNS)


def _open(ctx: AppContext, session: Session) -> None:
    session.add(PersonImport(id=1, at=1, operator="", filename="", file_hash="", state="applied", lease_until=None,
                             report={}))  # fmt: skip


@pytest.mark.parametrize("count", [0, 1, PER_STATEMENT - 1, PER_STATEMENT, PER_STATEMENT + 1, 2 * PER_STATEMENT + 3])
def test_every_row_arrives_once_and_in_its_columns(database_url: str, tmp_path: Path, count: int) -> None:
    ctx = open_world(database_url, tmp_path).ctx
    ctx.write(_open)
    given = [(1, number, None if number % 3 else "{}", f'{{"n":{number}}}') for number in range(count)]
    ctx.write(lambda _ctx, session: bulk_sql.insert_rows(session, "person_change", COLUMNS, iter(given)))
    wanted = select(PersonChange.person_id, PersonChange.before, PersonChange.after).order_by(PersonChange.person_id)
    found = [tuple(row) for row in ctx.read(lambda session: session.execute(wanted).all())]
    ctx.engine.dispose()
    assert found == [(number, None if number % 3 else {}, {"n": number}) for number in range(count)]


def test_commits_of_turns_do_not_copy_the_log_all_others_do(sqlite_database: str, tmp_path: Path) -> None:
    ctx = open_world(sqlite_database, tmp_path).ctx
    seen: list[int] = []

    def pages(_ctx: AppContext, session: Session, rows: object = ()) -> None:
        seen.append(session.connection().exec_driver_sql("PRAGMA wal_autocheckpoint").scalar_one())

    ctx.write(pages)
    turns.in_turns(ctx, pages, list(range(1000)))
    for _connection_of_the_pool in range(3):
        ctx.write(pages)
    ctx.engine.dispose()
    assert seen[0] == engine.CHECKPOINT_PAGES
    assert seen[1:-3]
    assert set(seen[1:-3]) == {0}
    assert seen[-3:] == [engine.CHECKPOINT_PAGES] * 3


def test_turns_leave_little_in_the_log(sqlite_database: str, tmp_path: Path) -> None:
    ctx = open_world(sqlite_database, tmp_path).ctx
    ctx.write(_open)

    def write(_ctx: AppContext, session: Session, rows: list[int]) -> None:
        bulk_sql.insert_rows(
            session, "person_change", COLUMNS, [(1, row, None, '{"n":"' + "x" * 500 + '"}') for row in rows]
        )

    turns.in_turns(ctx, write, list(range(12_000)), first=3000)
    path = Path(str(ctx.engine.url.database))
    copied = path.stat().st_size
    ctx.engine.dispose()
    assert copied > 6_000_000
