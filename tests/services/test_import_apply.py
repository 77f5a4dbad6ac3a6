"""Applying and undoing on both databases: what a change-set leaves behind, and what it leaves when it is cut off."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from tests.support.world import World, open_world
from welfare_desk import wiring
from welfare_desk.context import AppContext
from welfare_desk.db import bulk_sql, migrate
from welfare_desk.db.engine import is_sqlite, open_engine
from welfare_desk.db.ids import new_ids
from welfare_desk.db.models.campaigns import Campaign
from welfare_desk.db.models.people import ImportMapping, Person, PersonChange, PersonImport
from welfare_desk.errors import Conflict, Refused
from welfare_desk.files import columns
from welfare_desk.files.tables import Table
from welfare_desk.queries import people_imports
from welfare_desk.security import references
from welfare_desk.security.references import each_reference
from welfare_desk.services import import_rows, import_steps, people_import, setup

HEADER = ("工号", "姓名", "部门", "手机", "邮箱", "状态")
PASSWORD = "correct horse"
APPLY = """
import sys
from pathlib import Path
from welfare_desk import wiring
from welfare_desk.services import people_import

def report(done, total):
    if done * 2 >= total:
        print("half", flush=True)
        sys.stdin.readline()

data, database, listed = sys.argv[1:]
ctx = wiring.desk(Path(data), database, password="correct horse")
people_import.apply_import(ctx, people_import.check_list(ctx, people_import.open_list(Path(listed))), report=report)
"""


class Stop(Exception):
    """Somebody pressed cancel."""


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> Iterator[World]:
    made = open_world(database_url, tmp_path)
    yield made
    made.ctx.engine.dispose()


def lines(numbers: range, *, department: str = "总部", status: str = "在职") -> str:
    rows = (f"{n:06}\t员工{n}\t{department}\t{13800000000 + n}\tp{n}@example.com\t{status}" for n in numbers)
    return "\n".join(rows) + "\n"


def table(*parts: str) -> Table:
    return people_import.open_pasted("\t".join(HEADER) + "\n" + "".join(parts))


def content(ctx: AppContext) -> str:
    """A hash of everything an import can touch."""

    def dump(session: Session) -> str:
        rows = []
        for name, key in (("person", "id"), ("grant", "id"), ("person_change", "import_id, person_id")):
            rows.append([tuple(row) for row in session.execute(text(f'SELECT * FROM "{name}" ORDER BY {key}'))])
        return hashlib.sha256(repr(rows).encode()).hexdigest()

    return ctx.read(dump)


def bring(world: World, given: Table, *, absent: str = "keep") -> int:
    report = people_import.apply_import(world.ctx, people_import.check_list(world.ctx, given, absent=absent))
    assert report.import_id is not None
    return report.import_id


def mixed() -> Table:
    """People who change, leave, come back and join; 400 to 499 are not in it."""
    return table(
        lines(range(200), department="分部"), lines(range(200, 300), status="离职"), lines(range(300, 400)),
        lines(range(500, 2500)),
    )  # fmt: skip


def before_mixed(world: World) -> None:
    """The people of `mixed` as they were, with grants; 300 to 399 left."""
    bring(world, table(lines(range(300)), lines(range(400, 500))))
    bring(world, table(lines(range(300, 400))))
    campaign_of = world.ctx.read(lambda session: list(session.scalars(select(Person.id).order_by(Person.key))))
    world.campaign(world.product("top_up"), campaign_of)
    bring(world, table(lines(range(300, 400), status="离职")))


def test_new_people_say_who_brought_them_and_changed_ones_have_images(world: World) -> None:
    first = bring(world, table(lines(range(3))))
    second = bring(world, table(lines(range(2, 6), department="分部")))
    wanted = select(Person.employee_no, Person.import_id)
    brought = world.ctx.read(lambda session: {row.employee_no: row.import_id for row in session.execute(wanted)})
    assert brought == {"000000": first, "000001": first, "000002": first,
                       "000003": second, "000004": second, "000005": second}  # fmt: skip
    images = world.ctx.read(lambda s: s.execute(select(PersonChange.import_id, PersonChange.before)).all())
    assert [(import_id, before["employee_no"]) for import_id, before in images] == [(second, "000002")]


@pytest.mark.parametrize("absent", ["keep", "left"])
def test_undo_of_changed_new_and_left_people_restores_everything(world: World, absent: str) -> None:
    before_mixed(world)
    before = content(world.ctx)
    import_id = bring(world, mixed(), absent=absent)
    assert content(world.ctx) != before
    done = people_import.undo_import(world.ctx, import_id)
    assert (done.removed, done.restored) == (2000, 400 if absent == "keep" else 500)
    assert content(world.ctx) == before
    assert {row.state for row in world.ctx.read(people_imports.imports)} == {"applied", "undone"}


@pytest.mark.parametrize("moment", [0.0, 0.5, 0.9, 1.0])
def test_cancelling_at_any_moment_leaves_nothing(world: World, moment: float) -> None:
    before_mixed(world)
    before = content(world.ctx)

    def cancel(done: int, total: int) -> None:
        if done >= total * moment:
            raise Stop

    check = people_import.check_list(world.ctx, mixed(), absent="left")
    with pytest.raises(Stop):
        people_import.apply_import(world.ctx, check, report=cancel)
    assert content(world.ctx) == before
    world.ctx.write(people_import.refuse_while_applying)


def test_progress_ends_at_the_total(world: World) -> None:
    before_mixed(world)
    told: list[tuple[int, int]] = []
    check = people_import.check_list(world.ctx, mixed(), absent="left")
    done = people_import.apply_import(world.ctx, check, report=lambda *progress: told.append(progress))
    assert told == sorted(told)
    assert told[-1] == (2500, 2500)
    told.clear()
    people_import.undo_import(world.ctx, done.import_id or 0, report=lambda *progress: told.append(progress))
    assert told == sorted(told)
    assert told[-1] == (2500, 2500)


def test_what_the_columns_were_is_remembered_with_the_import(world: World) -> None:
    given = table(lines(range(2)))
    check = people_import.check_list(world.ctx, given, mapping={0: "employee_no", 1: "name"})
    people_import.apply_import(world.ctx, check)
    kept = world.ctx.read(lambda s: s.get(ImportMapping, columns.fingerprint(HEADER)))
    assert kept is not None
    assert kept.mapping == columns.to_keep(HEADER, {0: "employee_no", 1: "name"})
    assert {index: match.field for index, match in people_import.guess(world.ctx, given).items() if match.field} == {
        0: "employee_no", 1: "name"}  # fmt: skip


def test_no_undo_while_a_campaign_is_launched(world: World) -> None:
    import_id = bring(world, table(lines(range(2))))
    campaign, _grants = world.campaign(world.product("top_up"), [])
    launching = update(Campaign).where(Campaign.id == campaign)
    world.ctx.write(lambda _ctx, session: session.execute(launching.values(state="launching")))
    with pytest.raises(Refused, match="import_launching"):
        people_import.undo_import(world.ctx, import_id)
    world.ctx.write(lambda _ctx, session: session.execute(launching.values(state="open")))
    assert people_import.undo_import(world.ctx, import_id).removed == 2


def test_a_campaign_launched_since_one_looked_stops_an_undo(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    import_id = bring(world, table(lines(range(2))))
    before = content(world.ctx)
    looked = import_steps.touched

    def and_then(session: Session, **kw: int) -> object:
        monkeypatch.undo()
        world.campaign(world.product("top_up"), [])
        return looked(session, **kw)

    monkeypatch.setattr(import_steps, "touched", and_then)
    with pytest.raises(Refused, match="import_launching"):
        people_import.undo_import(world.ctx, import_id)
    assert content(world.ctx) == before


def open_half(world: World, changes: int) -> tuple[int, import_rows.Maker, people_import.Check]:
    """A change-set that was opened, and what is to be written into it."""
    check = people_import.check_list(world.ctx, table(lines(range(changes))))
    [import_id, *ids] = new_ids(changes + 1)
    at = world.clock.now()
    world.ctx.write(import_steps.open_change_set, import_id=import_id, at=at, filename="x", file_hash="")
    references = world.ctx.read(import_rows.free_references, count=changes)
    return import_id, import_rows.Maker(import_id=import_id, at=at, ids=ids, references=references), check


def test_a_program_that_slept_and_lost_its_change_set_leaves_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It writes once more while somebody else takes the change-set back; that part goes too."""
    before = content(world.ctx)
    import_id, maker, check = open_half(world, 40)
    changes = list(check.changes)
    world.ctx.write(import_steps.write_part, rows=maker.part(changes[:20]), import_id=import_id)
    world.clock.moment += import_steps.LEASE_MS + 1
    ended = import_steps.end

    def once_more(ctx: AppContext, session: Session, *, import_id: int) -> bool:
        monkeypatch.undo()
        import_steps.write_part(ctx, session, rows=maker.part(changes[20:]), import_id=import_id)
        return ended(ctx, session, import_id=import_id)

    monkeypatch.setattr(import_steps, "end", once_more)
    assert people_import.recover_imports(world.ctx) == 1
    assert content(world.ctx) == before
    with pytest.raises(Conflict, match="import_stale"):
        world.ctx.write(import_steps.write_part, rows=maker.part(changes[:1]), import_id=import_id)


def test_an_undo_that_was_cut_off_is_ended_as_an_undo(world: World) -> None:
    before = content(world.ctx)
    import_id = bring(world, table(lines(range(30))))
    world.ctx.write(import_steps.reopen, import_id=import_id, ends="undone")
    ids = world.ctx.read(import_steps.brought, import_id=import_id)
    world.ctx.write(import_steps.remove_part, rows=ids[:10], import_id=import_id)
    world.clock.moment += import_steps.LEASE_MS + 1
    assert people_import.recover_imports(world.ctx) == 1
    assert content(world.ctx) == before
    assert [row.state for row in world.ctx.read(people_imports.imports)] == ["undone"]


def test_killed_in_the_middle_nothing_is_half_done(database_url: str, tmp_path: Path) -> None:
    data, listed = tmp_path / "data", tmp_path / "list.tsv"
    setup.prepare(data=data, database=database_url, password=PASSWORD)
    ctx = wiring.desk(data, database_url, password=PASSWORD)
    people_import.apply_import(ctx, people_import.check_list(ctx, table(lines(range(300)))))
    before = content(ctx)
    listed.write_text("\t".join(HEADER) + "\n" + lines(range(100, 6000), department="分部"), encoding="utf-8")
    child = subprocess.Popen([sys.executable, "-c", APPLY, str(data), database_url, str(listed)],
                             stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # fmt: skip
    assert child.stdout is not None
    assert child.stdout.readline().strip() == b"half"
    child.kill()
    child.communicate()
    there = ctx.read(lambda session: session.scalar(select(func.count()).select_from(Person)) or 0)
    assert (there > 300) == is_sqlite(ctx.engine)  # on PostgreSQL it was one transaction
    ctx.engine.dispose()
    next_one = wiring.desk(data, database_url, password=PASSWORD)
    assert content(next_one) == before
    assert next_one.read(people_imports.import_running) is False
    next_one.engine.dispose()


def test_an_import_of_the_first_schema_can_be_undone(empty_database_url: str, tmp_path: Path) -> None:
    """It kept an image of nothing for everybody new, and birthday and the like beside the columns."""
    engine = open_engine(empty_database_url)
    config = Config()
    config.set_main_option("script_location", str(migrate.SCRIPTS))
    with engine.execution_options(write=True).connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    known = {"id": 1, "key": "n:1", "employee_no": "1", "name": "张三", "department": "总部", "email": None,
             "phone": None, "hire_date": None, "leave_date": None, "status": "active", "updated_at": 5}  # fmt: skip
    before, after = (json.dumps({**known, "extra": {"tag": tags}}) for tags in ("远程", "骨干"))
    with Session(engine.execution_options(write=True)) as session:
        bulk_sql.insert_rows(session, "person_import", (
            "id", "at", "operator", "filename", "file_hash", "state", "lease_until", "report"
        ), [(7, 9, "test", "x", "", "applied", None, "{}")])  # fmt: skip
        bulk_sql.insert_rows(session, "person", (
            "id", "reference", "key", "employee_no", "name", "pinyin", "department", "status", "extra", "created_at",
            "updated_at",
        ), [(1, "A", "n:1", "1", "张三丰", "", "总部", "active", '{"tag": "骨干"}', 5, 9),
            (2, "B", "n:2", "2", "李四", "", "总部", "active", "{}", 9, 9)])  # fmt: skip
        bulk_sql.insert_rows(session, "person_change", ("import_id", "person_id", "before", "after"), [
            (7, 1, before, after), (7, 2, None, "{}")])  # fmt: skip
        session.commit()
    migrate.upgrade(engine)
    engine.dispose()
    world = open_world(empty_database_url, tmp_path)
    assert world.ctx.read(import_steps.touched, import_id=7) == ([1], [2])
    done = people_import.undo_import(world.ctx, 7)
    assert (done.removed, done.restored) == (1, 1)
    [row] = world.ctx.read(lambda session: session.scalars(select(Person)).all())
    assert (row.name, row.tags, row.extra, row.updated_at) == ("张三", ",远程,", {}, 5)
    assert world.ctx.read(lambda session: session.get_one(PersonImport, 7)).state == "undone"
    world.ctx.engine.dispose()


def test_references_that_somebody_has_are_not_given_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    bring(world, table(lines(range(20))))
    taken = world.ctx.read(lambda session: session.scalars(select(Person.reference).limit(5)).all())
    made = references.new_references
    for most in (10, 5000):  # below and above asking for each
        monkeypatch.setattr(import_rows, "READ_ALL_FROM", most)
        monkeypatch.setattr(import_rows, "new_references", lambda count: made(count) if count == 5 else "".join(
            [*taken, made(count - 5)]))  # fmt: skip
        free = list(each_reference(world.ctx.read(import_rows.free_references, count=200)))
        assert len(set(free)) == 200
        assert free == sorted(free)
        assert set(free).isdisjoint(taken)
