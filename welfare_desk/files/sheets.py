"""Workbooks (xlsx, xlsm, xlsb, xls, ods) as rows, read by calamine in the parse child."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from welfare_desk.errors import Refused
from welfare_desk.files import biff8, biff12, ods, styles
from welfare_desk.files.archives import MIB, Blob
from welfare_desk.files.columns import HEADER_ROWS, find_header
from welfare_desk.files.headings import COLUMN_LIMIT
from welfare_desk.files.limits import RECORD_LIMIT, SHEET_LIMIT
from welfare_desk.files.places import Place, column_letters
from welfare_desk.files.zeros import Shown


class Locked(Exception):
    """An old workbook whose cells are encrypted."""


@dataclass(slots=True)
class Sheet:
    """One sheet: `first_column` is where its data starts, `rows` begin at row 1 of the sheet."""

    name: str
    rows: Iterator[list[Any]]
    first_column: int = 0
    epoch_1904: bool = False
    names: tuple[str, ...] = ()
    hidden: tuple[str, ...] = field(default=())
    height: int = 0


def open_sheet(source: Blob, kind: str, wanted: str | None) -> Sheet:
    """The wanted sheet, else the first visible one whose header is recognised, else the first with anything in it.

    Raises Locked, and Refused: table_no_sheet, table_empty, table_broken, table_too_wide, table_stray_cell.
    """
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetVisibleEnum

    try:
        book = CalamineWorkbook.from_object(source.path or source.open())
        visible = {entry.name: entry.visible == SheetVisibleEnum.Visible for entry in book.sheets_metadata}
        parts, epoch = _parts(source, kind)
        chosen = _choose(book, source, parts, visible, wanted)
    except PasswordError as error:
        raise Locked from error
    except (CalamineError, OSError, ValueError, zipfile.BadZipFile) as error:
        raise Refused("table_broken", field="file", name=source.name) from error
    if chosen.width > COLUMN_LIMIT:
        corner = column_letters(chosen.end[1] if chosen.end else 0)
        raise Refused("table_too_wide", field="file", name=source.name, limit=COLUMN_LIMIT, column=corner)
    rows: Iterator[list[Any]] = chosen.iter_rows()
    first = chosen.start[1] if chosen.start else 0
    rows = _mended(rows, first, *_second_look(source, kind, chosen.name, parts))
    rows = _filled(rows, first, _spans(chosen))
    hidden = tuple(name for name, shown in visible.items() if not shown)
    return Sheet(chosen.name, rows, first, epoch, tuple(visible), hidden, chosen.height)


def _second_look(source: Blob, kind: str, sheet: str, parts: dict[str, str]) -> tuple[Shown, set[Place]]:
    """(cells whose shown zeros must be given back, cells with a formula but no value; the latter not in xls, xlsb)."""
    if kind == "xlsx":
        return styles.second_look(source, parts[sheet]) if sheet in parts else ({}, set())
    try:
        if kind == "ods":
            return ods.second_look(source, sheet)
        return (biff8 if kind == "xls" else biff12).zeros_shown(source, sheet), set()
    except (KeyError, OSError, ValueError, struct.error, zipfile.BadZipFile) as error:
        raise Refused("table_broken", field="file", name=source.name) from error


def _parts(source: Blob, kind: str) -> tuple[dict[str, str], bool]:
    if kind != "xlsx":
        return {}, False
    with source.archive() as archive:
        return styles.sheet_parts(archive)


def _choose(book: Any, source: Blob, parts: dict[str, str], visible: dict[str, bool], wanted: str | None) -> Any:
    if wanted is not None:
        if wanted not in visible:
            raise Refused("table_no_sheet", field="sheet", name=source.name, sheet=wanted, sheets=", ".join(visible))
        return _load(book, source, parts, wanted)
    first: Any = None
    for name, shown in visible.items():
        if not shown:
            continue
        sheet = _load(book, source, parts, name)
        if sheet.height and find_header(list(islice(sheet.iter_rows(), HEADER_ROWS)))[1] >= 3:
            return sheet
        if sheet.height and first is None:
            first = sheet
    if first is None:
        raise Refused("table_empty", field="file", name=source.name)
    return first


def _load(book: Any, source: Blob, parts: dict[str, str], name: str) -> Any:
    if name in parts:
        with source.archive() as archive:
            _refuse_huge(archive, parts[name], source.name, name)
            styles.refuse_stray_cell(archive, parts[name], source.name)
    return book.get_sheet_by_name(name)


def _refuse_huge(archive: zipfile.ZipFile, part: str, name: str, sheet: str) -> None:
    size = archive.getinfo(part).file_size if part in archive.namelist() else 0
    if size > SHEET_LIMIT:
        raise Refused(
            "table_sheet_size", field="file", name=name, sheet=sheet, size=size // MIB, limit=SHEET_LIMIT // MIB,
            rows=f"{RECORD_LIMIT:,}",
        )  # fmt: skip


def _spans(sheet: Any) -> dict[int, list[tuple[int, int]]]:
    """Cells merged downwards: row of the first to (column, last row) of each."""
    found: dict[int, list[tuple[int, int]]] = {}
    for (top, left), (bottom, right) in sheet.merged_cell_ranges or ():
        if left == right and bottom > top:
            found.setdefault(top, []).append((left, bottom))
    return found


def _filled(
    rows: Iterator[list[Any]], first_column: int, spans: dict[int, list[tuple[int, int]]]
) -> Iterator[list[Any]]:
    """The rows with what stands in cells merged downwards in each of their rows, as people see it."""
    if not spans:
        yield from rows
        return
    under: dict[int, tuple[int, Any]] = {}
    for number, cells in enumerate(rows):
        for column, (last, value) in list(under.items()):
            if number > last:
                del under[column]
            elif cells[column] in ("", None):
                cells[column] = value
        for column, last in spans.get(number, ()):
            if 0 <= column - first_column < len(cells):
                under[column - first_column] = (last, cells[column - first_column])
        yield cells


def _mended(rows: Iterator[list[Any]], first_column: int, shown: Shown, hollow: set[Place]) -> Iterator[list[Any]]:
    """The rows with shown zeros given back and hollow formulas marked; untouched when there are none."""
    if not shown and not hollow:
        yield from rows
        return
    places: dict[int, dict[int, Any]] = {}
    for (row, column), value in shown.items():
        places.setdefault(row, {})[column - first_column] = value
    for row, column in hollow:
        places.setdefault(row, {})[column - first_column] = {"damaged": "formula"}
    for number, cells in enumerate(rows):
        for column, value in places.get(number, {}).items():
            if 0 <= column < len(cells):
                cells[column] = value
        yield cells
