"""The check of a list on both databases: facets, pages, repairs with undo, people absent, what changes field by field."""

# ruff: noqa: E501
from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support import lists
from tests.support.world import World, open_world
from welfare_desk.domain.ahead import CHUNK
from welfare_desk.errors import Refused
from welfare_desk.files.chunks import CHUNK_ROWS
from welfare_desk.files.tables import Table
from welfare_desk.queries import known_people
from welfare_desk.services import import_ahead, import_check, people_import
from welfare_desk.services.import_check import FACETS, Check

HEADER = "工号\t姓名\t部门\t手机\t邮箱\t入职日期\t状态\t身份证号\n"


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> Iterator[World]:
    made = open_world(database_url, tmp_path)
    bring(
        made,
        "00001,张三,总部,13800138001,a@b.cc,2020-01-05,在职,",
        "00002,李四,总部,13800138002,b@b.cc,,在职,",
        "00003,王五,总部,,c@b.cc,,离职,",
        absent="keep",
    )
    bring(made, "00004,赵六,总部,13800138004,,,在职,", "00003,王五,总部,,c@b.cc,,在职,")
    yield made
    made.ctx.engine.dispose()


def table(*rows: str) -> Table:
    return people_import.open_pasted(HEADER + "\n".join(row.replace(",", "\t") for row in rows) + "\n")


def bring(world: World, *rows: str, absent: str = "keep") -> None:
    people_import.apply_import(world.ctx, people_import.check_list(world.ctx, table(*rows), absent=absent))


def check_of(world: World, *rows: str, absent: str = "keep") -> Check:
    return people_import.check_list(world.ctx, table(*rows), absent=absent)


def adds_up(check: Check) -> None:
    report, facets = check.report, check.facets
    assert (
        report.rows
        == report.created + report.updated + report.unchanged + report.rejected + report.skipped + report.duplicates
    )
    assert facets["ready"] == report.created + report.updated + report.unchanged
    assert facets["all"] == facets["ready"] + facets["repair"] + facets["duplicate"] + facets["skipped"]
    for facet in FACETS:
        page = import_check.rows(check, facet=facet, limit=1000)
        assert len(page) == import_check.count(check, facet) == facets[facet]
        split = [import_check.rows(check, facet=facet, offset=at, limit=1) for at in range(len(page) + 1)]
        assert [row for part in split for row in part] == list(page)


MIXED = (
    "1,张三,财务部,13800138001,a@b.cc,2020-01-05,在职,110101199001011234",  # another department
    "00002,李四,总部,13800138002,b@b.cc,,离职,",  # leaves
    "4,赵六,总部,13800138004,,,在职,",  # the same
    "5,钱七,总部,13800138001,,,在职,",  # new, with somebody else's phone
    "5,钱八,总部,,,,在职,",  # the later of two
    "6,,总部,138,x@,,在职,",  # three problems
    "7,孙九,总部,,,,离职,",  # a stranger who has left
    "合计,8,,,,,,",
)  # fmt: skip


def test_every_row_is_in_its_facets(world: World) -> None:
    check = check_of(world, *MIXED)
    adds_up(check)
    assert check.facets == {
        "all": 8, "ready": 4, "repair": 1, "duplicate": 1, "known": 1, "join": 1, "change": 1, "same": 1, "leave": 1, "skipped": 2,
    }  # fmt: skip
    change, leave, _same, join, later, bad, *_rest = import_check.rows(check)
    assert [(one.field, one.before, one.after) for one in change.changes] == [("department", "总部", "财务部")]
    assert {one.field for one in leave.changes} == {"leave_date", "status"}
    assert [problem.code for problem in join.problems] == ["row_phone_shared"]
    assert (join.problems[0].level, join.problems[0].params["name"]) == ("warning", "张三")
    assert [(problem.code, problem.params["first"]) for problem in later.problems] == [("row_duplicate", 5)]
    assert {problem.code for problem in bad.problems} == {"row_no_name", "row_phone", "row_email"}
    assert check.diff == (1, 2, 1, 1, (("department", 1), ("leave_date", 1), ("status", 1)))
    assert import_check.next_problem(check, None) == 5 == import_check.next_problem(check, 5)
    assert import_check.place(check, "repair", 5) == 0
    assert import_check.place(check, "join", 5) is None


def test_a_number_that_now_has_another_name_is_pointed_out(world: World) -> None:
    check = check_of(world, "1,孙十,总部,,,,,", "00002,李 四,总部,,,,,", "00004,赵六,总部,,,,,", "00009,新人,总部,,,,,")
    given_anew, *others = import_check.rows(check)
    (problem,) = given_anew.problems
    assert (problem.code, problem.column, problem.level) == ("row_renamed", "姓名", "warning")
    assert problem.params["name"] == "张三"
    assert [row.problems for row in others] == [(), (), ()]
    assert [problem.row for problem in check.report.problems] == [2]
    assert check.facets["repair"] == 0
    assert check.report.updated == 1


def test_whoever_a_refused_row_may_mean_is_not_absent(world: World) -> None:
    check = check_of(world, ",张三,总部,,,,,", "2,李四,总部,,,,,", ",,总部,13800138004,bad,,,", absent="left")
    assert check.report.rejected == 2
    assert [change.after.name for change in check.changes] == ["王五"]  # 赵六 has that phone
    check = check_of(world, "2,李四,总部,,,,,", absent="left")
    assert [change.after.name for change in check.changes] == ["张三", "赵六", "王五"]


def test_people_leave_on_the_day_it_is_where_they_are(world: World) -> None:
    world.clock.moment = int(datetime(2026, 11, 30, 17, 48, tzinfo=UTC).timestamp() * 1000)
    check = check_of(world, "00002,李四,总部,,,,离职,")
    assert [change.after.leave_date for change in check.changes] == ["2026-12-01"]


def test_sensitive_values_are_masked_and_stay_out_unless_ticked(world: World) -> None:
    check = check_of(world, MIXED[0])
    assert "身份证号" in check.report.ignored
    assert import_check.rows(check)[0].cells[7] == "110****1234"
    mapping = {index: match.field for index, match in people_import.guess(world.ctx, check.table).items()}
    ticked = people_import.check_list(world.ctx, check.table, mapping={**mapping, 7: "id_number"})
    (row,) = import_check.rows(ticked)
    assert {change.field: change.after for change in row.changes}["id_number"] == "110****1234"
    (change,) = ticked.changes
    assert change.after.extra == {"id_number": "110101199001011234"}


def test_people_absent_are_kept_or_left_without_reading_again(world: World) -> None:
    check = check_of(world, "1,张三,总部,13800138001,a@b.cc,,在职,", "00003,王五,总部,,c@b.cc,,,")
    assert (check.absent, check.report.left, check.facets["leave"]) == (2, 0, 0)
    done = import_check.switch(world.ctx, check, absent="left")
    assert (check.absent, done.report.left, done.facets["leave"]) == (2, 2, 2)
    absent = import_check.rows(check, facet="leave")
    assert [(row.index, row.number, row.facet, row.cells[1]) for row in absent] == [
        (None, None, "leave", "李四"),
        (None, None, "leave", "赵六"),
    ]
    adds_up(check)
    assert import_check.switch(world.ctx, check, absent="keep").report.left == 0
    import_check.switch(world.ctx, check, absent="left")
    assert people_import.apply_import(world.ctx, check).left == 2


def test_repairing_one_cell_by_hand(world: World) -> None:
    check = check_of(world, *MIXED)
    import_check.repair(world.ctx, check, index=5, column=1, value="周十")
    import_check.repair(world.ctx, check, index=5, column=3, value="")
    done = import_check.repair(world.ctx, check, index=5, column=4, value="x@b.cc")
    assert (done.report.rejected, done.report.created, done.facets["repair"]) == (0, 2, 0)
    assert [row.index for row in done.rows] == [5]
    assert import_check.next_problem(check, None) is None
    done = import_check.repair(world.ctx, check, index=3, column=0, value="9")  # the later of two is the first now
    assert {row.index: row.facet for row in done.rows} == {0: "change", 3: "join", 4: "join"}  # 0 has the phone of 3
    done = import_check.repair(world.ctx, check, index=3, column=0, value="2")  # somebody known, in an earlier row
    assert {row.index: row.facet for row in done.rows}[3] == "duplicate"
    done = import_check.repair(world.ctx, check, index=1, column=0, value="00033")
    assert {row.index: row.facet for row in done.rows} == {1: "skipped", 3: "change"}
    adds_up(check)
    for _step in range(6):
        import_check.undo(world.ctx, check)
    assert told(check) == told(check_of(world, *MIXED))
    assert import_check.undo(world.ctx, check).rows == ()
    for _step in range(6):
        import_check.redo(world.ctx, check)
    assert check.facets["repair"] == 0
    assert import_check.redo(world.ctx, check).rows == ()


DIRTY = (
    "00011,张 三,总部,手机:13800138011,d@qq,2024年1月5日起,已离职2024,",
    "12,李四 ,总部,13800138012/13800138013,邮箱：e@b.cc,二〇二四年一月五日,在职,",
    "00013,王五,总部,138,f@b。cc,03/04/2024,在职,",
    "１４,赵六,总部,,g@qqcom,03/05/2024,在 职,",
)  # fmt: skip


def test_one_click_repairs_say_what_they_do_and_do_it(world: World) -> None:
    check = check_of(world, *DIRTY)
    offered = {
        (offer.kind, offer.header): (offer.count, offer.before, offer.after) for offer in import_check.offers(check)
    }
    assert offered == {
        ("trim", "姓名"): (1, "李四 ", "李四"),
        ("full_width", "工号"): (1, "１４", "14"),
        ("full_width", "邮箱"): (1, "邮箱：e@b.cc", "邮箱:e@b.cc"),
        ("pad_zeros", "工号"): (2, "12", "00012"),
        ("phone", "手机"): (1, "手机:13800138011", "13800138011"),
        ("email", "邮箱"): (3, "邮箱：e@b.cc", "e@b.cc"),
        ("date", "入职日期"): (2, "2024年1月5日起", "2024-01-05"),
        ("day_first", "入职日期"): (2, "03/04/2024", "2024-04-03"),
        ("month_first", "入职日期"): (2, "03/04/2024", "2024-03-04"),
        ("status", "状态"): (2, "已离职2024", "已离职"),
    }
    before = told(check)
    done = import_check.repair_all(world.ctx, check, kind="pad_zeros", column=0)
    assert [row.cells[0] for row in done.rows] == ["00012", "00014"]
    for kind, column in (("phone", 3), ("email", 4), ("date", 5), ("month_first", 5), ("status", 6)):
        import_check.repair_all(world.ctx, check, kind=kind, column=column)
    assert [row.facet for row in import_check.rows(check)] == ["repair", "repair", "repair", "join"]
    assert import_check.rows(check)[3].cells[:1] + import_check.rows(check)[3].cells[4:7] == (
        "00014",
        "g@qq.com",
        "2024-03-05",
        "在职",
    )
    for _step in range(6):
        import_check.undo(world.ctx, check)
    assert told(check) == before


def test_rows_that_are_skipped_stay_skipped(world: World) -> None:
    check = check_of(
        world, "00021,新人,总部,,,,,", HEADER.strip().replace("\t", ","), "示例： ,张三,,,,,,", "合计,5,,,,,,"
    )
    assert (check.facets["skipped"], import_check.offers(check)) == (3, ())


def test_a_number_without_zeros_takes_the_width_of_those_known(world: World) -> None:
    check = check_of(world, "1,张三,总部,,,,,", "22,新人,总部,,,,,")
    (offer,) = import_check.offers(check)
    assert (offer.kind, offer.count, offer.before, offer.after) == ("pad_zeros", 2, "1", "00001")


def test_refused_rows_are_saved_as_repaired_and_import_again(world: World, tmp_path: Path) -> None:
    check = check_of(world, *MIXED)
    import_check.repair(world.ctx, check, index=5, column=1, value="周十")
    path = tmp_path / "refused.xlsx"
    assert people_import.save_rejects(check, path) == 2
    again = people_import.check_list(world.ctx, people_import.open_list(path))
    assert [row.cells[1] for row in import_check.rows(again)] == ["钱八", "周十"]


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
@pytest.mark.parametrize("kept", [2999, 3000])
def test_a_long_list_is_not_read_ahead(
    ending: str, kept: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    path = lists.clean(tmp_path / f"list.{ending}", rows=2999)
    monkeypatch.setattr(import_ahead, "KEPT_ROWS", kept)
    table = people_import.open_list(path)
    assert len(table.rows) == 2999 <= table.height <= 3000
    assert (table.ahead is None) == (table.height > kept)


@pytest.mark.parametrize("last", ["2024-01-05", "13/04/2024"])
def test_rows_read_while_the_file_is_read_are_the_rows_of_the_check(world: World, tmp_path: Path, last: str) -> None:
    world.clock.moment = int(time.time() * 1000)
    path = tmp_path / "list.csv"
    lines = [f"{n:05},员工{n % 700},总部,{13800000000 + n % 2900},,03/04/2024,在职," for n in range(3400)]
    path.write_text(
        HEADER.replace("\t", ",") + "\n".join([*lines, *MIXED, f"9,末位,总部,,,{last},,"]) + "\n", encoding="utf-8"
    )
    ahead = people_import.open_list(path)
    assert ahead.ahead is not None
    assert len(ahead.ahead.found) == 3
    check = people_import.check_list(world.ctx, ahead)
    import_check.repair(world.ctx, check, index=5, column=1, value="周十")
    plain = people_import.open_list(path)
    plain.ahead = None
    assert (check.facets["repair"] > 3000) == (last == "2024-01-05")  # nothing says which comes first, day or month
    assert told(people_import.check_list(world.ctx, ahead)) == told(people_import.check_list(world.ctx, plain))
    others = {0: "employee_no", 1: "name", 2: "site"}
    assert told(people_import.check_list(world.ctx, ahead, mapping=others)) == told(
        people_import.check_list(world.ctx, plain, mapping=others)
    )


def test_a_chunk_is_a_line() -> None:
    assert CHUNK == CHUNK_ROWS


class Stop(Exception):
    """What a person's cancel raises."""


def test_cancelled_work_leaves_the_check_as_it_was(world: World) -> None:
    check = check_of(world, *DIRTY, *MIXED)
    before = told(check)

    def stop(_done: int, _total: int = 0, _text: str = "") -> None:
        raise Stop

    for work in (
        lambda: import_check.switch(world.ctx, check, absent="left", report=stop),
        lambda: import_check.repair_all(world.ctx, check, kind="pad_zeros", column=0, report=stop),
        lambda: import_check.offers(check, report=stop),
        lambda: people_import.check_list(world.ctx, check.table, report=stop),
    ):
        with pytest.raises(Stop):
            work()
        assert told(check) == before


def told(check: Check) -> Any:
    """Everything a check says."""
    report = check.report
    return (import_check.rows(check, limit=1000), check.facets, check.diff, tuple(check.changes), tuple(report.problems),
            tuple(getattr(report, name) for name in ("rows", "created", "updated", "unchanged", "left", "rejected", "skipped", "duplicates")))  # fmt: skip


CELLS = st.sampled_from(
    [
        "1",
        "00001",
        "2",
        "3",
        "5",
        "15",
        "",
        "张三",
        "138 0013 8001",
        "手机:13800138002",
        "c@b.cc",
        "b@b。cc",
        "03/04/2024",
        "13/04/2024",
        "2024-1-5",
        "离职",
        "在职x",
        "总部-财务",
    ]
)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("repair"), st.integers(0, 11), st.integers(0, 6), CELLS),
        st.tuples(st.just("all"), st.integers(0, 20)),
        st.tuples(st.sampled_from(["undo", "redo"])),
        st.tuples(st.just("switch"), st.sampled_from(["keep", "left"])),
    ),
    max_size=8,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_after_any_repairs_a_check_is_the_fresh_check_of_the_repaired_list(world: World, steps: list[Any]) -> None:
    check = check_of(world, *DIRTY, *MIXED)
    for step in steps:
        if step[0] == "repair":
            import_check.repair(world.ctx, check, index=step[1], column=step[2], value=step[3])
        elif step[0] == "all":
            offers = import_check.offers(check)
            if offers:
                offer = offers[step[1] % len(offers)]
                import_check.repair_all(world.ctx, check, kind=offer.kind, column=offer.column)
        elif step[0] == "switch":
            import_check.switch(world.ctx, check, absent=step[1])
        else:
            getattr(import_check, step[0])(world.ctx, check)
    fresh = check_of(world, *DIRTY, *MIXED, absent=check.manner)
    fresh.state.edits = {index: check.state.raw(index) for index in range(len(check.table.rows))}
    fresh.state.directory = world.ctx.read(known_people.directory)
    fresh.state.read(lambda _done, _total: None)
    assert told(check) == told(fresh)


def test_copied_cells_go_to_the_rows_in_sight_and_are_one_step(world: World) -> None:
    check = check_of(world, "8,甲,总部,138,,,,", "9,乙,总部,13800138009,,,,", "10,丙,总部,139,x,,,")
    block = [["13800138008", "h@b.cc"], ["13800138010", ""]]
    done = import_check.repair_block(world.ctx, check, facet="repair", place=0, column=3, block=block)
    assert [row.index for row in done.rows] == [0, 2]
    assert [row.cells[3:5] for row in import_check.rows(check)] == [
        ("13800138008", "h@b.cc"), ("13800138009", ""), ("13800138010", ""),
    ]  # fmt: skip
    assert done.facets["repair"] == 0
    assert import_check.undo(world.ctx, check).facets["repair"] == 2
    for beyond in ({"place": 1, "block": block}, {"place": 0, "block": [[""] * 6]}):
        with pytest.raises(Refused, match="block_beyond"):
            import_check.repair_block(world.ctx, check, facet="repair", column=3, **beyond)
    assert import_check.rows(check)[0].cells[3] == "138"
    short = import_check.repair_block(world.ctx, check, facet="all", place=1, column=7, block=[["A"]])
    assert short.rows[0].cells[7]  # a row that ends before the cell is filled up


def test_a_duplicate_saved_and_not_repaired_is_not_taken_in_silence(world: World, tmp_path: Path) -> None:
    check = check_of(world, "00021,新人,总部,,,,,", "21,另一人,财务,,,,,")
    path = tmp_path / "rejects.xlsx"
    assert people_import.save_rejects(check, path) == 1
    people_import.apply_import(world.ctx, check)
    again = people_import.check_list(world.ctx, people_import.open_list(path))
    assert [(problem.code, problem.params["name"]) for problem in again.report.problems] == [("row_renamed", "新人")]


def test_saving_refused_rows_tells_how_far_it_is_and_can_be_cancelled(world: World, tmp_path: Path) -> None:
    check = check_of(world, *(f"{n:05},,总部,,,,," for n in range(250)))
    told: list[tuple[int, int]] = []
    people_import.save_rejects(check, tmp_path / "a.xlsx", report=lambda done, total: told.append((done, total)))
    assert told == [(0, 250), (100, 250), (200, 250)]

    def cancel(done: int, _total: int) -> None:
        if done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        people_import.save_rejects(check, tmp_path / "b.xlsx", report=cancel)
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".xlsx"] == ["a.xlsx"]
