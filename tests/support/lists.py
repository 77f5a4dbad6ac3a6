"""Lists of people to import: a clean one, and a messy one with more than thirty kinds of dirt, each named.

`clean(path)` and `messy(path)` write .xlsx or .csv by the ending. `DIRT` says what each kind is and what must become of
its row: `ready`, `repair`, `duplicate`, `skipped`, or `layout` for what is wrong with the sheet itself.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.styles import Font
from openpyxl.worksheet.worksheet import Worksheet

HEADER = ("工号", "姓名", "部门", "手机号", "邮箱", "入职日期", "在职状态",
          "生日", "工作地点", "职级", "标签", "身份证号")  # fmt: skip
DIRTY_HEADER = ("* 工 号（必填）", "姓　名*", "所属部门(全路径)", "手机号码\n（选填）", "电子邮箱", "入职时间",
                "员工状态", "出生日期", "工作城市", "职级", "标签", "身份证号码")  # fmt: skip
FAMILIES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗"
GIVEN = (
    "伟",
    "芳",
    "娜",
    "敏",
    "静",
    "秀英",
    "丽",
    "强",
    "磊",
    "洋",
    "艳",
    "勇",
    "军",
    "杰",
    "娟",
    "涛",
    "超",
    "明",
    "霞",
    "平",
)
DEPARTMENTS = ("总部/财务部", "总部/研发部/一组", "总部/研发部/二组", "上海分公司/市场部", "上海分公司/销售部")
SITES = ("北京", "上海", "深圳")
NUMBER, NAME, DEPARTMENT, PHONE, MAIL, HIRED, STATUS, BIRTHDAY, SITE, LEVEL, TAGS, CITIZEN = range(12)

Person = list[Any]


def person(number: int) -> Person:
    """The person of a number, the same every time: every cell as one would wish."""
    name = FAMILIES[number % 20] + GIVEN[number // 20 % 20] + GIVEN[number // 400 % 20]
    return [
        f"{number:05}", name, DEPARTMENTS[number % 5], f"138{number:08}", f"p{number}@example.com",
        f"20{10 + number % 14}-{1 + number % 12:02}-{1 + number % 28:02}", "在职",
        f"19{70 + number % 30}-{1 + number % 12:02}-{1 + number % 28:02}", SITES[number % 3], f"P{1 + number % 9}",
        "骨干" if number % 4 == 0 else "", "11010519491231002X",
    ]  # fmt: skip


@dataclass(frozen=True)
class Dirt:
    """One kind of dirt: what is wrong, what must become of the row, and the row."""

    name: str
    what: str
    fate: str
    soil: Callable[[Person], None] | None = None
    styled: str = ""


def _set(column: int, value: Any) -> Callable[[Person], None]:
    def soil(cells: Person) -> None:
        cells[column] = value(cells[column]) if callable(value) else value

    return soil


DIRT: tuple[Dirt, ...] = (
    Dirt("title", "a merged title above the header", "layout"),
    Dirt("instructions", "a row of instructions above the header", "layout"),
    Dirt("blank above", "a blank row between title and header", "layout"),
    Dirt("marked header", "headers with stars, blanks and （必填）", "layout"),
    Dirt("notes sheet", "a sheet of notes before the list", "layout"),
    Dirt("hidden sheet", "last year's list on a hidden sheet", "layout"),
    Dirt("sample row", "a row that begins with 示例", "skipped"),
    Dirt("blank row", "blank rows inside the list", "skipped"),
    Dirt("header again", "the header repeated inside the list", "skipped"),
    Dirt("total", "a total below the list", "skipped"),
    Dirt("trailing blanks", "blanks after a name", "ready", _set(NAME, lambda name: f"{name}  ")),
    Dirt("wide blank inside", "an ideographic blank inside a name", "ready", _set(NAME, "李　四")),
    Dirt("zero width", "a zero-width sign before a number", "ready", _set(NUMBER, lambda number: f"\u200b{number}")),
    Dirt("no-break blank", "a no-break blank after an e-mail address", "ready", _set(MAIL, lambda mail: f"{mail}\xa0")),
    Dirt("capitals", "an e-mail address in capitals", "ready", _set(MAIL, str.upper)),
    Dirt("mailto", "an e-mail address copied with its link", "ready", _set(MAIL, lambda mail: f"mailto:{mail}")),
    Dirt("full width", "a phone in full-width digits", "ready",
         _set(PHONE, lambda phone: "".join(chr(ord(sign) + 0xFEE0) for sign in phone))),
    Dirt("country code", "a phone with +86", "ready", _set(PHONE, lambda phone: f"+86 {phone}")),
    Dirt("dialled code", "a phone with 0086", "ready", _set(PHONE, lambda phone: f"0086{phone}")),
    Dirt("dashes", "a phone with dashes", "ready", _set(PHONE, lambda phone: f"{phone[:3]}-{phone[3:7]}-{phone[7:]}")),
    Dirt("number cell", "a phone as a number", "ready", _set(PHONE, float)),
    Dirt("shown zeros", "a number as 45 shown as 00045 by its format", "ready", _set(NUMBER, int), styled="00000"),
    Dirt("slashes", "a date as 2024/1/2", "ready", _set(HIRED, "2024/1/2")),
    Dirt("dots", "a date as 2024.1.2", "ready", _set(HIRED, "2024.1.2")),
    Dirt("packed date", "a date as 20240102", "ready", _set(HIRED, "20240102")),
    Dirt("chinese date", "a date as 2024年1月2日", "ready", _set(HIRED, "2024年1月2日")),
    Dirt("serial", "a date as the number 45293", "ready", _set(HIRED, 45293)),
    Dirt("real date", "a date cell", "ready", _set(HIRED, dt.date(2024, 1, 2))),
    Dirt("another separator", "a department with blanks around its slashes", "ready",
         _set(DEPARTMENT, lambda path: path.replace("/", " / "))),
    Dirt("word for nothing", "暂无 instead of an e-mail address", "ready", _set(MAIL, "暂无")),
    Dirt("error cell", "#N/A instead of a tag", "ready", _set(TAGS, "#N/A")),
    Dirt("line break", "a line break inside a department", "ready", _set(DEPARTMENT, "总部/\n财务部")),
    Dirt("apostrophe", "a name neutralised by an export before", "ready", _set(NAME, "'=张三")),
    Dirt("other word", "another word for employed", "ready", _set(STATUS, "试用期")),
    Dirt("left", "a stranger who has left", "skipped", _set(STATUS, "离职")),
    Dirt("scientific", "a phone that became 1.38E+10", "repair", _set(PHONE, "1.38E+10")),
    Dirt("too many digits", "a number of 18 digits in a number cell", "repair", _set(NUMBER, 110101199001011234)),
    Dirt("formula", "a formula without a value", "repair", _set(NUMBER, '="0"&"1"')),
    Dirt("no name", "no name", "repair", _set(NAME, None)),
    Dirt("no number", "no number", "repair", _set(NUMBER, "")),
    Dirt("short phone", "a phone with a digit missing", "repair", _set(PHONE, lambda phone: phone[:-1])),
    Dirt("broken mail", "an e-mail address without @", "repair", _set(MAIL, "somebody.example.com")),
    Dirt("impossible date", "the thirtieth of February", "repair", _set(HIRED, "2024-02-30")),
    Dirt("far date", "a year that cannot be", "repair", _set(HIRED, "2124-01-02")),
    Dirt("unknown word", "a status nobody knows", "repair", _set(STATUS, "待定中")),
    Dirt("long text", "a name of 300 signs", "repair", _set(NAME, "张" * 300)),
    Dirt("the same number", "the number of an earlier row", "duplicate", _set(NUMBER, "00001")),
)  # fmt: skip
XLSX_ONLY = frozenset(("formula", "shown zeros", "notes sheet", "hidden sheet", "number cell", "too many digits"))


@dataclass
class Messy:
    """A messy list: its file, the row of every kind of dirt (and whose it was, see `person`), what must come out.

    Rows are as the program counts them: as Excel does, in a csv from the header on.
    """

    path: Path
    header_row: int
    rows: dict[str, int] = field(default_factory=dict)
    seeds: dict[str, int] = field(default_factory=dict)
    fates: dict[str, int] = field(default_factory=lambda: dict.fromkeys(("ready", "repair", "duplicate", "skipped"), 0))

    @property
    def total(self) -> int:
        """How many rows stand below the header."""
        return sum(self.fates.values())


def clean(path: Path, rows: int = 1000) -> Path:
    """A list of `rows` people, numbered from 1, with nothing wrong in it."""
    people = [person(number) for number in range(1, rows + 1)]
    if path.suffix == ".csv":
        with path.open("w", encoding="utf-8-sig", newline="") as target:
            csv.writer(target).writerows([HEADER, *people])
        return path
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("名单")
    sheet.append(HEADER)
    for cells in people:
        sheet.append(cells)
    book.save(path)
    return path


def messy(path: Path, rows: int = 200, encoding: str = "gb18030") -> Messy:
    """A list of `rows` sound people and one row for every kind of dirt; a csv leaves out what only a workbook has."""
    kinds = [kind for kind in DIRT if path.suffix == ".xlsx" or kind.name not in XLSX_ONLY]
    table, made = _laid_out(path, rows, kinds)
    if path.suffix == ".csv":
        with path.open("w", encoding=encoding, errors="replace", newline="") as target:
            csv.writer(target).writerows([["" if cell is None else cell for cell in row] for row in table])
        return made
    book = openpyxl.Workbook()
    notes = book.active
    assert isinstance(notes, Worksheet)
    notes.title = "填写说明"
    notes.append(["请在“名单”里填写，不要改表头"])
    sheet = book.create_sheet("名单")
    for row in table:
        sheet.append(row)
    sheet.merge_cells("A1:L1")
    sheet["A1"].font = Font(bold=True, size=16)
    for kind in kinds:
        if kind.styled:
            sheet.cell(made.rows[kind.name], NUMBER + 1).number_format = kind.styled
    old = book.create_sheet("去年")
    old.append(HEADER)
    old.append(person(9))
    old.sheet_state = "hidden"
    book.save(path)
    return made


def _laid_out(path: Path, rows: int, kinds: list[Dirt]) -> tuple[list[list[Any]], Messy]:
    """The rows as they will stand in the file, and what must come of them."""
    table: list[list[Any]] = [
        ["2026 年员工花名册"],
        ["填写说明：带 * 的列必填；日期请写成 2024-01-02；不要改动表头"],
        [],
        list(DIRTY_HEADER),
    ]
    made = Messy(path, len(table))

    def add(cells: list[Any], fate: str, name: str = "") -> None:
        table.append(cells)
        made.fates[fate] += 1
        if name:
            made.rows[name] = _counted(path, len(table))

    add(["示例", "张三", "总部/财务部", "13800138000", "a@example.com"], "skipped", "sample row")
    for number in range(1, rows + 1):
        add(person(number), "ready")
    add([], "skipped", "blank row")
    add(list(DIRTY_HEADER), "skipped", "header again")
    for at, kind in enumerate(kinds):
        if kind.soil is not None:
            made.seeds[kind.name] = number = max(9_000, rows + 1) + at
            cells = person(number)
            kind.soil(cells)
            add(cells, kind.fate, kind.name)
    add(["合计", rows], "skipped", "total")
    return table, made


def _counted(path: Path, number: int) -> int:
    """The row's number as the program says it: as Excel counts, for a csv from the header on."""
    return number if path.suffix == ".xlsx" else number - 3
