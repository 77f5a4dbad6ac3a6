"""The parse child: reads one file within limits of memory and time and prints its rows as JSON lines.

Standard input: one line saying how to read it (`reading.Reading`). First line out: what the table is. Then chunks of
rows. Last line: `{"end": rows}`, or `{"error": …}` at any point.
A cell is a string, a number, a truth value, null, `[iso date]`, or `{"damaged": why}`.
"""

from __future__ import annotations

import datetime as dt
import json
import sys
from collections.abc import Iterator
from contextlib import suppress
from itertools import chain
from pathlib import Path
from typing import Any, TextIO

from welfare_desk.errors import Refused, WelfareError
from welfare_desk.files import archives, headings, locks, sheets, texts
from welfare_desk.files.archives import MIB, Blob
from welfare_desk.files.chunks import CHUNK_ROWS
from welfare_desk.files.headings import Heading
from welfare_desk.files.limits import RECORD_LIMIT, SHEET_ROW_LIMIT, confine
from welfare_desk.files.reading import Reading

LONG_LINE = MIB
TOLD_LIMIT = 768 * MIB


def main(arguments: list[str]) -> int:
    """`parse FILE`: 0 when the file was read to its end, 1 when it was refused (said in the last line)."""
    out = sys.stdout
    if hasattr(out, "reconfigure"):
        out.reconfigure(encoding="utf-8", newline="\n")
    asked = b"" if sys.stdin is None or sys.stdin.isatty() else sys.stdin.buffer.readline()
    path = Path(arguments[0])
    with suppress(OSError):
        confine(path.stat().st_size)
    return answer(path, Reading.heard(asked), out)


def answer(path: Path, reading: Reading, out: TextIO) -> int:
    """Reads a file as asked and tells it to `out`; the exit status. The limits are those of the process it runs in."""
    try:
        _tell(archives.blob(path), reading, out)
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


def _tell(source: Blob, reading: Reading, out: TextIO) -> None:
    kind = archives.judge(source)
    if kind == "locked":
        source = locks.unlock(source, reading.password)
        kind = archives.judge(source)
    _refuse_vain(source, kind, reading)
    told = 0
    for line in _text(source, reading) if kind == "text" else _sheet(source, kind, reading):
        written = json.dumps(line, ensure_ascii=False, default=_cell, separators=(",", ":"))
        told += len(written)
        if told > TOLD_LIMIT:
            raise Refused("table_memory", field="file", name=source.name)
        if len(written) > LONG_LINE and isinstance(line, list):
            _refuse_long_cell(line, source.name)
        print(written, file=out)
    out.flush()


def _refuse_vain(source: Blob, kind: str, reading: Reading) -> None:
    """What only workbooks have is not asked of a text, nor the other way round."""
    if kind == "text" and reading.sheet is not None:
        raise Refused("text_no_sheets", field="sheet", name=source.name)
    if kind != "text" and (reading.encoding or reading.separator):
        raise Refused("book_no_encoding", field="encoding" if reading.encoding else "separator", name=source.name)


def _text(source: Blob, reading: Reading) -> Iterator[Any]:
    text = texts.read_text(source, reading)
    heading = headings.open_rows(texts.records(text, source.name), source.name, header_row=reading.header_row)
    about = {"kind": "text", "encoding": text.encoding, "encodings": text.encodings, "separator": text.separator}
    return stream_rows(heading, {**about, "header_row": 1, "height": text.line_ends}, source.name)


def _sheet(source: Blob, kind: str, reading: Reading) -> Iterator[Any]:
    try:
        sheet = sheets.open_sheet(source, kind, reading.sheet)
    except sheets.Locked:
        source = locks.unlock(source, reading.password)
        sheet = sheets.open_sheet(source, kind, reading.sheet)
    heading = headings.open_rows(sheet.rows, source.name, header_row=reading.header_row)
    about: dict[str, Any] = {"kind": kind, "sheet": sheet.name, "sheets": sheet.names, "hidden": sheet.hidden}
    about |= {
        "epoch_1904": sheet.epoch_1904,
        "header_row": heading.at,
        "first_column": sheet.first_column,
        "height": sheet.height,
    }
    return stream_rows(heading, about, source.name)


def stream_rows(heading: Heading, about: dict[str, Any], name: str) -> Iterator[Any]:
    """The lines a table is told in: what it is, its rows in chunks, its end.

    A header that stands again among the rows is told as the columns are called, so that it can be known.
    """
    labels = headings.labels(heading.cells, about.get("first_column", 0), name)
    yield {
        "first_column": 0,
        **about,
        "columns": labels,
        "header_at": heading.at,
        "known": heading.known,
        "notes": heading.notes,
        "preview": heading.preview,
    }
    again = heading.cells
    rows = (labels if row == again else row for row in chain(heading.first, heading.rows))
    yield from _chunks(rows, name, RECORD_LIMIT if about["kind"] == "text" else SHEET_ROW_LIMIT)


def _chunks(rows: Iterator[list[Any]], name: str, limit: int) -> Iterator[Any]:
    """Rows in chunks of exactly 1,000 but the last; blank rows are empty lists, those after the last value left out."""
    chunk: list[list[Any]] = []
    waiting = total = 0
    for row in rows:
        if headings.blank(row):
            waiting += 1
            continue
        total += waiting + 1
        if total > limit:
            raise Refused("table_rows", field="file", name=name, limit=f"{limit:,}")
        chunk.extend([] for _ in range(waiting))
        waiting = 0
        chunk.append(row)
        while len(chunk) >= CHUNK_ROWS:
            yield chunk[:CHUNK_ROWS]
            chunk = chunk[CHUNK_ROWS:]
    if chunk:
        yield chunk
    yield {"end": total}


def _refuse_long_cell(rows: list[list[Any]], name: str) -> None:
    for row in rows:
        for cell in row:
            if isinstance(cell, str) and len(cell) > texts.CELL_LIMIT:
                raise Refused("table_long_cell", field="file", name=name, start=cell[:20], limit=texts.CELL_LIMIT)


def _cell(value: object) -> object:
    if isinstance(value, (dt.datetime, dt.date, dt.time)):
        return [value.isoformat()]
    return [str(value)]
