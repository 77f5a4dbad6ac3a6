"""Cells by the thousand say what they say one by one; what is taken as it stands would have been cleaned to that."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from welfare_desk.domain import cells, dates
from welfare_desk.domain.cells import Bad
from welfare_desk.domain.cleaning import PLAIN, Cleaner, Habits, Words, cleaners

EMPTIES = frozenset(("无", "暂无", "空", "不详", "未填写", "待补", "n/a", "na", "none", "null", "-", "--", "/", "nan"))
WORDS = Words({"在职": "active"}, EMPTIES, lambda _text: None, date(2026, 11, 22))
SIGNS = {
    "employee_no": "aAeE09+-. Ａ０\n",
    "name": "张三无空计〇·a \n\u3000\uf900",
    "mobile": "0138+- \n３",
    "email": "ab.-_@A。\n",
}


def slow(field: str, cell: Any) -> Any:
    rule = {"employee_no": cells.employee_no, "name": cells.name, "email": cells.email}.get(field)
    if cells.tidy(cell).lower() in (cells.NO_NAME if field == "name" else EMPTIES):
        return ""
    return rule(cell) if rule else cells.phone(cell, WORDS.read_phone)


def texts(field: str) -> st.SearchStrategy[str]:
    free = st.text(SIGNS[field], max_size=14)
    good = {"mobile": "1[3-9][0-9]{9}", "email": "[a-z0-9._-]{1,5}@[a-z0-9.-]{1,8}", "name": "[\u4e00-\u9fa5]{1,4}",
            "employee_no": "[A-Z]{0,2}[0-9]{1,6}"}[field]  # fmt: skip
    return st.one_of(free, st.from_regex(good, fullmatch=True))


@pytest.mark.parametrize("field", list(PLAIN))
def test_what_is_taken_as_it_stands_is_what_cleaning_gives(field: str) -> None:
    @settings(max_examples=400, deadline=None)
    @given(st.lists(texts(field), min_size=1, max_size=4))
    def each(column: list[str]) -> None:
        rules = cleaners({}, [field], WORDS, epoch_1904=False)
        expected = [slow(field, cell) for cell in column]
        assert list(rules[field].column(column)) == expected
        assert [rules[field].cell(cell) for cell in column] == expected

    each()


def test_cells_of_every_kind_are_cleaned_together() -> None:
    rules = cleaners({}, ["hire_date", "employee_no"], WORDS, epoch_1904=False)
    column = ["2024-01-05", ["2024-01-05T00:00:00"], 45296, None, "", {"damaged": "x"}, "无", True]
    assert rules["hire_date"].column(column) == ["2024-01-05"] * 3 + ["", "", Bad("row_formula"), "", Bad("row_date")]
    assert rules["employee_no"].column([1.0, 1, "1", True]) == ["1", "1", "1", Bad("row_number_form")]


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("welfare_desk.domain.cleaning.REMEMBERED", 10)
    cleaner = Cleaner(cells.text, EMPTIES, None)
    assert cleaner.column([str(n) for n in range(100)]) == [str(n) for n in range(100)]
    assert len(cleaner) <= 10


def test_habits_are_what_all_cells_show() -> None:
    habits = Habits(["hire_date", "department", "name"], WORDS)
    habits.learn("hire_date", ["03/04/2024", "03/04/2024", None, 45296])
    assert habits.all().keys() == {"hire_date", "department"}
    assert habits.habit("hire_date") is None
    habits.learn("hire_date", ["13/04/2024"])
    assert habits.habit("hire_date") is True
    habits.learn("department", ["公司-财务", "公司-人事", "公司-研发"])
    assert habits.habit("department").split("公司-财务") == ["公司", "财务"]
    habits.learn("department", ["公司"])
    assert habits.habit("department").split("公司-财务") == ["公司-财务"]


@pytest.mark.parametrize(
    ("written", "read"),
    [("1990-05-12", "1990-05-12"), ("05-12", "05-12"), ("5月12日", "05-12"), ("--05-12", "05-12"), ("2/29", "02-29"),
     ("1990年5月12日", "1990-05-12"), (["1990-05-12T00:00:00"], "1990-05-12"), (33005, "1990-05-12"), ("", ""),
     ("1901-02-03", "1901-02-03"), ("05-40", "row_birthday"), ("1990-05", "row_birthday"),
     ("2030-01-01", "row_date_range"), ("农历五月", "row_birthday"), ("03/04/1990", "row_date_order")],
)  # fmt: skip
def test_birthdays(written: Any, read: str) -> None:
    found = dates.birthday(written, today=WORDS.today)
    assert (found.code if isinstance(found, Bad) else found) == read


def test_tags_are_kept_between_commas() -> None:
    assert cells.tags("新员工、远程; 骨干,新员工") == ",新员工,远程,骨干,"
    assert cells.tags(" , ") == ""
