"""Old, binary and OpenDocument workbooks say the same as the usual ones: zeros, dates, numbers too long to trust."""

from __future__ import annotations

import datetime as dt
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.files import formats
from welfare_desk.domain import cells, dates
from welfare_desk.domain.cells import Bad
from welfare_desk.files.biff8 import unpacked
from welfare_desk.files.tables import read_table
from welfare_desk.files.zeros import padded, padding


def xls(path: Path) -> Path:
    """The list as the old format."""
    return Path(shutil.copy(formats.SAMPLES / "list.xls", path))


BOOKS: dict[str, Callable[[Path], Path]] = {"xls": xls, "xlsb": formats.xlsb, "ods": formats.ods}


@pytest.fixture(params=BOOKS)
def book(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return BOOKS[request.param](tmp_path / f"list.{request.param}")


def test_zeros_stay_and_formats_that_show_them_are_honoured(book: Path) -> None:
    table = read_table(book)
    numbers = [row[0] for row in table.rows if row]
    assert numbers == ["00123", "00456", "00045" if book.suffix == ".ods" else "E0045"]
    assert (table.kind, table.sheet, table.header_row, table.columns[:2]) == (
        book.suffix[1:], "名单", 1, ("工号", "姓名"),
    )  # fmt: skip
    assert table.address(len(table.rows) - 1, 0) == ("A6" if book.suffix == ".ods" else "A4")


def test_dates_and_phones_are_read(book: Path) -> None:
    full = [row for row in read_table(book).rows if row]
    days = [dates.iso_date(row[3], today=dt.date(2026, 11, 1), epoch_1904=False, day_first=False) for row in full]
    assert days == ["2024-01-02", "2023-12-31", "2024-01-01"]
    assert {cells.phone(row[2], lambda _text: None) for row in full} == {
        "+8613800138000", "+8613800138001", "+8613800138002",
    }  # fmt: skip


def test_a_number_of_more_than_15_digits_is_not_taken(book: Path) -> None:
    table = read_table(book)
    found = cells.employee_no(table.rows[0][4])
    assert found == Bad("row_digits")
    assert table.address(0, 4) == "E2"


@pytest.mark.parametrize(
    ("formula", "found"),
    [('table:formula="of:=[.A1]"/>', {"damaged": "formula"}),
     ('table:formula="of:=[.A1]" office:value-type="string"><text:p>12</text:p></table:table-cell>', "12"),
     ("/>", "")],
)  # fmt: skip
def test_a_formula_without_a_value_is_noticed_in_an_opendocument_sheet(
    formula: str, found: object, tmp_path: Path
) -> None:
    path = formats.ods(tmp_path / "list.ods")
    with zipfile.ZipFile(path) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    phone = b'<table:table-cell office:value-type="string"><text:p>13800138001</text:p></table:table-cell>'
    assert phone in parts["content.xml"]
    content = parts["content.xml"].replace(phone, f"<table:table-cell {formula}".encode())
    parts["content.xml"] = content.replace(b'digits="5"', b'digits="1"')  # nothing else asks for a second look
    with zipfile.ZipFile(path, "w") as book:
        for name, part in parts.items():
            book.writestr(name, part)
    assert read_table(path).rows[1][2] == found


def test_numbers_in_four_bytes() -> None:
    assert unpacked(123 << 2 | 2) == 123
    assert unpacked((-5 << 2 | 2) & 0xFFFFFFFF) == -5
    assert unpacked(12345 << 2 | 3) == 123.45
    assert unpacked(0x3FF00000) == 1.0


@pytest.mark.parametrize(
    ("code", "value", "shown"),
    [("00000", 123, "00123"), ('"E"0000', 45, "E0045"), ("000000;-0", 7, "000007"), ("0", 7, None),
     ("General", 7, None), ("00000", 12.5, None), ("00000", -3, None), ("00000", 123456, "123456"), ("00-00", 7, None)],
)  # fmt: skip
def test_what_a_format_shows(code: str, value: float, shown: str | None) -> None:
    how = padding(code)
    assert (padded(value, how) if how else None) == shown
