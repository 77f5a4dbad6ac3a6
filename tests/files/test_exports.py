"""What is written opens in Excel as it was meant, and nothing in it computes."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path

import openpyxl
import pytest
import zxingcpp
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.files.fuzz import nobody
from welfare_desk import i18n
from welfare_desk.domain.problems import Problem
from welfare_desk.errors import Unavailable
from welfare_desk.files import columns, exports, phones, qr, spelling
from welfare_desk.files.columns import map_columns
from welfare_desk.files.rejects import save_rejects
from welfare_desk.files.tables import read_pasted, read_table
from welfare_desk.files.template import write_template
from welfare_desk.services import import_check
from welfare_desk.services.import_check import check_list

EVIL = [
    "=1+1",
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    "\tx",
    "\r=x",
    "\n=x",
    "=cmd|' /C calc'!A0",
    "＝1+1",
    "＋1",
    "－2+3",
    "＠SUM(A1)",
]


def test_xlsx_keeps_text_and_neutralises_formulas(tmp_path: Path) -> None:
    path = tmp_path / "out.xlsx"
    assert exports.write_xlsx(path, ["工号", "值", "数"], [["00123", value, 5] for value in EVIL]) == len(EVIL)
    page = openpyxl.load_workbook(path).active
    assert page.freeze_panes == "A2"
    for row, value in zip(page.iter_rows(min_row=2), EVIL, strict=True):
        assert (row[0].value, row[0].number_format, row[2].value) == ("00123", "@", 5)
        assert row[1].data_type == "s"
        assert row[1].value.startswith("'"), value


def test_csv_is_what_excel_wants(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    exports.write_csv(path, ["工号", "手机"], [["00123", "+8613800138000"], ["=1+1", None]])
    raw = path.read_bytes()
    assert raw.startswith("\ufeff工号".encode())
    assert raw.count(b"\r\n") == 3
    with path.open(encoding="utf-8-sig", newline="") as source:
        assert list(csv.reader(source))[1:] == [["00123", "+8613800138000"], ["'=1+1", ""]]


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    for name in ("out.xlsx", "out.csv"):
        with pytest.raises(Unavailable, match="file_unwritable"):
            exports.write_table(tmp_path / "nowhere" / name, ["a"], [["b"]])


def test_refused_rows_come_back_with_problem_and_way_out(tmp_path: Path) -> None:
    table = read_pasted("工号\t姓名\t手机\n1\t=张三\t138\n2\t李四\t13800138000\n3\t\t\n")
    problems = [
        Problem(2, "手机", "row_phone", "138", {"cell": "C2"}),
        Problem(4, "姓名", "row_no_name"),
    ]
    refused = [(table.rows[0], problems[:1]), (table.rows[2], problems[1:])]
    path = tmp_path / "rejects.xlsx"
    assert save_rejects(path, table.columns, refused, "zh_CN") == 2
    again = read_table(path)
    assert again.columns == ("工号", "姓名", "手机", "问题", "建议")
    assert again.rows[0][:3] == ["1", "'=张三", "138"]
    assert "手机: 不是有效的电话号码" in again.rows[0][3]
    assert again.rows[1][0] == "3"


def test_qr_codes_are_read_back() -> None:
    link = "HTTP://192.168.1.5:8080/C/ABCDEFGHJKLMNPQRSTUVWXYZ23456789ABCDEFGH"
    for level in qr.LEVELS:
        modules = qr.matrix(link, level=level)
        size = len(modules) + 2 * qr.QUIET_MODULES
        image = Image.new("L", (size, size), 255)
        for y, row in enumerate(modules):
            for x, dark in enumerate(row):
                image.putpixel((x + qr.QUIET_MODULES, y + qr.QUIET_MODULES), 0 if dark else 255)
        assert [found.text for found in zxingcpp.read_barcodes(image.resize((size * 8, size * 8), 0))] == [link]
    assert len(qr.matrix(link)) <= 33


@pytest.mark.parametrize(
    ("written", "expected"),
    [("+1 650 253 0000", "+16502530000"), ("010-12345678", "+861012345678"), ("+852 5123 4567", "+85251234567"),
     ("12345678901", None), ("not a phone", None)],
)  # fmt: skip
def test_phones_of_the_world(written: str, expected: str | None) -> None:
    assert phones.read_phone(written) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("张三", "zs zhangsan"),
        ("单雄信", "sxx shanxiongxin"),
        ("Anna Smith", "as annasmith"),
        ("王 Tom", "wt wangtom"),
        ("·", ""),
    ],
)
def test_names_are_spelled(name: str, expected: str) -> None:
    assert spelling.spell(name) == expected


WRITERS: dict[str, Callable[[Path, list[str], list[list[str]]], object]] = {
    "csv": exports.write_csv,
    "xlsx": exports.write_xlsx,
    "csv text": lambda path, headers, rows: path.write_text(exports.csv_text(headers, rows), encoding="utf-8"),
    "rejects.xlsx": lambda path, headers, rows: save_rejects(path, headers, [(row, ()) for row in rows]),
    "rejects.csv": lambda path, headers, rows: save_rejects(path, headers, [(row, ()) for row in rows]),
}


@pytest.mark.parametrize("writer", WRITERS)
def test_no_writer_lets_a_cell_or_a_header_compute(writer: str, tmp_path: Path) -> None:
    path = tmp_path / (writer if "." in writer else f"out.{writer.split(maxsplit=1)[0]}")
    WRITERS[writer](path, ["=A1", "b"], [[value, "x"] for value in EVIL])
    if path.suffix == ".csv":
        with path.open(encoding="utf-8-sig", newline="") as source:
            found: list[list[object]] = [list(row) for row in csv.reader(source)]
    else:
        page = openpyxl.load_workbook(path).active
        assert all(cell.data_type != "f" for row in page.iter_rows() for cell in row)
        found = [[cell.value for cell in row] for row in page.iter_rows()]
    assert len(found) == len(EVIL) + 1
    for row in found:
        assert not str(row[0]).startswith(exports.FORMULA_STARTS), row


@pytest.mark.parametrize("ending", ["xlsx", "csv"])
@given(texts=st.lists(st.text(alphabet="0123456789ABab张三 .-/'", min_size=1, max_size=12), min_size=1, max_size=6))
@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_written_is_read_back(ending: str, texts: list[str], tmp_path: Path) -> None:
    rows = [["00123", text] for text in texts]
    path = tmp_path / f"list.{ending}"
    exports.write_table(path, ["工号", "姓名"], rows)
    told = exports.neutral if ending == "csv" else _in_a_workbook
    assert list(read_table(path).rows) == [[number, told(text)] for number, text in rows]


def _in_a_workbook(text: str) -> str:
    """XML keeps no cell of blanks alone; to the import both are blank."""
    return str(exports.neutral(text)) if text.strip() else ""


def test_refused_rows_once_repaired_go_in_without_a_mapping(tmp_path: Path) -> None:
    table = read_pasted("代号\t称呼\t联络\n007\t张三\t138\n008\t李四\t13800138001\n")
    mapping = {0: "employee_no", 1: "name", 2: "mobile"}
    check = check_list(nobody(), table, mapping=mapping)
    path = tmp_path / "rejects.xlsx"
    assert save_rejects(path, table.columns, import_check.refused(check), "zh_CN") == 1
    book = openpyxl.load_workbook(path)
    assert [cell.value for cell in book.active[2]][:3] == ["007", "张三", "138"]
    book.active["C2"] = "13800138000"
    book.save(path)
    again = read_table(path)
    assert columns.fingerprint(again.columns) == columns.fingerprint(table.columns)
    kept = columns.map_columns(again.columns, again.rows, columns.to_keep(table.columns, mapping))
    repaired = check_list(nobody(), again, mapping={at: match.field for at, match in kept.items()}).report
    assert (repaired.created, repaired.rejected) == (1, 0)


@pytest.mark.parametrize("ending", ["xlsx", "csv"])
def test_what_was_damaged_is_refused_again_when_nothing_was_repaired(ending: str, tmp_path: Path) -> None:
    made = tmp_path / "made.xlsx"
    book = openpyxl.Workbook()
    for row in (["工号", "姓名", "手机", "入职日期"], [dt.date(2020, 1, 1), "甲", None, dt.date(2021, 3, 1)],
                [1234567890123456789, "乙"], [True, "丙"], ["4", "丁", '="137"&"00012001"'], ["5", "戊", "1.37E+10"],
                ["6", "己", "13800138006"], ["7", "辛", "138"]):  # fmt: skip
        book.active.append(row)
    book.save(made)
    check = check_list(nobody(), read_table(made))
    assert (check.report.rejected, check.report.created) == (6, 1)
    first = tmp_path / f"first.{ending}"
    assert save_rejects(first, check.table.columns, import_check.refused(check), "en") == 6
    again = check_list(nobody(), read_table(first))
    assert (again.report.rejected, again.report.created) == (6, 0)
    assert {problem.code for problem in again.report.problems} >= {"row_formula", "row_phone"}
    second = tmp_path / f"second.{ending}"
    save_rejects(second, again.table.columns, import_check.refused(again), "zh_CN")
    table = read_table(second)
    assert table.columns == ("工号", "姓名", "手机", "入职日期", "问题", "建议")
    assert [row[3] for row in table.rows if row[1] == "甲"] == ["2021-03-01"]


@pytest.mark.parametrize("language", i18n.LANGUAGES)
@pytest.mark.parametrize("ending", ["xlsx", "csv"])
def test_the_template_is_understood_by_the_import(language: str, ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"template.{ending}"
    assert write_template(path, language) == 4
    table = read_table(path)
    mapping = map_columns(table.columns, table.rows)
    assert [mapping[at].field for at in range(11)] == [
        "employee_no", "name", "department", "mobile", "email", "hire_date", "status",
        "birthday", "site", "level", "tags",
    ]  # fmt: skip
    assert table.rows[0][0].endswith(" 00001" if language == "en" else "：00001")
    assert not any(
        str(cell).startswith(exports.FORMULA_STARTS) for row in table.rows for cell in row if cell[:2] != "+1"
    )
    report = check_list(nobody(), table).report
    assert (report.created, report.skipped, report.rejected) == (0, 4, 0)  # examples are nobody


@pytest.mark.parametrize("name", ["rejects.xlsx", "rejects.csv"])
def test_what_ends_in_the_middle_leaves_the_file_as_it_was(tmp_path: Path, name: str) -> None:
    def cancelled() -> Iterator[tuple[list[str], tuple[()]]]:
        yield from ((["00123"], ()) for _row in range(500))
        raise KeyboardInterrupt

    path = tmp_path / name
    path.write_bytes(b"as it was")
    with pytest.raises(KeyboardInterrupt):
        save_rejects(path, ["number"], cancelled(), "en")
    assert path.read_bytes() == b"as it was"
    assert [found.name for found in tmp_path.iterdir()] == [name]
