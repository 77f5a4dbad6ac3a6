"""Rows of a list: each is counted once, and everything wrong with it is said."""

# ruff: noqa: E501
from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from welfare_desk.domain.checking import Checking
from welfare_desk.domain.cleaning import Words
from welfare_desk.domain.facts import DUPLICATE, JOIN, REJECTED, SKIPPED, STATE, STRANGER, patterns
from welfare_desk.domain.people_plan import Directory, Manner
from welfare_desk.domain.problems import WAYS_OUT, Problem
from welfare_desk.domain.rows import Row, missing
from welfare_desk.services import import_shown

WORDS = Words(
    {"在职": "active", "离职": "resigned"}, frozenset({"无", "-", "n/a"}), lambda _text: None, date(2026, 11, 22)
)
MAPPING = {0: "employee_no", 1: "name", 2: "mobile", 3: "email", 4: "department", 5: "hire_date", 6: "status"}


@dataclass
class Sheet:
    """A table without a file."""

    rows: list[list[Any]]
    columns: tuple[str, ...] = ("工号", "姓名", "手机", "邮箱", "部门", "入职日期", "状态")
    epoch_1904: bool = False
    notes: list[str] = field(default_factory=list)

    def row_number(self, index: int) -> int:
        return index + 2

    def address(self, index: int, column: int) -> str:
        return f"{'ABCDEFGHIJ'[column]}{index + 2}"


@dataclass
class Checked:
    """What became of the rows of a list."""

    rows: list[Row]
    problems: list[Problem]
    total: int
    rejected: int
    skipped: int
    duplicates: int


def check(*rows: list[Any], mapping: dict[int, str] | None = None) -> Checked:
    state = Checking(Sheet(list(rows)), mapping or MAPPING, WORDS, Directory(), Manner("keep", "2026-11-22"))
    state.read(lambda _done, _total: None)
    kinds = [kind & STATE for kind in state.states]
    taken = [state.row(index) for index in state.find(patterns((JOIN, STRANGER)))]
    return Checked(
        [row for row in taken if isinstance(row, Row)],
        [problem for index in range(len(rows)) for problem in import_shown.problems(state, index)
         if problem.level == "error"],
        len(rows), kinds.count(REJECTED), kinds.count(SKIPPED), kinds.count(DUPLICATE),
    )  # fmt: skip


def codes(checked: Checked) -> list[tuple[int, str | None, str]]:
    return [(problem.row, problem.column, problem.code) for problem in checked.problems]


def test_a_good_row() -> None:
    checked = check(["00123", "张三", 13800138000.0, "Zhang@Example.com", "总部/财务部", 45296, "在职"])
    (row,) = checked.rows
    assert (row.key, row.employee_no, row.name, row.phone) == ("n:123", "00123", "张三", "+8613800138000")
    assert (row.email, row.department, row.hire_date, row.status) == (
        "zhang@example.com",
        "总部/财务部",
        "2024-01-05",
        "active",
    )
    assert checked.problems == []


def test_every_problem_of_a_row_is_told() -> None:
    checked = check(["1", "", "138", "x@", "", "明天", "也许"])
    assert checked.rejected == 1
    assert {code for _row, _column, code in codes(checked)} == {
        "row_no_name",
        "row_phone",
        "row_email",
        "row_date",
        "row_status",
    }
    assert all(problem.code in WAYS_OUT for problem in checked.problems)
    (phone,) = [problem for problem in checked.problems if problem.code == "row_phone"]
    assert (phone.row, phone.column, phone.value, phone.params["cell"]) == (2, "手机", "138", "C2")


def test_blank_rows_totals_samples_and_headers_are_skipped() -> None:
    checked = check(
        [], ["", "  ", None], ["示例", "张三"], ["合计", "", 12], ["工号", "姓名", "手机", "邮箱", "部门", "入职日期", "状态"],
        ["1", "张三"], ["", "总计", ""], ["-", "无"], ["合计", 12, 3], ["Total", "1,200"],
    )  # fmt: skip
    assert (checked.total, checked.skipped, len(checked.rows), checked.rejected) == (10, 9, 1, 0)


def test_the_later_of_two_equal_numbers_is_the_duplicate() -> None:
    checked = check(["00007", "张三"], ["8", "李四"], ["７", "王五"])
    assert checked.duplicates == 1
    assert codes(checked) == [(4, "工号", "row_duplicate")]
    assert checked.problems[0].params["first"] == 2


def test_a_refused_row_does_not_take_the_number() -> None:
    checked = check(["7", "张三", "138"], ["7", "张三", "13800138000"])
    assert (checked.rejected, checked.duplicates, len(checked.rows)) == (1, 0, 1)


def test_the_number_is_required_where_the_list_has_one() -> None:
    assert codes(check(["", "张三", "13800138000"])) == [(2, "工号", "row_no_employee_no")]


def test_without_numbers_the_phone_is_the_key_then_the_mail() -> None:
    by_phone = check(
        ["张三", "13800138000", "a@b.cc"], ["李四", "", "c@d.ee"], mapping={0: "name", 1: "mobile", 2: "email"}
    )
    assert [row.key for row in by_phone.rows] == ["p:+8613800138000"]
    assert codes(by_phone) == [(3, "姓名", "row_no_mobile")]
    by_mail = check(["张三", "a@b.cc"], ["李四", "A@B.cc"], mapping={0: "name", 1: "email"})
    assert [row.key for row in by_mail.rows] == ["e:a@b.cc"]
    assert by_mail.duplicates == 1


def test_what_a_list_must_have() -> None:
    assert missing({"employee_no"}) == "people_no_name"
    assert missing({"name", "department"}) == "people_no_key"
    assert missing({"last_name", "first_name", "email"}) is None


def test_names_of_two_columns_and_departments_of_levels() -> None:
    mapping = {0: "employee_no", 1: "last_name", 2: "first_name", 3: "department_l1", 4: "department_l2"}
    checked = check(["1", "张", "三", "总部", "财务部"], ["2", "Smith", "Ann", "总部", ""], mapping=mapping)
    assert [(row.name, row.department) for row in checked.rows] == [("张三", "总部/财务部"), ("Ann Smith", "总部")]


def test_a_leave_date_that_has_passed_means_left() -> None:
    mapping = {0: "employee_no", 1: "name", 2: "leave_date"}
    checked = check(["1", "张三", "2026-01-01"], ["2", "李四", "2027-01-01"], ["3", "王五", ""], mapping=mapping)
    assert [row.status for row in checked.rows] == ["left", None, None]


CELL = st.one_of(
    st.none(), st.sampled_from(["", " ", "1", "00001", "2", "张三", "13800138000", "a@b.cc", "2024-01-05", "在职", "无", "合计"]),
    st.text(max_size=8), st.integers(0, 10**18), st.floats(allow_nan=False), st.booleans(), st.just(["2024-01-05"]), st.just({"damaged": "x"}),
)  # fmt: skip


@settings(max_examples=150)
@given(st.lists(st.lists(CELL, max_size=9), max_size=25))
def test_every_row_is_counted_exactly_once(rows: list[list[Any]]) -> None:
    checked = check(*rows)
    assert checked.total == len(rows) == len(checked.rows) + checked.rejected + checked.skipped + checked.duplicates
    errors = {problem.row for problem in checked.problems}
    assert len(errors) == checked.rejected + checked.duplicates
    assert not errors & {row.number for row in checked.rows}
    keys = [row.key for row in checked.rows]
    assert len(set(keys)) == len(keys)


def test_totals_and_notes_are_no_people_whatever_stands_beside_them() -> None:
    notes = (
        ["合计", "18人"], ["合计：", "共18人"], ["总人数", "18"], ["小计", "甲部门"], ["Total", "18 people"], ["Sub-total", "x"],
        ["共 18 人"], ["总计：2人"], ["Grand Total:"], ["制表人：张三"], ["备注：以上为十月数据"], ["以下空白"], ["Prepared by: Ann"],
        [None, "合计"], ["Sum"], ["合计18人"], ["Total 18 people"],
    )  # fmt: skip
    found = check(*(list(row) for row in notes))
    assert (found.skipped, found.rows, found.rejected) == (len(notes), [], 0)
    people = (["A1", "合计"], ["Total01", "Ann"], ["1", "备注"], ["共18", "李四"])
    found = check(*(list(row) for row in people))
    assert (found.skipped, len(found.rows)) == (0, len(people))
    assert check(["张三"]).rejected == 1  # a lone cell that is no note is somebody whose other cells are missing
