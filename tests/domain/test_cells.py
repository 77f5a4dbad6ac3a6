"""Cells: identifiers are never damaged and never guessed."""

# ruff: noqa: E501
from __future__ import annotations

import string
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from welfare_desk.domain import cells, dates, departments
from welfare_desk.domain.cells import Bad
from welfare_desk.domain.people import full_name, number_key, person_key, same_name, search_text

TODAY = date(2026, 11, 22)
ANY_CELL = st.one_of(
    st.none(), st.text(max_size=60), st.integers(), st.floats(), st.booleans(), st.lists(st.text(max_size=20), min_size=1, max_size=1),
    st.just({"damaged": "formula"}),
)  # fmt: skip


def nobody(_text: str) -> str | None:
    return None


def code(found: Any) -> str:
    assert isinstance(found, Bad), found
    return found.code


@given(ANY_CELL)
def test_no_cell_makes_a_rule_fail(cell: Any) -> None:
    rules = (
        cells.plain, cells.text, cells.name, cells.employee_no, cells.email,
        lambda one: cells.phone(one, nobody), lambda one: cells.status(one, {}),
        lambda one: cells.status_inverse(one, {}), lambda one: dates.iso_date(one, today=TODAY),
    )  # fmt: skip
    for rule in rules:
        assert isinstance(rule(cell), (str, Bad))


@given(st.integers(0, 10**15 - 1))
def test_whole_numbers_keep_every_digit(number: int) -> None:
    assert cells.employee_no(float(number)) == str(number)
    assert cells.employee_no(number) == str(number)


@given(st.text(string.digits, min_size=1, max_size=30))
def test_written_digits_stay_as_written(number: str) -> None:
    assert cells.employee_no(number) == number
    assert cells.employee_no(f" {number}\u200b\u3000") == number


@given(st.text(max_size=30))
@example("R¸")  # a cedilla that stands alone joins its letter once the blank before it is gone
def test_the_number_key_is_stable(text: str) -> None:
    key = number_key(text)
    assert number_key(key) == key
    assert number_key(f"\u3000{text} ") == key


@pytest.mark.parametrize("spelling", ["123", "00123", " 123 ", "１２３", "０0１23", "1 2 3", "\ufeff123", "123\u200b"])
def test_numbers_are_compared_as_people_mean_them(spelling: str) -> None:
    assert number_key(spelling) == "123"


def test_letters_in_numbers() -> None:
    assert number_key("a00123") == number_key("Ａ00123") == "A00123"
    assert number_key("000") == "0"
    assert number_key(None) == number_key(" ") == ""


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (1e15, "row_digits"),
        (1.101011990010112e17, "row_digits"),
        (12.5, "row_number_form"),
        (-3, "row_number_form"),
        (True, "row_number_form"),
        (["2024-03-01"], "row_number_date"),
        ("1.38E+10", "row_scientific"),
        ({"damaged": "formula"}, "row_formula"),
        ("9" * 65, "row_long"),
    ],
)
def test_damaged_numbers_are_refused(cell: Any, expected: str) -> None:
    assert code(cells.employee_no(cell)) == expected


@pytest.mark.parametrize(
    "cell",
    ["13800138000", "138 0013 8000", "138-0013-8000", "+86 13800138000", "0086 13800138000", "86 13800138000",
     "１３８００１３８０００", 13800138000, 13800138000.0, "13800138000.0", "\t13800138000\u200b", "(+86) 138 0013 8000"],
)  # fmt: skip
def test_chinese_mobiles(cell: Any) -> None:
    assert cells.phone(cell, nobody) == "+8613800138000"


@pytest.mark.parametrize(
    ("cell", "expected"),
    [("1.38001E+10", "row_scientific"), ("138", "row_phone"), ("电话", "row_phone"), (["2024-01-01"], "row_phone"),
     (1.5, "row_phone"), ("13800138000 13800138001", "row_phone"), (1.38e16, "row_digits")],
)  # fmt: skip
def test_phones_that_are_none(cell: Any, expected: str) -> None:
    assert code(cells.phone(cell, nobody)) == expected


@pytest.mark.parametrize(
    ("cell", "expected"),
    [("Zhang.San@EXAMPLE.com", "zhang.san@example.com"), (" a＠b.cn ", "a@b.cn"), ("mailto:a@b.cn", "a@b.cn"),
     ("o'neil+x@sub.example.co.uk", "o'neil+x@sub.example.co.uk"), ("", "")],
)  # fmt: skip
def test_mail_addresses(cell: str, expected: str) -> None:
    assert cells.email(cell) == expected


@pytest.mark.parametrize(
    "cell", ["a", "a@", "@b.cn", "a@b", "a@@b.cn", "a b@c.cn", "a@b.cn;c@d.cn", ".a@b.cn", "a.@b.cn", "a..b@c.cn", "a@-b.cn", "a@b.1", "a@b..cn", 5]
)  # fmt: skip
def test_what_is_no_mail_address(cell: Any) -> None:
    assert code(cells.email(cell)) == "row_email"


@pytest.mark.parametrize(
    "cell",
    ["2024-01-05", "2024/1/5", "2024.1.5", "2024年1月5日", "20240105", "2024-01-05 00:00:00", "2024-01-05T08:30:00Z", "5-Jan-24",
     "5 January 2024", "Jan 5, 2024", "45296", 45296, 45296.5, 20240105, ["2024-01-05T00:00:00"], ["2024-01-05"], "２０２４-１-５"],
)  # fmt: skip
def test_dates_in_many_spellings(cell: Any) -> None:
    assert dates.iso_date(cell, today=TODAY) == "2024-01-05"


@given(st.dates(dates.EARLIEST, TODAY))
def test_every_date_survives_its_spellings(day: date) -> None:
    serial = (day - dates.EPOCH_1900).days
    for cell in (
        day.isoformat(),
        f"{day:%Y/%m/%d}",
        f"{day.year}年{day.month}月{day.day}日",
        f"{day:%Y%m%d}",
        serial,
        float(serial),
    ):
        assert dates.iso_date(cell, today=TODAY) == day.isoformat()
    assert dates.iso_date((day - dates.EPOCH_1904).days, today=TODAY, epoch_1904=True) == day.isoformat()


@pytest.mark.parametrize(
    ("cell", "expected"),
    [("明天", "row_date"), ("2024-02-30", "row_date"), ("2024-01", "row_date"), ("03/04/2024", "row_date_order"),
     ("1899-12-31", "row_date_range"), (TODAY + timedelta(days=400), "row_date_range"), (True, "row_date"), (["08:30:00"], "row_date")],
)  # fmt: skip
def test_what_is_no_date(cell: Any, expected: str) -> None:
    assert code(dates.iso_date(str(cell) if isinstance(cell, date) else cell, today=TODAY)) == expected


def test_a_column_tells_its_own_order_of_day_and_month() -> None:
    assert dates.day_first(["03/04/2024", "25/04/2024"]) is True
    assert dates.day_first(["03/04/2024", "04/25/2024"]) is False
    assert dates.day_first(["03/04/2024", "25/04/2024", "04/25/2024"]) is None
    assert dates.iso_date("03/04/2024", today=TODAY, day_first=True) == "2024-04-03"


def test_identifiers_are_not_damaged_whatever_they_name() -> None:
    for damaged, code in (
        (110101199003071234.0, "row_digits"),
        (6222021234567890123, "row_digits"),
        ("1.10E+17", "row_scientific"),
    ):
        assert cells.account(damaged) == cells.Bad(code)
        assert cells.employee_no(damaged) == cells.Bad(code)
    assert cells.account("110101199003071234") == "110101199003071234"
    assert cells.account(4401.0) == "4401"


def test_signs_that_keep_excel_from_reading_a_number_are_taken_off() -> None:
    assert cells.employee_no('="00046"') == "00046"
    assert cells.employee_no("'00045") == "00045"
    assert cells.phone('="13800138000"', lambda _text: None) == "+8613800138000"
    assert cells.name("'Ann") == "'Ann"
    assert cells.name('="Ann"') == "Ann"


def test_what_was_lost_stays_lost() -> None:
    assert cells.employee_no(cells.LOST) == cells.phone(cells.LOST, lambda _text: None) == cells.Bad("row_formula")
    assert cells.employee_no("2020-01-01T00:00:00") == cells.Bad("row_number_date")
    assert cells.employee_no("TRUE") == cells.Bad("row_number_form")
    assert cells.employee_no("2020-01-01") == "2020-01-01"  # year, group, number: some firms number people like that


def test_names() -> None:
    assert cells.name("李　四") == "李四"
    assert cells.name(" Anna  Maria ") == "Anna Maria"
    assert cells.name("买买提·艾力") == "买买提·艾力"
    assert cells.name("无") == ""
    assert cells.name("'=cmd|' /C calc'!A0") == "=cmd|' /C calc'!A0"
    assert full_name("张", "三") == "张三"
    assert full_name("Smith", "Ann") == "Ann Smith"
    assert search_text(["zhang", "san"]) == "zs zhangsan"
    assert person_key(employee_no=None, mobile=None, email="a@b.cc") == "e:a@b.cc"


def test_names_that_are_written_otherwise_only() -> None:
    assert same_name("李 四", "李四")
    assert same_name("ann lee", "Ann Lee")
    assert same_name("买买提·艾力", "买买提・艾力")
    assert same_name("Ｊ. Smith", "J Smith")
    assert not same_name("李四", "李思")
    assert not same_name("Ann Lee", "Anna Lee")


def test_flags_that_mean_the_opposite() -> None:
    words = {"是": "active", "否": "resigned", "启用": "active", "禁用": "resigned", "待入职": "pending"}
    assert cells.status("是", words) == "active"
    assert cells.status_inverse("是", words) == "left"
    assert cells.status_inverse("否", words) == "active"
    assert cells.status_inverse("启用", words) == "active"
    assert cells.status_inverse("禁用", words) == "left"
    assert cells.status("待入职", words) == "active"
    assert code(cells.status("T", words)) == "row_status"


def test_department_paths() -> None:
    rule = departments.split_rule(["总部/财务部"])
    assert departments.path(" 总部 / 财务部 ", rule) == "总部/财务部"
    assert departments.path("总部>财务部", rule) == departments.path("总部\\财务部", rule) == "总部/财务部"
    assert departments.path("总部/财务部;上海/销售", rule) == "总部/财务部"
    assert departments.path("R-D", rule) == "R-D"
    assert departments.path("//", rule) == ""
    dashed = departments.split_rule(["公司-财务部", "公司-研发部-一组", "公司-市场部"])
    assert departments.path("公司-研发部-一组", dashed) == "公司/研发部/一组"
    mixed = departments.split_rule(["R-D", "HR", "IT-Ops", "Sales"])
    assert departments.path("IT-Ops", mixed) == "IT-Ops"
    assert departments.join_levels(["总部", "", "一组"]) == "总部/一组"
    assert departments.join_levels(["总部", "财务部"], "财务部") == "总部/财务部"
    assert departments.join_levels(["总部"], "财务部") == "总部/财务部"
    assert departments.join_levels([], "财务部") == "财务部"
    assert departments.is_within("总部/财务部", "总部")
    assert not departments.is_within("总部门", "总部")
