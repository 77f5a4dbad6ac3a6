"""The second look at an old workbook (xls, BIFF8): numbers shown with leading zeros."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from welfare_desk.files import zeros
from welfare_desk.files.archives import Blob
from welfare_desk.files.zeros import Padding, Shown

STREAMS = ("Workbook", "Book")
EOF, FORMULA, SHEET, MULTIPLE, XF, NUMBER, RK, FORMAT = 0x0A, 0x06, 0x85, 0xBD, 0xE0, 0x0203, 0x027E, 0x041E

Record = tuple[int, bytes]


def zeros_shown(source: Blob, sheet: str) -> Shown:
    """Place to text for the cells of a sheet whose format shows more zeros than the value has."""
    stream = _stream(source)
    styles, begins = _globals(stream)
    if not styles or sheet not in begins:
        return {}
    shown: Shown = {}
    for kind, body in _records(stream, begins[sheet]):
        if kind in (NUMBER, FORMULA) and len(body) >= 14 and body[12:14] != b"\xff\xff":
            row, column, style, value = struct.unpack_from("<HHHd", body)
            zeros.note(shown, (row, column), value, style, styles)
        elif kind == RK and len(body) >= 10:
            row, column, style, packed = struct.unpack_from("<HHHI", body)
            zeros.note(shown, (row, column), unpacked(packed), style, styles)
        elif kind == MULTIPLE:
            row, column = struct.unpack_from("<HH", body)
            for at, (style, packed) in enumerate(struct.iter_unpack("<HI", body[4 : 4 + (len(body) - 6) // 6 * 6])):
                zeros.note(shown, (row, column + at), unpacked(packed), style, styles)
    return shown


def unpacked(packed: int) -> float:
    """A number in the four bytes Excel calls RK."""
    value: float
    if packed & 2:
        value = float((packed - (1 << 32) if packed & 0x80000000 else packed) >> 2)
    else:
        value = struct.unpack("<d", struct.pack("<Q", (packed & 0xFFFFFFFC) << 32))[0]
    return value / 100 if packed & 1 else value


def _stream(source: Blob) -> bytes:
    import olefile

    with source.open() as raw, olefile.OleFileIO(raw) as shell:
        name = next((name for name in STREAMS if shell.exists(name)), None)
        return bytes(shell.openstream(name).read()) if name else b""


def _records(stream: bytes, at: int) -> Iterator[Record]:
    """The records from a place to the end of that part."""
    while at + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, at)
        yield kind, stream[at + 4 : at + 4 + size]
        if kind == EOF:
            return
        at += 4 + size


def _globals(stream: bytes) -> tuple[dict[int, Padding], dict[str, int]]:
    """Style number to padding, and sheet name to where its records begin."""
    formats: dict[int, Padding] = {}
    styles: dict[int, Padding] = {}
    begins: dict[str, int] = {}
    count = 0
    for kind, body in _records(stream, 0):
        if kind == FORMAT and len(body) > 5:
            how = zeros.padding(_text(body[5:], int.from_bytes(body[2:4], "little"), wide=bool(body[4] & 1)))
            if how:
                formats[int.from_bytes(body[:2], "little")] = how
        elif kind == XF and len(body) >= 4:
            number = int.from_bytes(body[2:4], "little")
            if number in formats:
                styles[count] = formats[number]
            count += 1
        elif kind == SHEET and len(body) > 8:
            begins[_text(body[8:], body[6], wide=bool(body[7] & 1))] = int.from_bytes(body[:4], "little")
    return styles, begins


def _text(raw: bytes, length: int, *, wide: bool) -> str:
    return raw[: 2 * length].decode("utf-16-le", "replace") if wide else raw[:length].decode("latin-1")
