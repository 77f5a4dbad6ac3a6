"""A check kept right while cells are repaired is the check of the repaired list, and both are what plain reading says."""

# ruff: noqa: E501
from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.plain_check import plain_check
from welfare_desk.domain.checking import Checking
from welfare_desk.domain.cleaning import Words
from welfare_desk.domain.facts import (
    CHANGE,
    DUPLICATE,
    JOIN,
    LEAVE,
    OTHERS,
    REJECTED,
    SAME,
    SEVERAL,
    SKIPPED,
    STATE,
    STRANGER,
)
from welfare_desk.domain.people_plan import Directory, Known, Manner
from welfare_desk.services import import_shown

WORDS = Words(
    {"在职": "active", "离职": "resigned"}, frozenset({"无", "-", "n/a"}), lambda _text: None, date(2026, 11, 22)
)
COLUMNS = ("工号", "姓名", "手机", "邮箱", "部门", "入职日期", "状态", "生日", "标签")
FIELDS = ("employee_no", "name", "mobile", "email", "department", "hire_date", "status", "birthday", "tags")
MAPPINGS = (
    dict(enumerate(FIELDS)),
    {1: "name", 2: "mobile", 3: "email", 4: "department", 6: "status"},
    {1: "name", 3: "email", 8: "tags"},
)
COUNTS = {
    SKIPPED: "skipped", STRANGER: "skipped", REJECTED: "repair", SEVERAL: "repair",
    DUPLICATE: "duplicate", JOIN: "join", CHANGE: "change", SAME: "same",
    LEAVE: "leave",
}  # fmt: skip


@dataclass
class Sheet:
    """A table without a file."""

    rows: list[list[Any]]
    columns: tuple[str, ...] = COLUMNS
    epoch_1904: bool = False

    def row_number(self, index: int) -> int:
        return index + 2

    def address(self, index: int, column: int) -> str:
        return f"{'ABCDEFGHIJ'[column]}{index + 2}"


def person(at: int, **said: Any) -> Known:
    base = Known(at, f"n:{at}", str(at), f"员工{at}", "总部", None, None, None, None, "active", {}, 1)
    return base._replace(**said)


PEOPLE = (
    person(1, phone="+8613800138001", email="a@b.cc"), person(2, phone="+8613800138001", employee_no="002"),
    person(3, status="left", leave_date="2026-01-01"), person(4, key="p:+8613800138004", phone="+8613800138005", employee_no=None),
    person(5, key="e:e@b.cc", email="f@b.cc", employee_no=None), person(6, birthday="05-12", tags=",新,", department="总部/财务"),
)  # fmt: skip
NUMBERS = st.sampled_from(
    ["1", "001", "2", "3", "4", "6", "7", "８", "00008", "", None, "x", 7.0, 1e16, "1.2E+10", "员工"]
)
NAMES = st.sampled_from(["张三", "李四", "员工1", "Ann Lee", " 王 五 ", "", "无", None, "员工6"])
PHONES = st.sampled_from(
    ["13800138001", "13800138004", "+86 138-0013-8005", 13800138009.0, "", None, "138", "13800138009"]
)
MAILS = st.sampled_from(["a@b.cc", "A@B.CC", "e@b.cc", "f@b.cc", "g@b.cc", "", None, "g@", "无"])
PARTS = st.sampled_from(["总部", "总部/财务", "总部-财务", "总部-人事", "总部-R-D", "长" * 201, "", None])
DATES = st.sampled_from(
    ["2024-01-05", "03/04/2024", "13/04/2024", "04/13/2024", ["2024-01-05T00:00:00"], "", None, 45296, "明天"]
)
STATES = st.sampled_from(["在职", "离职", "", None, "也许"])
BIRTHDAYS = st.sampled_from(["05-12", "5月12日", "1990-05-12", "", None, "05-40", "03/04/1990"])
TAGS = st.sampled_from(["新", "新、远程", "", None])
STRATEGIES = (NUMBERS, NAMES, PHONES, MAILS, PARTS, DATES, STATES, BIRTHDAYS, TAGS)
ODD = st.sampled_from(
    [
        [],
        ["合计", "", "12"],
        ["合计:", "18人"],
        ["小计", "李四", ""],
        ["制表人:张三", "", None],
        ["共 3 人"],
        ["示例", "张三"],
        list(COLUMNS),
        [""] * 9,
        ["无", "-", None],
    ]
)
FULL = st.tuples(*STRATEGIES).map(list)
PERSON = st.builds(lambda row, width: row[:width], FULL, st.integers(4, 9))
ROWS = st.lists(st.one_of(FULL, FULL, PERSON, ODD), min_size=1, max_size=14)
REPAIRS = st.lists(
    st.one_of(*(st.tuples(st.integers(0, 13), st.just(column), cells) for column, cells in enumerate(STRATEGIES))),
    max_size=6,
)


def directory(size: int) -> Directory:
    found = Directory()
    found.add(PEOPLE[:size])
    found.employed = sum(1 for _person in found.active())
    return found


def made(
    rows: list[list[Any]], mapping: dict[int, str], size: int, absent: str, repaired: dict[int, list[Any]] | None = None
) -> Checking:
    """A fresh check, of a list with some rows repaired."""
    check = Checking(Sheet(rows), mapping, WORDS, directory(size), Manner(absent, "2026-11-22"))
    check.edits = repaired or {}
    check.read(lambda _done, _total: None)
    return check


def told(check: Checking) -> Any:
    """Everything a check says."""
    problems = [import_shown.problems(check, index) for index in range(len(check.states))]
    return (
        bytes(check.states), tuple(check.counts), {name: n for name, n in check.by_field.items() if n}, check.absent(),
        list(check.plan()), problems,
    )  # fmt: skip


def cases() -> Any:
    return st.tuples(ROWS, st.sampled_from(MAPPINGS), st.integers(0, 6), st.sampled_from(["keep", "left"]))


@settings(max_examples=300, deadline=None)
@given(cases())
def test_reading_by_columns_is_reading_cell_by_cell(case: Any) -> None:
    rows, mapping, size, absent = case
    check = made(rows, mapping, size, absent)
    plain = plain_check(check.listing, mapping, WORDS, directory(size), check.manner)
    assert [COUNTS[state & STATE] for state in check.states] == plain.kinds
    problems = [
        (index, problem.code, problem.params.get("name"))
        for index in range(len(rows)) for problem in import_shown.problems(check, index)
    ]  # fmt: skip
    assert sorted(problems, key=str) == sorted(plain.problems, key=str)
    assert list(check.plan()) == plain.changes
    assert check.absent() == plain.absent
    assert sum(n for kind, n in enumerate(check.counts) if kind & OTHERS or kind & 15 == SEVERAL) == plain.known


@settings(max_examples=300, deadline=None)
@given(cases(), REPAIRS)
def test_repaired_cell_by_cell_is_the_check_of_the_repaired_list(case: Any, repairs: Any) -> None:
    rows, mapping, size, absent = case
    check = made(rows, mapping, size, absent)
    steps = [told(check)]
    undo = []
    for index, column, cell in repairs:
        index %= len(rows)
        before = check.raw(index)
        after = [*before, *[None] * (column + 1 - len(before))]
        after[column] = cell
        check.replace({index: after}, lambda _done, _total: None)
        undo.append({index: before})
        repaired = {at: check.raw(at) for at in range(len(rows))}
        assert told(check) == told(made(rows, mapping, size, absent, repaired))
        steps.append(told(check))
    for step in reversed(undo):
        assert told(check) == steps.pop()
        check.replace(step, lambda _done, _total: None)
    assert told(check) == steps.pop()


def test_what_is_typed_does_not_change_how_the_rest_of_a_column_is_read() -> None:
    names = ("财务", "人事", "研发")
    rows = [[str(at), "张三", "", "", f"公司-{name}", "03/04/2024", "", "", ""] for at, name in enumerate(names, 7)]
    check = made(rows, MAPPINGS[0], 0, "keep")
    assert [check.states[at] & STATE for at in range(3)] == [REJECTED] * 3  # nothing says what comes first
    repaired = ["7", "张三", "", "", "公司/财务", "25/04/2024", "", "", ""]
    assert check.replace({0: repaired}, lambda _done, _total: None) == {0}
    assert [check.states[at] & STATE for at in range(3)] == [JOIN, REJECTED, REJECTED]
    for at in (1, 2):
        check.replace({at: [*rows[at][:5], "2024-04-03", "", "", ""]}, lambda _done, _total: None)
    assert [row.department for row in check.plan()] == ["公司/财务", "公司/人事", "公司/研发"]
    check.read(lambda _done, _total: None)
    assert [row.department for row in check.plan()] == ["公司/财务", "公司/人事", "公司/研发"]
