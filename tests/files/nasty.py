"""Files nobody should send, made on the spot."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import PatternFill

SHEET = "xl/worksheets/sheet1.xml"
STRINGS = "xl/sharedStrings.xml"
HEAD = '<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'


def workbook(path: Path, rows: list[list[object]]) -> Path:
    """A plain workbook."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


def with_part(path: Path, **parts: bytes) -> Path:
    """A small workbook some of whose parts are replaced (`sheet`, `strings`)."""
    plain = io.BytesIO()
    book = openpyxl.Workbook()
    book.active.append(["工号", "姓名"])
    book.active.append(["00001", "张三"])
    book.save(plain)
    places = {"sheet": SHEET, "strings": STRINGS}
    given = {places[part]: content for part, content in parts.items()}
    with zipfile.ZipFile(plain) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for entry in {*source.namelist(), *given}:
            target.writestr(entry, given.get(entry) or source.read(entry))
    return path


def far_cell(path: Path) -> Path:
    """One cell at the far corner of the sheet, honestly announced."""
    book = openpyxl.Workbook()
    book.active["A1"] = "姓名"
    book.active["XFD1048576"] = "x"
    book.save(path)
    return path


def far_cell_hidden(path: Path) -> Path:
    """The same without the announcement, so that only running into it shows it."""
    cell = '<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t>x</t></is></c></row>'
    near = '<row r="1"><c r="A1" t="inlineStr"><is><t>姓名</t></is></c></row>'
    return with_part(path, sheet=f"{HEAD}<sheetData>{near}{cell}</sheetData></worksheet>".encode())


def string_bomb(path: Path) -> Path:
    """Shared strings that unpack to 300 MB."""
    item = "<si><t>" + "A" * 1000 + "</t></si>"
    xmlns = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    return with_part(path, strings=f"<sst {xmlns}>{item * 300_000}</sst>".encode())


def huge_cell(path: Path) -> Path:
    """One cell of 200 MB."""
    cell = f'<row r="1"><c r="A1" t="inlineStr"><is><t>{"A" * 200_000_000}</t></is></c></row>'
    return with_part(path, sheet=f"{HEAD}<sheetData>{cell}</sheetData></worksheet>".encode())


def entities(path: Path) -> Path:
    """An entity that reads a file of the machine."""
    evil = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
    sheet = HEAD.replace('<?xml version="1.0"?>', evil)
    cell = '<row r="1"><c r="A1" t="inlineStr"><is><t>&e;</t></is></c></row>'
    return with_part(path, sheet=f"{sheet}<sheetData>{cell}</sheetData></worksheet>".encode())


def styled_blanks(path: Path, rows: int = 60_000) -> Path:
    """A header and very many coloured rows without a value (near a megabyte)."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    empty = WriteOnlyCell(sheet, value=None)
    empty.fill = PatternFill("solid", fgColor="FFFF00")
    for _ in range(rows):
        sheet.append([empty] * 5)
    book.save(path)
    return path


def encrypted(path: Path) -> Path:
    """The shell Office puts around a workbook with a password."""
    path.write_bytes(
        bytes.fromhex("d0cf11e0a1b11ae1") + bytes(2048) + "EncryptedPackage".encode("utf-16-le") + bytes(512)
    )
    return path


def truncated(path: Path) -> Path:
    """A workbook whose second half is missing."""
    workbook(path, [["工号", "姓名"], ["1", "张三"]])
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    return path


def truncated_inside(path: Path) -> Path:
    """A workbook with a whole directory and a sheet that stops in the middle."""
    return with_part(path, sheet=f'{HEAD}<sheetData><row r="1"><c r="A1"'.encode())


def written(content: bytes) -> Callable[[Path], Path]:
    """A file of these bytes."""

    def write(path: Path) -> Path:
        path.write_bytes(content)
        return path

    return write


NASTY: dict[str, tuple[Callable[[Path], Path], set[str]]] = {
    "far.xlsx": (far_cell, {"table_stray_cell"}),
    "far_hidden.xlsx": (far_cell_hidden, {"table_memory"}),
    "strings.xlsx": (string_bomb, {"archive_bomb"}),
    "huge_cell.xlsx": (huge_cell, {"archive_bomb"}),
    "entities.xlsx": (entities, {"table_broken", "table_empty"}),
    "styled_blanks.xlsx": (styled_blanks, {"table_empty"}),
    "encrypted.xlsx": (encrypted, {"table_broken"}),
    "truncated.xlsx": (truncated, {"table_broken"}),
    "truncated_inside.xlsx": (truncated_inside, {"table_broken", "table_empty"}),
    "empty.csv": (written(b""), {"table_empty"}),
    "empty.xlsx": (written(b""), {"table_empty"}),
    "blank_book.xlsx": (lambda path: workbook(path, []), {"table_empty"}),
    "blank_rows.csv": (written(b"\n" * 5_000_000), {"table_empty"}),
    "blank_cells.csv": (written(b",,,,,\r\n" * 700_000), {"table_empty"}),
    "web.xls": (written("<html><table><tr><td>工号</td></tr></table></html>".encode()), {"table_html"}),
    "letter.csv": (written(b"%PDF-1.7 something"), {"table_type"}),
    "picture.xlsx": (written(b"\x89PNG\r\n\x1a\n" + bytes(100)), {"table_type"}),
    "nul.csv": (written("工号,姓名\n1,张\x00三\n".encode()), {"table_binary"}),
    "noise.csv": (written(bytes(range(256)) * 40), {"table_encoding", "table_binary"}),
    "long_line.csv": (written(b"x" * 10_000_000), {"table_line"}),
    "long_commas.csv": (written(b"x," * 5_000_000), {"table_line"}),
    "quotes.csv": (written('工号,姓名\n1,"张三\n2,李四\n'.encode()), {"table_quotes"}),
}  # fmt: skip
