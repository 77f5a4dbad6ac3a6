"""The same small list as xlsb and ods, made by hand part by part; `samples/list.xls` is the old format, saved once.

Row 2 has its number as text, row 3 as 456 shown as 00456, row 4 as 45 shown as E0045 (ods: 00045).
"""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Sequence
from pathlib import Path

SAMPLES = Path(__file__).with_name("samples")
HEADER = ("工号", "姓名", "手机", "入职日期", "证件号")
BROKEN_DIGITS = 110101199001011234
PLAIN, PADDED, PREFIXED, DAY = 0, 1, 2, 3
NAMES = "urn:oasis:names:tc:opendocument:xmlns"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"

Cell = tuple[object, int]


def rows() -> list[list[Cell]]:
    """(value, style) of every cell below the header."""
    return [
        [("00123", PLAIN), ("张三", PLAIN), (13800138000.0, PLAIN), (45293.0, DAY), (float(BROKEN_DIGITS), PLAIN)],
        [(456.0, PADDED), ("李四", PLAIN), ("13800138001", PLAIN), (45291.0, DAY), ("x", PLAIN)],
        [(45.0, PREFIXED), ("王五", PLAIN), (13800138002.0, PLAIN), (45292.0, DAY), ("y", PLAIN)],
    ]


def record(kind: int, body: bytes = b"") -> bytes:
    """One record of a binary workbook."""
    head = bytes([kind]) if kind < 128 else bytes([kind & 0x7F | 0x80, kind >> 7])
    size = len(body)
    length = b""
    while True:
        byte = size & 0x7F
        size >>= 7
        length += bytes([byte | 0x80 if size else byte])
        if not size:
            return head + length + body


def wide(text: str) -> bytes:
    """A text with its length before it."""
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def _cell(column: int, cell: Cell) -> bytes:
    value, style = cell
    place = struct.pack("<II", column, style)
    if isinstance(value, float):
        whole = int(value)
        if value == whole and whole < 2**29 and style:
            return record(2, place + struct.pack("<I", whole << 2 | 2))
        return record(5, place + struct.pack("<d", value))
    return record(6, place + wide(str(value)))


def xlsb(path: Path) -> Path:
    """The list as a binary workbook."""
    formats = {200: "00000", 201: '"E"0000', 202: "yyyy-mm-dd"}
    styles = record(278) + record(615, struct.pack("<I", len(formats)))
    styles += b"".join(record(44, struct.pack("<H", number) + wide(code)) for number, code in formats.items())
    styles += record(616) + record(617, struct.pack("<I", 4))
    styles += b"".join(record(47, struct.pack("<HHHHHHI", 0, number, 0, 0, 0, 0, 0)) for number in (0, 200, 201, 202))
    styles += record(618) + record(279)
    table: list[Sequence[Cell]] = [[(header, PLAIN) for header in HEADER], *rows()]
    sheet = record(129) + record(148, struct.pack("<IIII", 0, len(table) - 1, 0, len(HEADER) - 1)) + record(145)
    for number, row in enumerate(table):
        sheet += record(0, struct.pack("<IIHBBBI", number, 0, 300, 0, 0, 0, 0))
        sheet += b"".join(_cell(column, cell) for column, cell in enumerate(row))
    sheet += record(146) + record(130)
    book = record(131) + record(143) + record(156, struct.pack("<II", 0, 1) + wide("rId1") + wide("名单"))
    book += record(144) + record(132)
    links = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="rId1" Type="{RELATIONS}/worksheet" Target="worksheets/sheet1.bin"/>'
        f'<Relationship Id="rId2" Type="{RELATIONS}/styles" Target="styles.bin"/></Relationships>'
    )
    parts = {"xl/workbook.bin": book, "xl/_rels/workbook.bin.rels": links.encode(), "xl/styles.bin": styles}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in {**parts, "xl/worksheets/sheet1.bin": sheet}.items():
            target.writestr(name, content)
    return path


def _ods_cell(cell: Cell) -> str:
    value, style = cell
    if isinstance(value, str):
        return f'<table:table-cell office:value-type="string"><text:p>{value}</text:p></table:table-cell>'
    number = float(str(value))
    if style == DAY:
        day = {45293: "2024-01-02", 45291: "2023-12-31", 45292: "2024-01-01"}[int(number)]
        return (
            f'<table:table-cell office:value-type="date" office:date-value="{day}"><text:p>{day}</text:p>'
            "</table:table-cell>"
        )
    shown = f"{int(number):05}" if style else f"{int(number)}"
    return (
        f'<table:table-cell office:value-type="float" office:value="{int(number)}"><text:p>{shown}</text:p>'
        "</table:table-cell>"
    )


def ods(path: Path) -> Path:
    """The list as an OpenDocument sheet, one blank row repeated twice above its last row."""
    table: list[list[Cell]] = [[(header, PLAIN) for header in HEADER], *rows()]
    written = [f"<table:table-row>{''.join(map(_ods_cell, row))}</table:table-row>" for row in table]
    written.insert(3, '<table:table-row table:number-rows-repeated="2"><table:table-cell/></table:table-row>')
    content = (
        f'<office:document-content xmlns:office="{NAMES}:office:1.0" xmlns:table="{NAMES}:table:1.0" '
        f'xmlns:text="{NAMES}:text:1.0" xmlns:number="{NAMES}:datastyle:1.0"><office:automatic-styles>'
        '<number:number-style><number:number number:min-integer-digits="5"/></number:number-style>'
        "</office:automatic-styles><office:body><office:spreadsheet>"
        f'<table:table table:name="名单">{"".join(written)}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        target.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet", zipfile.ZIP_STORED)
        target.writestr("META-INF/manifest.xml", f'<m:manifest xmlns:m="{NAMES}:manifest:1.0"/>')
        target.writestr("content.xml", content)
    return path
