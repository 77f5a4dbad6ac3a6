"""The top of a table: where its header stands below titles and instructions, and what its columns are called."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any

from welfare_desk.errors import Refused
from welfare_desk.files import columns
from welfare_desk.files.cells import shown
from welfare_desk.files.places import column_letters

COLUMN_LIMIT = 512
PREVIEW_ROWS = 15
BLANKS_SHOWN = 200
PREVIEW_COLUMNS = 40
PREVIEW_SIGNS = 100
NOTES = 20
LABEL_SIGNS = 200
INVISIBLE = " \t\r\n\u3000\xa0\u200b\ufeff\x1a"


@dataclass(slots=True)
class Heading:
    """`at` counts the rows of the file from 1; `known` is how well the header is recognised (0: not at all).

    `first` are rows below the header already read, `rows` all after them.
    """

    at: int
    cells: list[Any]
    known: int
    notes: list[str]
    preview: list[list[str]]
    first: list[list[Any]]
    rows: Iterator[list[Any]]


def open_rows(rows: Iterator[list[Any]], name: str, *, header_row: int | None = None) -> Heading:
    """Finds the header, or takes the row a person chose. Raises Refused: table_empty, table_header_row."""
    above = 0
    for row in rows:
        if not blank(row):
            rows = chain([row], rows)
            break
        above += 1
    else:
        raise Refused("table_empty", field="file", name=name)
    wanted = columns.HEADER_ROWS if header_row is None else max(columns.HEADER_ROWS, header_row - above)
    head = list(islice(rows, wanted))
    if header_row is None:
        at, known = columns.find_header(head)
    else:
        at = header_row - above - 1
        if not 0 <= at < len(head) or blank(head[at]):
            raise Refused("table_header_row", field="header_row", name=name, row=header_row)
        known = columns.score(head[at])
    preview = [*([[]] * min(above, BLANKS_SHOWN)), *head][: max(PREVIEW_ROWS, above + at + 3)]
    notes = [shown(cell)[:LABEL_SIGNS] for row in head[:at] for cell in row if cell not in (None, "")][:NOTES]
    return Heading(
        at=above + at + 1, cells=head[at], known=known, notes=notes, preview=[_shown(row) for row in preview],
        first=head[at + 1 :], rows=rows,
    )  # fmt: skip


def _shown(row: list[Any]) -> list[str]:
    return [shown(cell)[:PREVIEW_SIGNS] for cell in row[:PREVIEW_COLUMNS]]


def labels(header: list[Any], first_column: int, name: str) -> list[str]:
    """Every column's name, each once; one without a name is called by its letter. Raises Refused(`table_too_wide`)."""
    while header and header[-1] in (None, ""):
        header = header[:-1]
    if len(header) > COLUMN_LIMIT:
        corner = column_letters(first_column + len(header) - 1)
        raise Refused("table_too_wide", field="file", name=name, limit=COLUMN_LIMIT, column=corner)
    found: dict[str, None] = {}
    for index, cell in enumerate(header):
        label = " ".join(shown(cell).split()).strip("\ufeff\u200b")[:LABEL_SIGNS]
        label = label or f"({column_letters(first_column + index)})"
        again = 2
        unique = label
        while unique in found:
            unique = f"{label} ({again})"
            again += 1
        found[unique] = None
    return list(found)


def blank(row: list[Any]) -> bool:
    """Whether no cell of the row has a value; blanks and line ends are none."""
    return row.count("") == len(row) or all(
        cell is None or (isinstance(cell, str) and not cell.strip(INVISIBLE)) for cell in row
    )
