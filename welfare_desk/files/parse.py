"""The parse child: reads one file within limits of memory and time and prints its rows as JSON lines.

First line: what the table is. Then chunks of rows. Last line: `{"end": rows}`, or `{"error": …}` at any point.
A cell is a string, a number, a truth value, null, `[iso date]`, or `{"damaged": why}`.
"""

from __future__ import annotations

import datetime as dt
import json
import sys
from collections.abc import Iterator
from contextlib import suppress
from itertools import chain, islice
from pathlib import Path
from typing import Any, TextIO

from welfare_desk.errors import Refused, WelfareError
from welfare_desk.files import archives, columns, sheets, texts
from welfare_desk.files.limits import confine
from welfare_desk.files.styles import column_letters

CHUNK_ROWS = 1000
RECORD_LIMIT = 2_000_000


def main(arguments: list[str]) -> int:
    """`parse FILE [SHEET]`: 0 when the file was read to its end, 1 when it was refused (said in the last line)."""
    out = sys.stdout
    if hasattr(out, "reconfigure"):
        out.reconfigure(encoding="utf-8", newline="\n")
    path = Path(arguments[0])
    try:
        kind = archives.judge(path)
        confine(kind.size)
        _stream(out, path, kind.name, arguments[1] if len(arguments) > 1 else None)
    except WelfareError as error:
        return _refuse(out, error)
    except MemoryError:
        return _refuse(out, Refused("table_memory", field="file", name=path.name))
    except BrokenPipeError:
        return 1
    except BaseException:  # noqa: BLE001 - a reader's panic is no Exception; whatever it was, the file is to blame
        return _refuse(out, Refused("table_broken", field="file", name=path.name))
    return 0


def _refuse(out: TextIO, error: WelfareError) -> int:
    with suppress(OSError):
        print(json.dumps({"error": {"code": error.code, "field": error.field, "params": error.params}}), file=out)
        out.flush()
    return 1


def _stream(out: TextIO, path: Path, kind: str, wanted: str | None) -> None:
    if kind == "text":
        source = texts.read_text(path)
        about: dict[str, Any] = {"kind": "text", "encoding": source.encoding, "separator": source.separator}
        lines = stream_rows(texts.records(source, path.name), about, path.name, counted_from_header=True)
    else:
        sheet = sheets.open_sheet(path, kind, wanted)
        about = {"kind": kind, "sheet": sheet.name, "sheets": sheet.names, "hidden": sheet.hidden}
        about["epoch_1904"] = sheet.epoch_1904
        lines = stream_rows(sheet.rows, about, path.name, first_column=sheet.first_column)
    for line in lines:
        print(json.dumps(line, ensure_ascii=False, default=_cell), file=out)
    out.flush()


def stream_rows(
    rows: Iterator[list[Any]], about: dict[str, Any], name: str, *, first_column: int = 0,
    counted_from_header: bool = False,
) -> Iterator[Any]:  # fmt: skip
    """The lines a table is told in. `counted_from_header`: the header is row 1 whatever stands above it (csv)."""
    above = 0
    for row in rows:
        if not blank(row):
            rows = chain([row], rows)
            break
        above += 1
    else:
        raise Refused("table_empty", field="file", name=name)
    head = list(islice(rows, columns.HEADER_ROWS))
    at, known = columns.find_header(head)
    labels = _labels(head[at], first_column, name)
    number = 1 if counted_from_header else above + at + 1
    notes = [str(cell) for row in head[:at] for cell in row if cell not in (None, "")][:20]
    yield {
        **about,
        "columns": labels,
        "header_row": number,
        "known": known,
        "notes": notes,
        "first_column": first_column,
    }
    yield from _chunks(chain(head[at + 1 :], rows), name)


def _labels(header: list[Any], first_column: int, name: str) -> list[str]:
    """Every column's name, each once; a column without one is called by its letter."""
    while header and header[-1] in (None, ""):
        header = header[:-1]
    if len(header) > sheets.COLUMN_LIMIT:
        corner = column_letters(first_column + len(header) - 1)
        raise Refused("table_too_wide", field="file", name=name, limit=sheets.COLUMN_LIMIT, column=corner)
    labels: list[str] = []
    for index, cell in enumerate(header):
        label = " ".join(str(cell).split()) if cell not in (None, "") else ""
        label = label.strip("\ufeff\u200b")[:200] or f"({column_letters(first_column + index)})"
        again = 2
        unique = label
        while unique in labels:
            unique = f"{label} ({again})"
            again += 1
        labels.append(unique)
    return labels


def _chunks(rows: Iterator[list[Any]], name: str) -> Iterator[Any]:
    """Rows in chunks, blank rows as empty lists, those after the last value left out."""
    chunk: list[list[Any]] = []
    waiting = total = 0
    for row in rows:
        if blank(row):
            waiting += 1
            continue
        total += waiting + 1
        if total > RECORD_LIMIT:
            raise Refused("table_rows", field="file", name=name, limit=RECORD_LIMIT)
        chunk.extend([] for _ in range(waiting))
        waiting = 0
        chunk.append(row)
        if len(chunk) >= CHUNK_ROWS:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
    yield {"end": total}


def blank(row: list[Any]) -> bool:
    """Whether no cell of the row has a value; blanks and line ends are none."""
    return row.count("") == len(row) or all(
        cell is None or (isinstance(cell, str) and not cell.strip(" \t\r\n\u3000\xa0\u200b\ufeff")) for cell in row
    )


def _cell(value: object) -> object:
    if isinstance(value, (dt.datetime, dt.date, dt.time)):
        return [value.isoformat()]
    return [str(value)]
