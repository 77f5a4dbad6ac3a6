"""What is read from good files is what stands in them."""

from __future__ import annotations

import datetime as dt
import zipfile
from pathlib import Path

import openpyxl
import pytest

from tests.files.nasty import workbook
from welfare_desk.errors import Refused
from welfare_desk.files import archives, styles
from welfare_desk.files.columns import map_columns
from welfare_desk.files.tables import Table, read_pasted, read_table
from welfare_desk.files.texts import copied_block

LIST = "工号,姓名,手机\n00001,张三,13800138000\n\n00003,李四,\n\n\n"


def fields(table: Table) -> dict[str, str]:
    return {table.columns[at]: match.field for at, match in map_columns(table.columns, table.rows).items()}


@pytest.mark.parametrize(
    ("encoding", "reported"),
    [("utf-8", "utf-8"), ("utf-8-sig", "utf-8-sig"), ("gb18030", "gb18030"), ("utf-16", "utf-16")],
)
def test_encodings(encoding: str, reported: str, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(LIST.encode(encoding))
    table = read_table(path)
    assert table.encoding == reported
    assert table.columns == ("工号", "姓名", "手机")
    assert table.rows == [["00001", "张三", "13800138000"], [], ["00003", "李四", ""]]
    assert [table.row_number(index) for index in range(3)] == [2, 3, 4]


def test_copied_cells_are_rows() -> None:
    assert copied_block('1\t"two\nlines"\r\n"a ""b"""\t5" wide\r\n') == [["1", "two\nlines"], ['a "b"', '5" wide']]
    with pytest.raises(Refused, match="block_quotes"):
        copied_block('1\t"open\r\n2\t3')


@pytest.mark.parametrize("separator", [",", "\t", ";", "|"])
def test_separators(separator: str, tmp_path: Path) -> None:
    path = tmp_path / "list.txt"
    path.write_text(LIST.replace(",", separator), encoding="utf-8")
    assert read_table(path).columns == ("工号", "姓名", "手机")


def test_a_comma_inside_quotes_does_not_split(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text('Employee ID;Name;Note\n1;"Doe, Ann";"two\nlines"\n2;"Roe, Bob";x\n', encoding="utf-8")
    assert read_table(path).rows == [["1", "Doe, Ann", "two\nlines"], ["2", "Roe, Bob", "x"]]


def test_the_header_is_found_below_titles_and_instructions(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["2026 年员工花名册"],
        ["填写说明：请勿修改表头，姓名必填"],
        [],
        ["工号", "姓名*", "部门"],
        ["1", "张三", "总部"],
    ]
    table = read_table(workbook(tmp_path / "list.xlsx", rows))
    assert table.columns == ("工号", "姓名*", "部门")
    assert table.header_row == 4
    assert table.row_number(0) == 5
    assert table.notes[0] == "2026 年员工花名册"


def test_two_header_rows_are_both_passed(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["USERID", "FIRSTNAME", "LASTNAME", "EMAIL"],
        ["User ID", "First Name", "Last Name", "Email"],
        ["u1", "Ann", "Doe", "a@b.cc"],
    ]
    table = read_table(workbook(tmp_path / "list.xlsx", rows))
    assert table.header_row == 2
    assert len(table.rows) == 1


def test_number_formats_that_show_zeros_are_honoured(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    page = book.active
    page.append(["工号", "姓名", "手机"])
    page.append([123, "张三", 13800138000])
    page.append([45, "李四", 13800138001])
    page["A2"].number_format = "00000"
    page["A3"].number_format = '"E"0000'
    book.save(tmp_path / "list.xlsx")
    assert [row[0] for row in read_table(tmp_path / "list.xlsx").rows] == ["00123", "E0045"]


def test_formulas_without_a_value_are_marked(tmp_path: Path) -> None:
    path = workbook(tmp_path / "list.xlsx", [["工号", "姓名"], ['="0"&"1"', "张三"]])
    assert read_table(path).rows == [[{"damaged": "formula"}, "张三"]]


def test_dates_come_as_dates_and_offsets_are_known(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    page = book.active
    for cell, value in {
        "C5": "工号",
        "D5": "姓名",
        "E5": "入职日期",
        "C6": "1",
        "D6": "张三",
        "E6": dt.date(2024, 1, 2),
    }.items():
        page[cell] = value
    book.save(tmp_path / "list.xlsx")
    table = read_table(tmp_path / "list.xlsx")
    assert table.rows == [["1", "张三", ["2024-01-02"]]]
    assert table.address(0, 2) == "E6"


def test_cells_merged_downwards_stand_in_every_row(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    page = book.active
    for row in (["员工名单", None, None, None], ["工号", "姓名", "部门", "备注"], ["1", "张三", "财务", "x"],
                ["2", "李四"], ["3", "王五"], ["4", "赵六", "人事"], ["5", "孙七"]):  # fmt: skip
        page.append(row)
    for merged in ("A1:D1", "C3:C5", "D3:D4"):
        page.merge_cells(merged)
    book.save(tmp_path / "list.xlsx")
    table = read_table(tmp_path / "list.xlsx")
    assert [row[2:4] for row in table.rows] == [["财务", "x"], ["财务", "x"], ["财务", ""], ["人事", ""], ["", ""]]


def test_addresses_in_a_text_are_those_excel_shows(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("员工名单\n\n工号,姓名\n1,张三\n", encoding="utf-8")
    table = read_table(path)
    assert (table.row_number(0), table.address(0, 1)) == (2, "B4")  # rows of a text are records below the header


def test_the_sheet_with_a_list_is_chosen_and_others_on_request(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.title = "说明"
    book.active.append(["这是说明，请看下一张表"])
    for name in ("名单", "旧名单"):
        book.create_sheet(name).append(["工号", "姓名"])
        book[name].append(["1", name])
    book["旧名单"].sheet_state = "hidden"
    book.save(tmp_path / "list.xlsx")
    table = read_table(tmp_path / "list.xlsx")
    assert (table.sheet, table.sheets, table.hidden) == ("名单", ("说明", "名单", "旧名单"), ("旧名单",))
    assert read_table(tmp_path / "list.xlsx", sheet="旧名单").rows == [["1", "旧名单"]]
    with pytest.raises(Refused, match="table_no_sheet"):
        read_table(tmp_path / "list.xlsx", sheet="没有")


def test_a_parse_nobody_wants_any_more_ends(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("工号,姓名\n" + "1,张三\n" * 900_000, encoding="utf-8")
    with pytest.raises(Refused, match="cancelled"):
        read_table(path, unwanted=lambda: True)


def test_pasted_cells() -> None:
    table = read_pasted("姓名\t手机\n张三\t13800138000\n")
    assert fields(table) == {"姓名": "name", "手机": "mobile"}
    assert table.rows == [["张三", "13800138000"]]


def test_columns_without_a_known_name_are_judged_by_their_values(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("姓名,联络,联络2\n张三,13800138000,a@b.cc\n李四,13800138001,c@d.ee\n", encoding="utf-8")
    assert fields(read_table(path)) == {"姓名": "name", "联络": "mobile", "联络2": "email"}


def test_the_second_look_sees_every_way_a_cell_is_written(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active["A1"].number_format = "00000"
    book.save(tmp_path / "styles.xlsx")
    head = '<x:worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><x:sheetData>'
    cells = [
        '<x:c s="1" r="A2"><x:v>7</x:v></x:c>',
        '<x:c r="A3" s="1" t="n"><x:v>8.0</x:v></x:c>',
        '<x:c r="A4" s="1"><x:f>4+5</x:f><x:v>9</x:v></x:c>',
        '<x:c r="A5" s="1"><x:f>4+5</x:f></x:c>',
        '<x:c r="A6"><x:f t="shared" si="0"/></x:c>',
        '<x:c r="A7" t="str"><x:f>1</x:f><x:v></x:v></x:c>',
        '<x:c r="A8" s="1"/>',
        '<x:c r="A9" s="1" t="str"><x:f>1</x:f><x:v>5</x:v></x:c>',
        '<x:c r="A10" s="10"><x:v>5</x:v></x:c>',
    ]
    rows = "".join(f'<x:row r="{at}" s="1" customFormat="1">{cell}</x:row>' for at, cell in enumerate(cells, 2))
    part = "xl/worksheets/sheet1.xml"
    with zipfile.ZipFile(tmp_path / "styles.xlsx") as source, zipfile.ZipFile(tmp_path / "list.xlsx", "w") as target:
        for name in source.namelist():
            sheet = f"{head}{rows}</x:sheetData></x:worksheet>".encode()
            target.writestr(name, sheet if name == part else source.read(name))
    shown, hollow = styles.second_look(archives.blob(tmp_path / "list.xlsx"), part)
    assert shown == {(1, 0): "00007", (2, 0): "00008", (3, 0): "00009"}
    assert hollow == {(4, 0), (5, 0), (6, 0)}
