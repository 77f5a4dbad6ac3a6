"""The second look at an OpenDocument sheet: numbers shown with leading zeros, by the text beside the value."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import IO
from xml.etree import ElementTree as ET

from welfare_desk.errors import Refused
from welfare_desk.files.archives import MIB, Blob
from welfare_desk.files.zeros import Shown

TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
PLACES_LIMIT = 2_000_000
_DIGITS = re.compile(rb'min-integer-digits="(?:[2-9]|\d\d)')


def zeros_shown(source: Blob, sheet: str) -> Shown:
    """Place to text for the cells of a sheet that show more zeros than the value has."""
    with source.archive() as archive:
        if not _pads(archive.open("content.xml")):
            return {}
        with archive.open("content.xml") as content:
            try:
                return dict(_cells(content, sheet))
            except ET.ParseError as error:
                raise Refused("table_broken", field="file", name=source.name) from error


def _pads(content: IO[bytes]) -> bool:
    """Whether any format asks for two digits or more; formats stand before the first sheet."""
    with content:
        return _DIGITS.search(content.read(4 * MIB)) is not None


def _cells(content: IO[bytes], sheet: str) -> Iterator[tuple[tuple[int, int], str]]:
    """The padded cells of a sheet; repeated rows and columns are counted, and repeat what they show."""
    inside = False
    row = told = 0
    for event, element in ET.iterparse(content, events=("start", "end")):
        if event == "start":
            if element.tag == f"{TABLE}table":
                inside, row = element.get(f"{TABLE}name") == sheet, 0
        elif element.tag == f"{TABLE}table-row":
            if inside:
                again = _times(element, "rows")
                for column, text in _row(element):
                    for at in range(again):
                        told += 1
                        if told > PLACES_LIMIT:
                            return
                        yield (row + at, column), text
                row += again
            element.clear()
        elif element.tag == f"{TABLE}table" and inside:
            return


def _row(row: ET.Element) -> Iterator[tuple[int, str]]:
    column = 0
    for cell in row:
        again = _times(cell, "columns")
        said = cell.find(f"{TEXT}p")
        text = "" if said is None else "".join(said.itertext())
        if cell.get(f"{OFFICE}value-type") == "float" and _padded(text, cell.get(f"{OFFICE}value", "")):
            for at in range(min(again, 512)):
                yield column + at, text
        column += again


def _padded(text: str, value: str) -> bool:
    if not (text.isascii() and text.isdigit() and text.startswith("0") and len(text) > 1):
        return False
    try:
        return float(text) == float(value)
    except ValueError:
        return False


def _times(element: ET.Element, what: str) -> int:
    written = element.get(f"{TABLE}number-{what}-repeated", "1")
    return int(written) if written.isdigit() and len(written) < 8 else 1
