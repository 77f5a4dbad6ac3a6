"""Writing tables that Excel opens well: text stays text, and no cell can act as a formula."""

from __future__ import annotations

import csv
import io
import os
import re
import shutil
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from welfare_desk.errors import Unavailable
from welfare_desk.files.pauses import no_collections

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
PHONE = re.compile(r"\+\d{6,15}")
WIDEST, NARROWEST, MEASURED_ROWS = 48, 8, 200
CELL_LIMIT = 32_767
_ILLEGAL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def neutral(value: Any) -> Any:
    """A cell that Excel shows instead of computing: text that begins like a formula gets an apostrophe before it.

    Phones with a plus are left alone, and so are numbers, None and truth values.
    """
    if not isinstance(value, str):
        return value
    if value.startswith(FORMULA_STARTS) and not PHONE.fullmatch(value):
        return "'" + value
    return value


def write_csv(path: Path, headers: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Writes UTF-8 with BOM and CRLF, as Excel wants it; returns the number of rows. Raises Unavailable."""
    count = 0
    try:
        with _whole(path) as fresh, fresh.open("w", encoding="utf-8-sig", newline="") as target:
            writer = csv.writer(target, lineterminator="\r\n")
            writer.writerow([neutral(header) for header in headers])
            for row in rows:
                writer.writerow(["" if cell is None else neutral(cell) for cell in row])
                count += 1
    except OSError as error:
        raise Unavailable("file_unwritable", field="file", name=path.name, reason=error.strerror or "") from error
    return count


@contextmanager
def _whole(path: Path) -> Iterator[Path]:
    """A place to write to that becomes `path` when all is written; until then, and if not, what was there stays."""
    if path.exists() and not path.is_file():  # a pipe, /dev/stdout
        yield path
        return
    target = path.resolve()
    fresh = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        yield fresh
        if target.exists():
            shutil.copymode(target, fresh)
        fresh.replace(target)
    finally:
        fresh.unlink(missing_ok=True)


def csv_text(headers: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """The same as `write_csv`, as a text without BOM."""
    target = io.StringIO(newline="")
    writer = csv.writer(target, lineterminator="\r\n")
    writer.writerow([neutral(header) for header in headers])
    writer.writerows([["" if cell is None else neutral(cell) for cell in row] for row in rows])
    return target.getvalue()


@no_collections()
def write_xlsx(
    path: Path, headers: Sequence[str], rows: Iterable[Sequence[Any]], *, widths: Sequence[int] | None = None,
    sheet: str = "Sheet1",
) -> int:  # fmt: skip
    """Writes one sheet with a frozen, bold header and a filter; returns the number of rows. Raises Unavailable.

    Texts are written as text (format `@`), so that 00123 stays 00123. `widths` are in characters; without them they
    follow the first 200 rows.
    """
    from openpyxl import Workbook

    try:
        with _whole(path) as fresh, fresh.open("wb") as target:
            book = Workbook(write_only=True)
            page = book.create_sheet(sheet[:31])
            count = _fill(page, headers, iter(rows), widths)
            book.save(target)
    except OSError as error:
        raise Unavailable("file_unwritable", field="file", name=path.name, reason=error.strerror or "") from error
    return count


def _fill(page: Any, headers: Sequence[str], body: Iterator[Sequence[Any]], widths: Sequence[int] | None) -> int:
    from openpyxl.styles import Font

    first = [row for row, _at in zip(body, range(MEASURED_ROWS), strict=False)]
    for at, width in enumerate(widths or _widths(headers, first)):
        page.column_dimensions[_letter(at)].width = width
    page.freeze_panes = "A2"
    bold = Font(bold=True)
    page.append([_text_cell(page, header, bold) for header in headers])
    width = max([len(headers), *(len(row) for row in first)])
    templates = [_text_cell(page, "") for _ in range(width)]
    count = 0
    for part in (first, body):
        for row in part:
            page.append([_as_text(template, cell) for template, cell in zip(templates, row, strict=False)])
            count += 1
    page.auto_filter.ref = f"A1:{_letter(max(len(headers) - 1, 0))}{count + 1}"
    return count


def _as_text(template: Any, value: Any) -> Any:
    """Text goes through its column's template cell (appending a row writes it at once), other values as they are."""
    if not isinstance(value, str):
        return value
    template.value = _ILLEGAL.sub("", neutral(value))[:CELL_LIMIT]
    template.data_type = "s"
    return template


def _text_cell(page: Any, value: str, font: Any = None) -> Any:
    from openpyxl.cell import WriteOnlyCell

    cell = WriteOnlyCell(page)
    cell.number_format = "@"
    if font is not None:
        cell.font = font
    return _as_text(cell, value)


def write_table(path: Path, headers: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """xlsx or csv by the file's ending; anything else than .csv is a workbook."""
    return (write_csv if path.suffix.lower() == ".csv" else write_xlsx)(path, headers, rows)


def _letter(at: int) -> str:
    from openpyxl.utils import get_column_letter

    return str(get_column_letter(at + 1))


def _widths(headers: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[int]:
    widths = []
    for at, header in enumerate(headers):
        longest = max((_width(row[at]) for row in rows if at < len(row)), default=0)
        widths.append(min(WIDEST, max(NARROWEST, longest + 2, _width(header) + 4)))
    return widths


def _width(value: Any) -> int:
    text = "" if value is None else str(value)
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text[:WIDEST])
