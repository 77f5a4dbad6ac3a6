"""Text tables (csv, tsv, txt): encoding and separator are judged on the whole file, never per cell."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from welfare_desk.errors import Refused
from welfare_desk.files.columns import find_header

SEPARATORS = (",", "\t", ";", "|")
SAMPLE_RECORDS = 30
CELL_LIMIT = 100_000
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x19\x1c-\x1f]")


@dataclass(frozen=True, slots=True)
class Text:
    """A decoded text table. `encoding`: utf-8, utf-8-sig, utf-16 or gb18030."""

    text: str
    encoding: str
    separator: str


def read_text(path: Path) -> Text:
    """The decoded file and its separator.

    Raises Refused: table_encoding, table_binary, table_empty.
    """
    text, encoding = decode(path.read_bytes(), path.name)
    return open_text(text, encoding, path.name)


def open_text(text: str, encoding: str, name: str) -> Text:
    """A text table from text already decoded (a file, or cells pasted). Raises Refused: table_binary, table_empty."""
    text = text.removeprefix("\ufeff").rstrip("\x1a")
    if _CONTROL.search(text):
        raise Refused("table_binary", field="file", name=name)
    if not text.strip(' \t\r\n,;|"\u3000\xa0'):
        raise Refused("table_empty", field="file", name=name)
    return Text(text, encoding, sniff_separator(text))


def decode(raw: bytes, name: str) -> tuple[str, str]:
    """Strict UTF-8 with or without BOM, else UTF-16 by its BOM, else GB18030. Raises Refused(`table_encoding`)."""
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        attempts = ["utf-16"]
    else:
        attempts = ["utf-8-sig" if raw.startswith(codecs.BOM_UTF8) else "utf-8", "gb18030"]
    for encoding in attempts:
        try:
            return raw.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    raise Refused("table_encoding", field="file", name=name)


def sniff_separator(text: str) -> str:
    """The separator whose columns are recognised best, else the one most lines have; `,` when there is none."""
    lines = text.count("\n") + 1
    best = (-1, -1.0, -1)
    chosen = ","
    for separator in SEPARATORS:
        count = text.count(separator)
        if count:
            _at, known = find_header(_sample(text, separator))
            rank = (known, min(count / lines, 1.0), count)
            if rank > best:
                best, chosen = rank, separator
    return chosen


def _sample(text: str, separator: str) -> list[list[str]]:
    try:
        reader = csv.reader(io.StringIO(text[:200_000], newline=""), delimiter=separator)
        found = []
        for record in reader:
            if any(record):
                found.append(record)
            if len(found) == SAMPLE_RECORDS:
                break
    except csv.Error:
        return []
    return found


def records(source: Text, name: str) -> Iterator[list[str]]:
    """Every record, blank lines included as empty lists.

    Raises Refused: table_quotes (a quotation mark is never closed), table_cell (a cell of absurd length).
    """
    csv.field_size_limit(CELL_LIMIT)
    quoted = '"' in source.text
    reader = csv.reader(io.StringIO(source.text, newline=""), delimiter=source.separator, strict=quoted)
    try:
        yield from reader
    except csv.Error as error:
        if "field larger" in str(error):
            raise Refused("table_cell", field="file", name=name, line=reader.line_num) from error
        raise Refused("table_quotes", field="file", name=name, line=reader.line_num) from error
