"""Text tables (csv, tsv, txt): encoding and separator are judged on the whole file, never per cell."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO, TextIO

from welfare_desk.errors import Refused
from welfare_desk.files.archives import Blob
from welfare_desk.files.columns import find_header
from welfare_desk.files.reading import OPEN, Reading

SEPARATORS = (",", "\t", ";", "|")
SEPARATOR_WORDS = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "pipe": "|"}
# What a person may choose, best guess first. GB18030 reads all that GBK and GB2312 write.
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030", "big5", "cp1252")
SAMPLE_RECORDS = 30
SAMPLE_SIGNS = 200_000
CELL_LIMIT = 100_000
BLOCK = 1 << 20
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x19\x1c-\x1f]")
_NOTHING = ' \t\r\n,;|"\u3000\xa0\ufeff\x1a'
_CODECS = {"big5": "big5hkscs"}
_ALIASES = {"gbk": "gb18030", "gb2312": "gb18030", "big5hkscs": "big5"}

Opener = Callable[[], BinaryIO]


@dataclass(frozen=True, slots=True)
class Text:
    """A text table as it will be read. `encodings`: those in which the whole file decodes, best first."""

    encoding: str
    encodings: tuple[str, ...]
    separator: str
    quoted: bool
    line_ends: int
    lines: Callable[[], TextIO]


@dataclass(slots=True)
class Survey:
    """What one pass over a whole text found. `trouble` is the code of a refusal, or empty."""

    start: str = ""
    line_ends: int = 0
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(SEPARATORS, 0))
    quoted: bool = False
    filled: bool = False
    ascii: bool = True
    trouble: str = ""


def read_text(source: Blob, reading: Reading = OPEN) -> Text:
    """How a file is read: as asked, else by its own bytes.

    Raises Refused: table_encoding, table_encoding_chosen, encoding_unknown, separator_unknown, table_binary,
    table_empty, table_line.
    """
    wanted = _known(reading.encoding) if reading.encoding else None
    encodings, survey = _judge(source.open, source.name, wanted)
    _refuse_useless(survey, source.name)
    codec = _CODECS.get(encodings[0], encodings[0])
    return Text(
        encoding=encodings[0],
        encodings=tuple(sorted(encodings, key=ENCODINGS.index)),
        separator=_separator(reading.separator) or sniff_separator(survey),
        quoted=survey.quoted,
        line_ends=survey.line_ends,
        lines=lambda: io.TextIOWrapper(source.open(), encoding=codec, newline=""),
    )


def open_text(text: str, name: str, separator: str | None = None) -> Text:
    """A text table from text already decoded (cells pasted).

    Raises Refused: table_binary, table_empty, table_line, separator_unknown.
    """
    text = text.removeprefix("\ufeff").rstrip("\x1a")
    survey = Survey()
    _look(survey, text)
    _refuse_useless(survey, name)
    chosen = _separator(separator) or sniff_separator(survey)
    return Text("utf-8", (), chosen, survey.quoted, survey.line_ends, lambda: io.StringIO(text, newline=""))


def decode(raw: bytes, name: str) -> tuple[str, str]:
    """(text, encoding) of a whole small file, judged like a table's. Raises Refused(`table_encoding`)."""
    encodings, _survey = _judge(lambda: io.BytesIO(raw), name, None)
    return raw.decode(_CODECS.get(encodings[0], encodings[0])), encodings[0]


def _judge(opener: Opener, name: str, wanted: str | None) -> tuple[tuple[str, ...], Survey]:
    """The encodings that fit, the chosen one first, and what was found in that one."""
    with opener() as raw:
        head = raw.read(4096)
    found: list[str] = []
    chosen: Survey | None = None
    first = _with_mark(wanted, head) if wanted else None
    furthest = 0
    for encoding in dict.fromkeys([*([first] if first else []), *_candidates(head)]):
        if chosen is not None and chosen.ascii and not encoding.startswith("utf-16"):
            found.append(encoding)
            continue
        survey, line = survey_text(opener, encoding, brief=chosen is not None)
        furthest = max(furthest, line)
        if survey is None:
            if encoding == first:
                raise Refused("table_encoding_chosen", field="encoding", name=name, encoding=encoding, line=line)
            continue
        if chosen is None and (encoding == first or encoding != "cp1252" or _is_western(opener)):
            chosen = survey
        if chosen is not None:
            found.append(encoding)
    if chosen is None:
        raise Refused("table_encoding", field="file", name=name, line=furthest)
    if first is None and found[0] == "gb18030" and "big5" in found:
        other, _line = survey_text(opener, "big5")
        if other is not None and _recognised(other) > _recognised(chosen):
            return ("big5", *(encoding for encoding in found if encoding != "big5")), other
    return tuple(found), chosen


def _recognised(survey: Survey) -> int:
    """How much the header of a text says: bytes of Big5 often are GB18030 too, but not words."""
    return find_header(_sample(survey.start, sniff_separator(survey)))[1]


def _candidates(head: bytes) -> list[str]:
    """Strict UTF-8 with or without BOM, UTF-16 by its BOM or its zeros, else GB18030, Big5, Western European."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return ["utf-16"]
    zeros = (head[0::2].count(0), head[1::2].count(0))
    wide = []
    if max(zeros) >= max(3, len(head) // 40) and min(zeros) == 0:
        wide = ["utf-16-le" if zeros[1] else "utf-16-be"]
    return [*wide, "utf-8-sig" if head.startswith(codecs.BOM_UTF8) else "utf-8", "gb18030", "big5", "cp1252"]


def _known(encoding: str) -> str:
    """The name of an encoding a person chose. Raises Refused(`encoding_unknown`)."""
    try:
        name = codecs.lookup(encoding).name
    except LookupError:
        name = ""
    name = _ALIASES.get(name, name)
    if name not in ENCODINGS:
        raise Refused("encoding_unknown", field="encoding", encoding=encoding, encodings=", ".join(ENCODINGS))
    return name


def _with_mark(encoding: str, head: bytes) -> str:
    """A byte order mark is no letter of the first header, whichever way the encoding was written."""
    if encoding == "utf-8" and head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    marked = head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return "utf-16" if marked and encoding.startswith("utf-16") else encoding


def _is_western(opener: Opener) -> bool:
    """Whether the letters above ASCII stand alone, as é does between other letters; those of Chinese come in pairs."""
    with opener() as raw:
        sample = raw.read(BLOCK)
    runs = re.findall(rb"[\x80-\xff]+", sample)
    return sum(len(run) == 1 for run in runs) >= 0.9 * len(runs)


def survey_text(opener: Opener, encoding: str, *, brief: bool = False) -> tuple[Survey | None, int]:
    """What a whole file holds in an encoding (`brief`: only whether it decodes); (None, line) where it does not."""
    survey = Survey()
    decoder = codecs.getincrementaldecoder(_CODECS.get(encoding, encoding))("strict")
    with opener() as raw:
        while True:
            block = raw.read(BLOCK)
            try:
                text = decoder.decode(block, final=not block)
            except UnicodeError as error:  # UTF-16 without its mark is no decoding error but a plain one
                done = bytes(error.object)[: error.start] if isinstance(error, UnicodeDecodeError) else b""
                return None, survey.line_ends + done.count(b"\n") + 1
            if not brief:
                _look(survey, text)
            elif "\x00" in text:
                return None, 0
            if not block:
                return survey, 0


def _look(survey: Survey, text: str) -> None:
    """Adds one block of text to a survey."""
    if len(survey.start) < SAMPLE_SIGNS:
        survey.start += text[:SAMPLE_SIGNS]
    if not survey.trouble and _CONTROL.search(text):
        survey.trouble = "table_binary"
    line_ends = text.count("\n") or text.count("\r")
    if not survey.trouble and not line_ends and len(text) >= BLOCK // 2:
        survey.trouble = "table_line"
    survey.line_ends += line_ends
    for separator in SEPARATORS:
        survey.counts[separator] += text.count(separator)
    survey.quoted = survey.quoted or '"' in text
    survey.filled = survey.filled or bool(text.strip(_NOTHING))
    survey.ascii = survey.ascii and text.isascii()


def _refuse_useless(survey: Survey, name: str) -> None:
    if survey.trouble:
        raise Refused(survey.trouble, field="file", name=name, line=survey.line_ends + 1)
    if not survey.filled:
        raise Refused("table_empty", field="file", name=name)


def _separator(wanted: str | None) -> str | None:
    """A separator a person chose, by its sign or its name. Raises Refused(`separator_unknown`)."""
    if not wanted:
        return None
    sign = SEPARATOR_WORDS.get(wanted.strip().lower() or wanted, wanted)
    if len(sign) != 1 or sign in '"\r\n':
        raise Refused("separator_unknown", field="separator", separator=wanted)
    return sign


def sniff_separator(survey: Survey) -> str:
    """The separator whose columns are recognised best, else the one most lines have; `,` when there is none."""
    lines = survey.line_ends + 1
    best = (-1, -1.0, -1)
    chosen = ","
    for separator, count in survey.counts.items():
        if count:
            _at, known = find_header(_sample(survey.start, separator))
            rank = (known, min(count / lines, 1.0), count)
            if rank > best:
                best, chosen = rank, separator
    return chosen


def _sample(text: str, separator: str) -> list[list[str]]:
    found = []
    try:
        for record in csv.reader(io.StringIO(text[:SAMPLE_SIGNS], newline=""), delimiter=separator):
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
    with source.lines() as lines:
        reader = csv.reader(lines, delimiter=source.separator, strict=source.quoted)
        try:
            yield from reader
        except csv.Error as error:
            reached = reader.line_num
            begun = _last_whole(source) + 1
            code = "table_cell" if "field larger" in str(error) and begun == reached else "table_quotes"
            raise Refused(code, field="file", name=name, line=begun) from error


def copied_block(text: str) -> list[list[str]]:
    """Cells as Excel copies them: a line a row, tabs between, quotation marks around cells of several lines.

    Raises Refused(`block_quotes`).
    """
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter="\t", strict=True))
    except csv.Error as error:
        raise Refused("block_quotes") from error


def _last_whole(source: Text) -> int:
    """The last line of the last record that can be read; the trouble begins in the next."""
    ended = 0
    with source.lines() as lines:
        reader = csv.reader(lines, delimiter=source.separator, strict=source.quoted)
        try:
            for _record in reader:
                ended = reader.line_num
        except csv.Error:
            return ended
    return ended
