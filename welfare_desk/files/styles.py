"""The second look at an xlsx sheet, only when needed: numbers shown with leading zeros, formulas without a value."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from xml.etree import ElementTree as ET

from welfare_desk.errors import Refused
from welfare_desk.files import zeros
from welfare_desk.files.archives import Blob
from welfare_desk.files.places import Place, column_letters, column_number
from welfare_desk.files.zeros import Padding, Shown

CHUNK = 4 * 1024 * 1024
PART_LIMIT = 64 * 1024 * 1024
STRAY_CELLS = 20_000_000
LOOKED_THROUGH = 2 * 1024 * 1024
_CELL = re.compile(rb"<(?:\w+:)?c\s([^>]*[^/])>(.*?)</(?:\w+:)?c>", re.DOTALL)
_REF = re.compile(rb'\br="([A-Z]{1,3})(\d{1,7})"')
_OPENING = re.compile(rb"<(?:\w+:)?c\s")
_OTHER_TYPE = re.compile(rb'\bt="(?!n")')
_FORMULA_PART = rb"<(?:\w+:)?f(?:\s[^<>]*)?(?:/>|>[^<]*</(?:\w+:)?f>)"
_VALUE = re.compile(rb"(?:" + _FORMULA_PART + rb")?<(?:\w+:)?v(?:\s[^>]*)?>\s*(\d+)(?:\.0*)?\s*</")
_HOLLOW = re.compile(_FORMULA_PART + rb"\s*(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>")
_HAS_VALUE = re.compile(rb"<(?:\w+:)?v(?:\s[^>]*)?>[^<]|<(?:\w+:)?is>")
_DIMENSION = re.compile(rb'<(?:\w+:)?dimension\s+ref="[A-Z]+\d+:([A-Z]+)(\d+)"')


def xml_part(archive: zipfile.ZipFile, name: str) -> ET.Element:
    """A small part of the workbook as XML. Raises Refused(`table_broken`) for what no Excel writes."""
    try:
        info = archive.getinfo(name)
        if info.file_size > PART_LIMIT:
            raise Refused("table_broken", field="file", name=name)
        raw = archive.read(info)
        if b"<!DOCTYPE" in raw or b"<!ENTITY" in raw:
            raise Refused("table_broken", field="file", name=name)
        return ET.fromstring(raw)
    except (KeyError, ET.ParseError, zipfile.BadZipFile, OSError, EOFError, ValueError) as error:
        raise Refused("table_broken", field="file", name=name) from error


def links(archive: zipfile.ZipFile, name: str) -> dict[str, str]:
    """Link number to the part it leads to."""
    found = {}
    for link in xml_part(archive, name).iter():
        target = link.get("Target", "").replace("\\", "/")
        found[link.get("Id", "")] = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    return found


def sheet_parts(archive: zipfile.ZipFile) -> tuple[dict[str, str], bool]:
    """Sheet name to the part that holds it, and whether dates count from 1904."""
    targets = links(archive, "xl/_rels/workbook.xml.rels")
    book = xml_part(archive, "xl/workbook.xml")
    parts: dict[str, str] = {}
    epoch_1904 = False
    for element in book.iter():
        tag = element.tag.rpartition("}")[2]
        if tag == "workbookPr":
            epoch_1904 = element.get("date1904", "0") in ("1", "true")
        elif tag == "sheet":
            link = next((value for key, value in element.attrib.items() if key.rpartition("}")[2] == "id"), "")
            parts[element.get("name", "")] = targets.get(link, "xl/")
    return parts, epoch_1904


def refuse_stray_cell(archive: zipfile.ZipFile, part: str, name: str) -> None:
    """Raises Refused(`table_stray_cell`) for a sheet whose cells span far more than it has bytes.

    What a sheet announces is only a hint (many programs write nonsense there): the cells themselves are looked at when
    it is absurd, and in every small sheet, which could hide one far away.
    """
    try:
        info = archive.getinfo(part)
        with archive.open(info) as stream:
            found = _DIMENSION.search(stream.read(8192))
    except (KeyError, zipfile.BadZipFile, OSError, EOFError) as error:
        raise Refused("table_broken", field="file", name=name) from error
    announced = (column_number(found[1].decode()) + 1) * int(found[2]) if found else 0
    if info.file_size > LOOKED_THROUGH and not _absurd(announced, info.file_size):
        return
    row, column = _furthest(archive, part)
    if _absurd((row + 1) * (column + 1), info.file_size):
        corner = f"{column_letters(column)}{row + 1}"
        raise Refused("table_stray_cell", field="file", name=name, cell=corner)


def _absurd(cells: int, size: int) -> bool:
    return cells > STRAY_CELLS and cells > size


def _furthest(archive: zipfile.ZipFile, part: str) -> Place:
    """The last row and the last column that have a value."""
    row = column = 0
    for piece in _pieces(archive, part):
        for attributes, inside in _CELL.findall(piece):
            place = _place(attributes) if _HAS_VALUE.search(inside) else None
            if place:
                row, column = max(row, place[0]), max(column, place[1])
    return row, column


def padded_styles(archive: zipfile.ZipFile) -> dict[int, Padding]:
    """Style number to (prefix, width) of formats such as `00000`, which show zeros that the value does not have."""
    if "xl/styles.xml" not in archive.namelist():
        return {}
    root = xml_part(archive, "xl/styles.xml")
    formats: dict[str, Padding] = {}
    styles: dict[int, Padding] = {}
    for element in root.iter():
        tag = element.tag.rpartition("}")[2]
        if tag == "numFmt":
            how = zeros.padding(element.get("formatCode", ""))
            if how:
                formats[element.get("numFmtId", "")] = how
        elif tag == "cellXfs":
            for number, style in enumerate(element):
                if style.get("numFmtId", "") in formats:
                    styles[number] = formats[style.get("numFmtId", "")]
    return styles


def second_look(source: Blob, part: str) -> tuple[Shown, set[Place]]:
    """(cells whose shown zeros must be given back, cells with a formula but no value) of one sheet.

    Only cells with such a format, and only sheets with formulas, are looked at closely.
    """
    shown: Shown = {}
    hollow: set[Place] = set()
    with source.archive() as archive:
        styles = padded_styles(archive)
        wanted = _of_styles(styles) if styles else None
        for piece in _pieces(archive, part):
            if wanted is not None:
                _look_for_zeros(piece, wanted, styles, shown)
            if b"<f" in piece or b":f" in piece:
                _look_for_hollow(piece, hollow)
    return shown, hollow


def _of_styles(styles: dict[int, Padding]) -> re.Pattern[bytes]:
    """What finds the style of a cell that pads; numbers of other things may match and are sorted out later."""
    return re.compile(rb's="(' + b"|".join(str(number).encode() for number in sorted(styles)) + rb')"')


def _look_for_zeros(piece: bytes, wanted: re.Pattern[bytes], styles: dict[int, Padding], shown: Shown) -> None:
    for found in wanted.finditer(piece):
        begin, close = piece.rfind(b"<", 0, found.start()), piece.find(b">", found.end())
        attributes = piece[begin:close]
        if not _OPENING.match(attributes) or attributes.endswith(b"/") or _OTHER_TYPE.search(attributes):
            continue
        value, place = _VALUE.match(piece, close + 1), _place(attributes)
        if value and place:
            prefix, width = styles[int(found[1])]
            shown[place] = prefix + value[1].decode().zfill(width)


def _look_for_hollow(piece: bytes, hollow: set[Place]) -> None:
    for found in _HOLLOW.finditer(piece):
        begin = max(piece.rfind(b"<c ", 0, found.start()), piece.rfind(b":c ", 0, found.start()))
        place = _place(piece[begin : piece.find(b">", begin)]) if begin >= 0 else None
        if place:
            hollow.add(place)


def _place(attributes: bytes) -> Place | None:
    found = _REF.search(attributes)
    return (int(found[2]) - 1, column_number(found[1].decode())) if found else None


def _pieces(archive: zipfile.ZipFile, part: str) -> Iterator[bytes]:
    """The sheet's XML in pieces that end between rows."""
    rest = b""
    try:
        with archive.open(part) as stream:
            while block := stream.read(CHUNK):
                rest += block
                cut = rest.rfind(b"row>") + 4
                if cut >= 4:
                    yield rest[:cut]
                    rest = rest[cut:]
    except (KeyError, zipfile.BadZipFile, OSError, EOFError) as error:
        raise Refused("table_broken", field="file", name=part) from error
    yield rest
