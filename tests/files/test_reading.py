"""What a person may switch by hand: encoding, separator, header row, password; and what is judged without asking."""

from __future__ import annotations

import io
import subprocess
from pathlib import Path

import openpyxl
import pytest
from msoffcrypto.format.ooxml import OOXMLFile

from tests.files.formats import SAMPLES
from tests.files.nasty import encrypted, workbook
from tests.support import lists
from welfare_desk.errors import Refused
from welfare_desk.files import parse, sheets
from welfare_desk.files.reading import OPEN, Reading
from welfare_desk.files.tables import read_pasted, read_table

LIST = "工号,姓名,部门\n00001,张三,总部/财务部\n00002,李四,上海/市场部\n"
ROWS: list[list[object]] = [["工号", "姓名"], ["00001", "张三"]]


def locked(path: Path, password: str) -> Path:
    """A workbook saved with a password, as Excel does it."""
    plain = path.with_name("plain.xlsx")
    workbook(plain, ROWS)
    with plain.open("rb") as source, path.open("wb") as target:
        OOXMLFile(source).encrypt(password, target)
    return path


@pytest.mark.parametrize(
    ("written", "reported", "others"),
    [
        ("utf-8", "utf-8", set()),
        ("utf-8-sig", "utf-8-sig", set()),
        ("gb18030", "gb18030", set()),
        ("gbk", "gb18030", set()),
        ("utf-16", "utf-16", set()),
        ("utf-16-le", "utf-16-le", set()),
        ("utf-16-be", "utf-16-be", set()),
    ],
)
def test_encodings_are_judged_on_the_whole_file(written: str, reported: str, others: set[str], tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(LIST.encode(written))
    table = read_table(path)
    assert (table.encoding, table.encodings[0] == reported or reported in table.encodings) == (reported, True)
    assert table.columns == ("工号", "姓名", "部门")
    assert table.rows[1] == ["00002", "李四", "上海/市场部"]


def test_one_sign_far_below_decides_the_encoding(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    rows = "".join(f"{number:05},Ann,HQ\n" for number in range(200_000))
    path.write_bytes(b"Employee ID,Name,Department\n" + rows.encode() + "99999,欧阳,HQ\n".encode("gb18030"))
    table = read_table(path)
    assert table.encoding == "gb18030"
    assert table.rows[-1] == ["99999", "欧阳", "HQ"]


def test_plain_ascii_can_be_read_in_all_of_them(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("Employee ID,Name\n1,Ann\n", encoding="ascii")
    assert read_table(path).encodings == ("utf-8", "gb18030", "big5", "cp1252")


def test_western_and_traditional_lists_are_read_when_nothing_else_fits(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes("Employee ID,Name\n1,José\n2,Zoë\n".encode("cp1252"))
    assert (read_table(path).encoding, read_table(path).rows[0][1]) == ("cp1252", "José")
    path.write_bytes("工號,姓名\n1,陳大文\n".encode("big5"))
    assert "big5" in read_table(path).encodings
    assert read_table(path, encoding="big5").rows == [["1", "陳大文"]]
    path.write_bytes("工號,姓名,部門,手機\n1,陳大文,行政部,91234567\n".encode("big5"))
    found = read_table(path)
    assert (found.encoding, found.columns[0], found.encodings[:2]) == ("big5", "工號", ("gb18030", "big5"))
    path.write_bytes("工号,姓名,部门,手机\n1,张三,行政部,13800138000\n".encode("gb18030"))
    assert read_table(path).encoding == "gb18030"


def test_an_encoding_chosen_by_hand_is_used_or_refused_with_the_line(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(LIST.encode("gb18030"))
    assert read_table(path, encoding="GBK").columns == ("工号", "姓名", "部门")
    with pytest.raises(Refused) as refusal:
        read_table(path, encoding="utf-8")
    assert (refusal.value.code, refusal.value.field) == ("table_encoding_chosen", "encoding")
    assert refusal.value.params["line"] == 1
    with pytest.raises(Refused, match="encoding_unknown"):
        read_table(path, encoding="klingon")


def test_a_separator_chosen_by_hand(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("a;b,c\n1;2,3\n", encoding="utf-8")
    assert read_table(path, separator=";").columns == ("a", "b,c")
    assert read_table(path, separator="comma").columns == ("a;b", "c")
    with pytest.raises(Refused, match="separator_unknown"):
        read_table(path, separator="ab")
    assert read_pasted("a;b,c\n1;2,3\n", separator=";").columns == ("a", "b,c")


def test_what_a_file_does_not_have_is_not_chosen_in_silence(tmp_path: Path) -> None:
    text, book = tmp_path / "list.csv", workbook(tmp_path / "list.xlsx", [["a", "b"], ["1", "2"]])
    text.write_text("a,b\n1,2\n", encoding="utf-8")
    for path, chosen, code in (
        (text, {"sheet": "Sheet1"}, "text_no_sheets"), (book, {"encoding": "gbk"}, "book_no_encoding"),
        (book, {"separator": ","}, "book_no_encoding"),
    ):  # fmt: skip
        with pytest.raises(Refused) as refusal:
            read_table(path, **chosen)
        assert (refusal.value.code, refusal.value.field) == (code, next(iter(chosen)))
        assert refusal.value.params["name"] == path.name


def test_a_header_row_chosen_by_hand_and_the_preview_above_it(tmp_path: Path) -> None:
    rows: list[list[object]] = [["员工花名册"], [], ["甲", "乙", "丙"], ["丁", "戊", "己"], ["1", "2", "3"]]
    path = workbook(tmp_path / "list.xlsx", rows)
    table = read_table(path, header_row=4)
    assert (table.columns, table.header_row, table.header_at) == (("丁", "戊", "己"), 4, 4)
    assert [row[0] if row else "" for row in table.preview] == ["员工花名册", "", "甲", "丁", "1"]
    assert read_table(path).header_at == 3
    for wrong in (2, 9):
        with pytest.raises(Refused, match="table_header_row"):
            read_table(path, header_row=wrong)


def test_for_a_text_the_header_is_row_1_but_stands_where_it_stands(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("\n花名册,,\n" + LIST, encoding="utf-8")
    table = read_table(path)
    assert (table.header_row, table.header_at, table.preview[2]) == (1, 3, ("工号", "姓名", "部门"))
    assert read_table(path, header_row=4).columns[0] == "00001"


def test_a_locked_workbook_asks_for_its_password(tmp_path: Path) -> None:
    path = locked(tmp_path / "list.xlsx", "秘密 pass")
    for given in (None, "wrong"):
        with pytest.raises(Refused) as refusal:
            read_table(path, password=given)
        assert (refusal.value.code, refusal.value.field) == ("table_password", "password")
        assert refusal.value.params["wrong"] is (given is not None)
    assert read_table(path, password="秘密 pass").rows == [["00001", "张三"]]


def test_what_excel_opens_without_asking_opens_here_too(tmp_path: Path) -> None:
    assert read_table(locked(tmp_path / "list.xlsx", "VelvetSweatshop")).rows == [["00001", "张三"]]


def test_the_password_is_neither_an_argument_nor_in_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[tuple[object, dict[str, object]]] = []
    real = subprocess.Popen

    def start(command: object, **options: object) -> object:
        started.append((command, options))
        return real(command, **options)  # type: ignore[call-overload]  # passed on as it came

    monkeypatch.setattr(subprocess, "Popen", start)
    read_table(locked(tmp_path / "list.xlsx", "秘密pass"), password="秘密pass")
    command, options = started[0]
    assert "秘密pass" not in str(command)
    assert options.get("env") is None
    assert options["stdin"] == subprocess.PIPE


def test_a_list_without_a_lock_does_not_mind_a_password(tmp_path: Path) -> None:
    assert read_table(workbook(tmp_path / "list.xlsx", ROWS), password="needless").rows == [["00001", "张三"]]


def test_what_is_asked_survives_the_way_to_the_child() -> None:
    asked = Reading("表\n1", "gb18030", "\t", 3, "密\n码")
    assert Reading.heard(asked.told()) == asked
    assert asked.told().count(b"\n") == 1
    assert Reading.heard(b"") == Reading()


def test_zeros_shown_by_a_format_are_kept_behind_a_password_too(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["工号", "姓名"])
    book.active.append([123, "张三"])
    book.active["A2"].number_format = "00000"
    plain = io.BytesIO()
    book.save(plain)
    path = tmp_path / "list.xlsx"
    with path.open("wb") as target:
        OOXMLFile(plain).encrypt("p", target)
    assert read_table(path, password="p").rows == [["00123", "张三"]]


def test_a_lock_no_password_opens_is_said(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="table_lock"):
        read_table(encrypted(tmp_path / "list.xlsx"), password="any")


@pytest.mark.parametrize(("ending", "limit"), [("csv", "RECORD_LIMIT"), ("xlsx", "SHEET_ROW_LIMIT")])
def test_the_limit_of_rows_is_named(ending: str, limit: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = lists.clean(tmp_path / f"list.{ending}", rows=12)
    for rows, refused in ((12, False), (11, True)):
        monkeypatch.setattr(parse, limit, rows)
        out = io.StringIO()
        assert parse.answer(path, OPEN, out) == refused
        assert ("table_rows" in out.getvalue()) is refused


def test_a_sheet_of_too_many_bytes_is_refused_before_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = lists.clean(tmp_path / "list.xlsx", rows=12)
    monkeypatch.setattr(sheets, "SHEET_LIMIT", 100)
    out = io.StringIO()
    assert parse.answer(path, OPEN, out) == 1
    assert "table_sheet_size" in out.getvalue()


def test_an_old_workbook_behind_a_password_is_opened_too() -> None:
    path = SAMPLES / "locked.xls"
    for given in (None, "wrong"):
        with pytest.raises(Refused) as refusal:
            read_table(path, password=given)
        assert refusal.value.params["wrong"] is (given is not None)
    assert [row[0] for row in read_table(path, password="秘密123").rows] == ["00123", "00456", "E0045"]


def test_the_child_confines_itself_and_nobody_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []
    monkeypatch.setattr(parse, "confine", sizes.append)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(OPEN.told())))
    monkeypatch.setattr("sys.stdout", io.StringIO())
    path = workbook(tmp_path / "list.xlsx", ROWS)
    assert parse.answer(path, OPEN, io.StringIO()) == 0
    assert sizes == []
    assert parse.main([str(path)]) == 0
    assert sizes == [path.stat().st_size]
