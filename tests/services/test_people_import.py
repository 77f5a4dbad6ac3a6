"""Imports as change-sets on both databases: whole, cancelled without trace, recovered, undone."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from tests.support.world import World, open_world
from welfare_desk.context import AppContext
from welfare_desk.db.engine import is_sqlite
from welfare_desk.db.ids import new_id, new_ids
from welfare_desk.db.models.campaigns import Grant
from welfare_desk.db.models.people import Person, PersonImport
from welfare_desk.errors import Conflict, Refused
from welfare_desk.files.tables import Table
from welfare_desk.queries import people, people_imports
from welfare_desk.services import import_rows, import_steps, people_import
from welfare_desk.services.people import edit_person
from welfare_desk.services.people_import import ImportReport

HEADER = "工号\t姓名\t部门\t手机\t邮箱\t状态\n"


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> Iterator[World]:
    made = open_world(database_url, tmp_path)
    yield made
    made.ctx.engine.dispose()


def table(*rows: str, header: str = HEADER) -> Table:
    return people_import.open_pasted(header + "\n".join(row.replace(",", "\t") for row in rows) + "\n")


def many(count: int) -> Table:
    return table(*(f"{n:06},员工{n},总部/{n % 7}组,{13800000000 + n},p{n}@example.com,在职" for n in range(count)))


def bring(world: World, given: Table, *, absent: str = "keep") -> ImportReport:
    plan = people_import.check_list(world.ctx, given, absent=absent)
    report = people_import.apply_import(world.ctx, plan)
    assert report.rows == (
        report.created + report.updated + report.unchanged + report.rejected + report.skipped + report.duplicates
    )
    return report


def counts(report: ImportReport) -> tuple[int, ...]:
    """created, updated, unchanged, left, rejected, skipped, duplicates."""
    return (report.created, report.updated, report.unchanged, report.left, report.rejected, report.skipped,
            report.duplicates)  # fmt: skip


def content(world: World) -> str:
    """A hash of everything about people and their grants."""

    def dump(session: Session) -> str:
        rows = []
        for name, key in (("person", "id"), ("grant", "id"), ("person_change", "import_id, person_id")):
            rows.append([tuple(row) for row in session.execute(text(f'SELECT * FROM "{name}" ORDER BY {key}'))])
        return hashlib.sha256(repr(rows).encode()).hexdigest()

    return world.ctx.read(dump)


def persons(world: World) -> dict[str | None, people.PersonRow]:
    return {row.employee_no: row for row in world.ctx.read(people.people, limit=None).rows}


def grant_states(world: World) -> list[str]:
    return world.ctx.read(lambda session: list(session.scalars(select(Grant.state).order_by(Grant.id))))


def test_new_changed_unchanged_and_the_same_list_again(world: World) -> None:
    first = bring(world, table("00001,张三,总部,13800138000,a@b.cc,在职", "00002,李四,总部,13800138001,c@d.ee,在职"))
    assert counts(first) == (2, 0, 0, 0, 0, 0, 0)
    before = content(world)
    again = bring(world, table("00001,张三,总部,13800138000,a@b.cc,在职", "00002,李四,总部,13800138001,c@d.ee,在职"))
    assert counts(again) == (0, 0, 2, 0, 0, 0, 0)
    assert content(world) == before
    changed = bring(world, table("１,张三丰,总部/研发,,,", "00003,王五,总部,13800138003,,在职"))
    assert counts(changed) == (1, 1, 0, 0, 0, 0, 0)
    row = persons(world)["00001"]
    assert (row.name, row.department, row.phone, row.email) == ("张三丰", "总部/研发", "+8613800138000", "a@b.cc")


def test_verdicts_add_up(world: World) -> None:
    report = bring(
        world,
        table(
            "00001,张三,总部,13800138000,a@b.cc,在职",
            "00002,李四,总部,138,c@d.ee,在职",
            "",
            "1,王五,总部,13800138003,,在职",
            "00004,赵六,总部,13800138000,,在职",
            "00005,孙七,总部,13800138005,,离职",
        ),
    )
    assert counts(report) == (2, 0, 0, 0, 1, 2, 1)
    found = [(problem.row, problem.code, problem.level) for problem in report.problems]
    assert found == [(3, "row_phone", "error"), (5, "row_duplicate", "error"), (6, "row_phone_shared", "warning")]


def test_leaving_closes_grants_and_coming_back_opens_them(world: World) -> None:
    bring(world, table("00001,张三,总部,,a@b.cc,在职", "00002,李四,总部,,c@d.ee,在职"))
    ids = [row.id for row in persons(world).values()]
    world.campaign(world.product("top_up"), ids)
    report = bring(world, table("1,张三,总部,,a@b.cc,离职"))
    assert counts(report) == (0, 1, 0, 1, 0, 0, 0)
    assert sorted(grant_states(world)) == ["left", "open"]
    assert persons(world)["00001"].leave_date is not None
    assert counts(bring(world, table("1,张三,总部,,a@b.cc,离职")))[2:4] == (1, 0)
    back = bring(world, table("1,张三,总部,,a@b.cc,在职"))
    assert counts(back) == (0, 1, 0, 0, 0, 0, 0)
    assert grant_states(world) == ["open", "open"]
    assert persons(world)["00001"].leave_date is None


def test_people_absent_from_the_list_leave_only_when_asked(world: World) -> None:
    bring(world, table("1,张三,总部,,a@b.cc,", "2,李四,总部,,c@d.ee,", "3,王五,总部,,e@f.gg,"))
    assert counts(bring(world, table("1,张三,总部,,a@b.cc,"))) == (0, 0, 1, 0, 0, 0, 0)
    report = bring(world, table("1,张三,总部,,a@b.cc,", "2,李四,总部,138,c@d.ee,"), absent="left")
    assert counts(report) == (0, 0, 1, 1, 1, 0, 0)
    assert {number: row.status for number, row in persons(world).items()} == {"1": "active", "2": "active", "3": "left"}
    assert counts(bring(world, table("3,王五,总部,,e@f.gg,"), absent="left"))[1] == 1


def test_a_list_without_numbers_finds_people_by_phone(world: World) -> None:
    bring(world, table("00001,张三,总部,13800138000,,", "00002,李四,总部,13800138001,,", "3,王五,,13800138001,,"))
    report = bring(world, table("张三,13800138000", "新人,13800138009", "李四,13800138001", header="姓名\t手机\n"))
    assert counts(report) == (1, 0, 1, 0, 1, 0, 0)
    assert [problem.code for problem in report.problems] == ["row_several"]


class Stop(Exception):
    """Somebody pressed cancel."""


def test_cancelling_leaves_nothing_and_answers_soon(world: World) -> None:
    bring(world, table("000001,张三,总部,13800000001,,在职"))
    people_before = content(world)
    plan = people_import.check_list(world.ctx, many(6000))
    asked: list[float] = []

    def cancel(done: int, total: int) -> None:
        if done * 2 > total:
            asked.append(time.monotonic())
            raise Stop

    with pytest.raises(Stop):
        people_import.apply_import(world.ctx, plan, report=cancel)
    assert time.monotonic() - asked[0] < 3  # the goal of 0.3 s is for a machine of its own
    assert content(world) == people_before
    assert {row.state for row in world.ctx.read(people_imports.imports)} <= {"applied", "cancelled"}
    assert people_import.apply_import(world.ctx, plan).created == 5999


def test_a_check_can_be_cancelled(world: World) -> None:
    def cancel(_done: int, _total: int) -> None:
        raise Stop

    with pytest.raises(Stop):
        people_import.check_list(world.ctx, many(10), report=cancel)


def _half_apply(world: World, count: int) -> int:
    """A change-set whose program ended after some of it (as after a crash)."""
    check = people_import.check_list(world.ctx, many(count))
    import_id, at = new_id(), world.clock.now()
    world.ctx.write(import_steps.open_change_set, import_id=import_id, at=at, filename="x", file_hash="")
    references = world.ctx.read(import_rows.free_references, count=count)
    maker = import_rows.Maker(import_id=import_id, at=at, ids=new_ids(count), references=references)
    world.ctx.write(import_steps.write_part, rows=maker.part(list(check.changes)), import_id=import_id)
    return import_id


def test_a_crash_in_the_middle_is_taken_back_by_whoever_opens_next(world: World) -> None:
    before = content(world)
    _half_apply(world, 300)
    assert people_import.recover_imports(world.ctx) == 0  # its program still lives and holds the lease
    with pytest.raises(Refused, match="import_running"):
        world.ctx.write(people_import.refuse_while_applying)
    with pytest.raises(Refused, match="import_running"):
        bring(world, table("1,张三,总部,,a@b.cc,"))
    world.clock.moment += import_steps.LEASE_MS + 1
    assert people_import.recover_imports(world.ctx) == 1
    assert content(world) == before
    world.ctx.write(people_import.refuse_while_applying)


def test_a_dead_process_is_recognised_before_its_lease_ends(world: World) -> None:
    import_id = _half_apply(world, 20)

    def bury(_ctx: AppContext, session: Session) -> None:
        found = session.get_one(PersonImport, import_id)
        found.report = {**found.report, "pid": 2**22 + 12345}

    world.ctx.write(bury)
    assert people_import.recover_imports(world.ctx) == 1
    assert persons(world) == {}


def test_undo_restores_everybody_exactly(world: World) -> None:
    bring(world, table("1,张三,总部,,a@b.cc,在职", "2,李四,总部,,c@d.ee,在职"))
    world.campaign(world.product("top_up"), [persons(world)["1"].id])
    before = content(world)
    report = bring(world, table("1,张三丰,分部,,x@b.cc,离职", "3,王五,总部,,e@f.gg,"))
    assert report.import_id is not None
    done = people_import.undo_import(world.ctx, report.import_id)
    assert (done.removed, done.restored) == (1, 1)
    assert content(world) == before
    with pytest.raises(Refused, match="import_not_applied"):
        people_import.undo_import(world.ctx, report.import_id)


def test_undo_names_who_stands_in_the_way(world: World) -> None:
    first = bring(world, table("1,张三,总部,,a@b.cc,"))
    world.campaign(world.product("top_up"), [persons(world)["1"].id])
    assert first.import_id is not None
    with pytest.raises(Refused, match="import_has_grants") as refusal:
        people_import.undo_import(world.ctx, first.import_id)
    assert (refusal.value.params["name"], refusal.value.params["people"]) == ("张三 1", 1)
    second = bring(world, table("1,张三丰,总部,,a@b.cc,"))
    assert second.import_id is not None
    world.ctx.write(edit_person, person_id=persons(world)["1"].id, changes={"email": "z@z.zz"})
    with pytest.raises(Refused, match="import_changed_since"):
        people_import.undo_import(world.ctx, second.import_id)


def test_undo_names_the_later_import_that_stands_in_the_way(world: World) -> None:
    first = bring(world, table("1,张三,总部,,a@b.cc,"))
    world.clock.moment += 1000
    second = bring(world, table("1,张三丰,总部,,a@b.cc,"))
    assert first.import_id is not None
    assert second.import_id is not None
    with pytest.raises(Refused, match="import_changed_by_import") as refusal:
        people_import.undo_import(world.ctx, first.import_id)
    assert refusal.value.params["later_id"] == second.import_id
    people_import.undo_import(world.ctx, second.import_id)
    assert people_import.undo_import(world.ctx, first.import_id).removed == 1


def test_people_changed_meanwhile_stop_the_import(world: World) -> None:
    bring(world, table("1,张三,总部,,a@b.cc,"))
    plan = people_import.check_list(world.ctx, table("1,李四,总部,,a@b.cc,", "2,王五,总部,,c@d.ee,"))
    world.ctx.write(edit_person, person_id=persons(world)["1"].id, changes={"name": "赵六"})
    before = content(world)
    with pytest.raises(Conflict, match="import_stale"):
        people_import.apply_import(world.ctx, plan)
    assert content(world) == before


def test_two_lists_with_the_same_new_person_do_not_make_two(world: World) -> None:
    plans = [people_import.check_list(world.ctx, table("1,张三,总部,,a@b.cc,")) for _ in range(2)]
    people_import.apply_import(world.ctx, plans[0])
    with pytest.raises(Conflict, match="import_stale"):
        people_import.apply_import(world.ctx, plans[1])
    assert len(persons(world)) == 1


def test_no_transaction_holds_the_lock_for_long_on_sqlite(world: World) -> None:
    if not is_sqlite(world.ctx.engine):
        return
    longest = [0.0]

    def touch(_ctx: AppContext, session: Session) -> None:
        session.execute(update(Person).where(Person.id == -1).values(name="x"))

    def report(_done: int, _total: int) -> None:
        begun = time.monotonic()
        world.ctx.write(touch)
        longest[0] = max(longest[0], time.monotonic() - begun)

    plan = people_import.check_list(world.ctx, many(5000))
    assert people_import.apply_import(world.ctx, plan, report=report).created == 5000
    assert longest[0] < 1


def test_columns_can_be_set_by_hand(world: World) -> None:
    given = table("1,张三,x", header="甲\t乙\t丙\n")
    with pytest.raises(Refused, match="people_no_key"):
        people_import.check_list(world.ctx, given)
    mapping = people_import.chosen(world.ctx, given, {"甲": "employee_no", "乙": "name"})
    assert people_import.check_list(world.ctx, given, mapping=mapping).report.created == 1
    with pytest.raises(Refused, match="column_unknown"):
        people_import.chosen(world.ctx, given, {"丁": "name"})
    with pytest.raises(Refused, match="field_unknown"):
        people_import.chosen(world.ctx, given, {"甲": "shoe_size"})
    with pytest.raises(Refused, match="field_twice"):
        people_import.check_list(world.ctx, given, mapping={0: "name", 1: "name", 2: "employee_no"})


def test_lists_that_cannot_be_used(world: World) -> None:
    for header, rows, code in (
        ("姓名\n", ["张三"], "table_one_column"),
        ("工号\t部门\n", ["1,总部"], "people_no_name"),
        ("姓名\t部门\n", ["张三,总部"], "people_no_key"),
        ("工号\t姓名\n", [], "table_no_rows"),
    ):
        with pytest.raises(Refused, match=code):
            people_import.check_list(world.ctx, table(*rows, header=header))
    assert persons(world) == {}
