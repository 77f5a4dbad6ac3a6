"""Files nobody should send, made on the spot."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import openpyxl
from msoffcrypto.format.ooxml import OOXMLFile

SHEET = "xl/worksheets/sheet1.xml"
STRINGS = "xl/sharedStrings.xml"
HEAD = '<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'


def workbook(path: Path, rows: Sequence[Sequence[object]]) -> Path:
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
    """Shared strings that unpack to 120 MB."""
    item = "<si><t>" + "A" * 1000 + "</t></si>"
    xmlns = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    return with_part(path, strings=f"<sst {xmlns}>{item * 120_000}</sst>".encode())


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
    """Nothing but very many coloured rows without a value."""
    cells = "".join(f'<c r="{letter}{{0}}" s="1"/>' for letter in "ABCDE")
    blanks = "".join(f'<row r="{row}">{cells.format(row)}</row>' for row in range(1, rows + 1))
    return with_part(path, sheet=f"{HEAD}<sheetData>{blanks}</sheetData></worksheet>".encode())


def million_styled_blanks(path: Path) -> Path:
    """A list of one person and a million styled rows without a value below."""
    near = text_row(1, "工号", "姓名") + text_row(2, "1", "张三")
    blanks = "".join(f'<row r="{row}"><c r="A{row}" s="1"/><c r="B{row}" s="1"/></row>' for row in range(3, 1_000_003))
    return with_part(path, sheet=f"{HEAD}<sheetData>{near}{blanks}</sheetData></worksheet>".encode())


def text_row(number: int, *texts: str) -> str:
    """A row of a sheet as XML."""
    cells = "".join(
        f'<c r="{chr(65 + at)}{number}" t="inlineStr"><is><t>{text}</t></is></c>' for at, text in enumerate(texts)
    )
    return f'<row r="{number}">{cells}</row>'


def zipped(path: Path, *entries: tuple[str, bytes]) -> Path:
    """An archive of these parts."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in entries:
            target.writestr(name, content)
    return path


def nested(path: Path) -> Path:
    """A list inside a zip inside a zip."""
    inner = workbook(path.with_name("inner.xlsx"), [["工号", "姓名"], ["1", "张三"]])
    middle = zipped(path.with_name("middle.zip"), ("list.xlsx", inner.read_bytes()))
    return zipped(path, ("middle.zip", middle.read_bytes()))


def nested_as_sheet(path: Path) -> Path:
    """A workbook whose sheet is an archive."""
    inner = workbook(path.with_name("inner.xlsx"), [["工号", "姓名"]])
    return with_part(path, sheet=inner.read_bytes())


def many_parts(path: Path) -> Path:
    """A workbook of 30,000 parts."""
    return zipped(path, ("xl/workbook.xml", b"<workbook/>"), *((f"xl/{number}", b"") for number in range(30_000)))


def lying_size(path: Path) -> Path:
    """Strings of 120 MB whose directory says that they are 1 KB."""
    string_bomb(path)
    raw = bytearray(path.read_bytes())
    at = raw.find(STRINGS.encode(), raw.find(b"PK\x01\x02")) - 46
    raw[at + 24 : at + 28] = (1024).to_bytes(4, "little")
    path.write_bytes(raw)
    return path


def endless_sheet(path: Path) -> Path:
    """An ods that says: this cell a thousand times to the right, this row a million times."""
    names = "urn:oasis:names:tc:opendocument:xmlns"
    cell = '<table:table-cell table:number-columns-repeated="1000" office:value-type="string"><text:p>x</text:p>'
    content = (
        f'<office:document-content xmlns:office="{names}:office:1.0" xmlns:table="{names}:table:1.0" '
        f'xmlns:text="{names}:text:1.0"><office:body><office:spreadsheet><table:table table:name="S">'
        f'<table:table-row table:number-rows-repeated="1000000">{cell}</table:table-cell></table:table-row>'
        "</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    kind = b"application/vnd.oasis.opendocument.spreadsheet"
    return zipped(path, ("mimetype", kind), ("content.xml", content.encode()), ("META-INF/manifest.xml", b"<m/>"))


def slow_lock(path: Path) -> Path:
    """A workbook whose password is to be hashed a million times."""
    plain = workbook(path.with_name("plain.xlsx"), [["工号", "姓名"], ["1", "张三"]])
    locked = io.BytesIO()
    with plain.open("rb") as source:
        OOXMLFile(source).encrypt("p", locked)
    path.write_bytes(locked.getvalue().replace(b'spinCount="100000"', b'spinCount="999999"'))
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
    "far_hidden.xlsx": (far_cell_hidden, {"table_stray_cell"}),
    "nested.zip": (nested, {"table_type"}),
    "nested.xlsx": (nested_as_sheet, {"table_broken", "table_empty"}),
    "zeros.xlsx": (lambda path: zipped(path, ("xl/workbook.xml", bytes(150_000_000))), {"archive_bomb"}),
    "many_parts.xlsx": (many_parts, {"archive_bomb"}),
    "lying_size.xlsx": (lying_size, {"archive_bomb", "table_broken", "table_memory", "table_slow"}),
    "endless.ods": (endless_sheet, {"table_memory", "table_broken", "table_slow"}),
    "slow_lock.xlsx": (slow_lock, {"table_lock"}),
    "strings.xlsx": (string_bomb, {"archive_bomb"}),
    "huge_cell.xlsx": (huge_cell, {"archive_bomb"}),
    "entities.xlsx": (entities, {"table_broken", "table_empty"}),
    "styled_blanks.xlsx": (styled_blanks, {"table_empty"}),
    "encrypted.xlsx": (encrypted, {"table_password"}),
    "truncated.xlsx": (truncated, {"table_broken"}),
    "truncated_inside.xlsx": (truncated_inside, {"table_broken", "table_empty"}),
    "empty.csv": (written(b""), {"table_empty"}),
    "empty.xlsx": (written(b""), {"table_empty"}),
    "blank_book.xlsx": (lambda path: workbook(path, []), {"table_empty"}),
    "blank_rows.csv": (written(b"\n" * 5_000_000), {"table_empty"}),
    "blank_cells.csv": (written(b",,,,,\r\n" * 700_000), {"table_empty"}),
    "web.xls": (written("<html><table><tr><td>工号</td></tr></table></html>".encode()), {"table_html"}),
    "web_wide.xls": (written("<html><table>".encode("utf-16")), {"table_html"}),
    "old_xml.xls": (
        written(
            b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"></Workbook>'
        ),
        {"table_xml"},
    ),
    "mail.xls": (written(b"MIME-Version: 1.0\r\nContent-Type: multipart/related\r\n"), {"table_html"}),
    "noise.xls": (written(bytes.fromhex("d0cf11e0a1b11ae1") + "Workbook".encode("utf-16-le") * 500), {"table_broken"}),
    "endless_quote.csv": (
        written('工号,姓名\n1,"张三\n'.encode() + b"2,b\n" * 10_000_000), {"table_quotes"}
    ),
    "long_cell.csv": (written("工号,姓名\n1,".encode() + b"x" * 400_000 + b"\n"), {"table_cell"}),
    "letter.csv": (written(b"%PDF-1.7 something"), {"table_type"}),
    "picture.xlsx": (written(b"\x89PNG\r\n\x1a\n" + bytes(100)), {"table_type"}),
    "nul.csv": (written("工号,姓名\n1,张\x00三\n".encode()), {"table_binary"}),
    "noise.csv": (written(bytes(range(256)) * 40), {"table_encoding", "table_binary"}),
    "long_line.csv": (written(b"x" * 10_000_000), {"table_line"}),
    "long_commas.csv": (written(b"x," * 5_000_000), {"table_line"}),
    "quotes.csv": (written('工号,姓名\n1,"张三\n2,李四\n'.encode()), {"table_quotes"}),
}  # fmt: skip
