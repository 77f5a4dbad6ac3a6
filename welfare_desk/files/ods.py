"""The second look at an OpenDocument sheet: numbers shown with leading zeros, formulas without a value."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import IO
from xml.etree import ElementTree as ET

from welfare_desk.errors import Refused
from welfare_desk.files.archives import MIB, Blob
from welfare_desk.files.headings import COLUMN_LIMIT
from welfare_desk.files.places import Place
from welfare_desk.files.zeros import Shown

TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
PLACES_LIMIT = 2_000_000
AT_ONCE = 4 * MIB
_WORTH_A_LOOK = re.compile(rb'min-integer-digits="(?:[2-9]|\d\d)|:formula="')
_LONGEST_MARK = 24


def second_look(source: Blob, sheet: str) -> tuple[Shown, set[Place]]:
    """(text of cells that show more zeros than the value has, cells with a formula but no value) of a sheet."""
    shown: Shown = {}
    hollow: set[Place] = set()
    with source.archive() as archive:
        if not _worth_a_look(archive.open("content.xml")):
            return shown, hollow
        with archive.open("content.xml") as content:
            try:
                for place, text in _cells(content, sheet):
                    if text is None:
                        hollow.add(place)
                    else:
                        shown[place] = text
            except ET.ParseError as error:
                raise Refused("table_broken", field="file", name=source.name) from error
    return shown, hollow


def _worth_a_look(content: IO[bytes]) -> bool:
    """Whether any format asks for two digits or more, or any cell has a formula."""
    kept = b""
    with content:
        while piece := content.read(AT_ONCE):
            if _WORTH_A_LOOK.search(kept + piece):
                return True
            kept = piece[-_LONGEST_MARK:]
    return False


def _cells(content: IO[bytes], sheet: str) -> Iterator[tuple[Place, str | None]]:
    """The padded cells of a sheet, and hollow formulas (None); what is repeated counts, and repeats what it shows."""
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


def _row(row: ET.Element) -> Iterator[tuple[int, str | None]]:
    column = 0
    for cell in row:
        again = _times(cell, "columns")
        said = cell.find(f"{TEXT}p")
        text = "" if said is None else "".join(said.itertext())
        hollow = cell.get(f"{TABLE}formula") is not None and cell.get(f"{OFFICE}value-type") is None and not text
        padded = cell.get(f"{OFFICE}value-type") == "float" and _padded(text, cell.get(f"{OFFICE}value", ""))
        for at in range(min(again, COLUMN_LIMIT) if hollow or padded else 0):
            yield column + at, None if hollow else text
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
