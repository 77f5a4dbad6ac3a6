"""The second look at a binary workbook (xlsb, BIFF12): numbers shown with leading zeros."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from welfare_desk.files import styles as parts
from welfare_desk.files import zeros
from welfare_desk.files.archives import Blob
from welfare_desk.files.biff8 import unpacked
from welfare_desk.files.zeros import Padding, Shown

ROW, RK, REAL, FORMULA_REAL, FORMAT, STYLE, SHEET, STYLES_BEGIN, STYLES_END = 0, 2, 5, 9, 44, 47, 156, 617, 618


def zeros_shown(source: Blob, sheet: str) -> Shown:
    """Place to text for the cells of a sheet whose format shows more zeros than the value has."""
    with source.archive() as archive:
        if "xl/styles.bin" not in archive.namelist():
            return {}
        styles = _styles(archive.read("xl/styles.bin"))
        links = parts.links(archive, "xl/_rels/workbook.bin.rels")
        part = links.get(_sheets(archive.read("xl/workbook.bin")).get(sheet, ""))
        if not styles or part is None:
            return {}
        return _cells(archive.read(part), styles)


def _cells(raw: bytes, styles: dict[int, Padding]) -> Shown:
    shown: Shown = {}
    row = 0
    for kind, body in _records(raw):
        if kind == ROW and len(body) >= 4:
            row = int.from_bytes(body[:4], "little")
        elif kind in (RK, REAL, FORMULA_REAL) and len(body) >= (12 if kind == RK else 16):
            column, style = struct.unpack_from("<II", body)
            value = unpacked(*struct.unpack_from("<I", body, 8)) if kind == RK else struct.unpack_from("<d", body, 8)[0]
            zeros.note(shown, (row, column), value, style & 0xFFFFFF, styles)
    return shown


def _records(raw: bytes) -> Iterator[tuple[int, bytes]]:
    """Kind and body; both lengths are written in groups of seven bits."""
    at = 0
    while at < len(raw):
        kind = raw[at]
        at += 1
        if kind & 0x80 and at < len(raw):
            kind = (kind & 0x7F) | (raw[at] & 0x7F) << 7
            at += 1
        size = shift = 0
        while at < len(raw) and shift <= 21:
            byte = raw[at]
            at += 1
            size |= (byte & 0x7F) << shift
            shift += 7
            if not byte & 0x80:
                break
        yield kind, raw[at : at + size]
        at += size


def _styles(raw: bytes) -> dict[int, Padding]:
    formats: dict[int, Padding] = {}
    styles: dict[int, Padding] = {}
    count = -1
    for kind, body in _records(raw):
        if kind == FORMAT and len(body) >= 6:
            how = zeros.padding(_text(body, 2)[0])
            if how:
                formats[int.from_bytes(body[:2], "little")] = how
        elif kind == STYLES_BEGIN:
            count = 0
        elif kind == STYLES_END:
            return styles
        elif kind == STYLE and count >= 0:
            number = int.from_bytes(body[2:4], "little")
            if number in formats:
                styles[count] = formats[number]
            count += 1
    return styles


def _sheets(raw: bytes) -> dict[str, str]:
    """Sheet name to the link of its part."""
    found = {}
    for kind, body in _records(raw):
        if kind == SHEET and len(body) >= 16:
            link, after = _text(body, 8)
            found[_text(body, after)[0]] = link
    return found


def _text(body: bytes, at: int) -> tuple[str, int]:
    """A text with its length before it, and where it ends."""
    end = at + 4 + 2 * int.from_bytes(body[at : at + 4], "little")
    return body[at + 4 : end].decode("utf-16-le", "replace"), end
