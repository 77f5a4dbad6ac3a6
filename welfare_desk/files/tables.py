"""A table from a file: read in a child process (law 10), given back as plain rows with the numbers Excel shows."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from welfare_desk.domain.ahead import Ahead
from welfare_desk.errors import Refused
from welfare_desk.files import archives, headings, parse, texts
from welfare_desk.files.chunks import Chunks
from welfare_desk.files.limits import Watch, wall_seconds
from welfare_desk.files.pauses import no_collections
from welfare_desk.files.places import column_letters
from welfare_desk.files.reading import Reading
from welfare_desk.settings import self_command

VERDICTS = {"memory": "table_memory", "time": "table_slow", "unwanted": "cancelled"}


@dataclass(slots=True)
class Table:
    """Columns by name and the rows below them, as they stand in the file.

    `rows[i]` is row `header_row + 1 + i`; blank rows are empty lists; there are none after the last value.
    A cell is str, int, float, bool, None, `[iso date]` or `{"damaged": why}`. `encoding` and `separator` are None for
    workbooks; `encodings` are those in which a text decodes, best first. `header_at` counts the rows of the file from 1
    (`header_row` is the same, but 1 for every text); `preview` are the file's first rows as shown.
    `height` is known from the start: there are not more rows. `ahead` holds rows read while others still came.
    """

    name: str
    kind: str
    columns: tuple[str, ...]
    header_row: int
    rows: Chunks
    encoding: str | None = None
    sheet: str | None = None
    sheets: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    epoch_1904: bool = False
    first_column: int = 0
    known: int = 0
    file_hash: str = ""
    hidden: tuple[str, ...] = field(default=())
    separator: str | None = None
    encodings: tuple[str, ...] = ()
    preview: tuple[tuple[str, ...], ...] = ()
    header_at: int = 1
    height: int = 0
    ahead: Ahead | None = field(default=None, repr=False, compare=False)

    def row_number(self, index: int) -> int:
        """The number Excel shows for `rows[index]`; for csv the record's, the header being 1."""
        return self.header_row + 1 + index

    def address(self, index: int, column: int) -> str:
        """A cell as Excel names it, `B7`; also in a text with titles above the header, which Excel counts."""
        return f"{column_letters(self.first_column + column)}{self.header_at + 1 + index}"


@no_collections()
def read_table(
    path: Path, *, sheet: str | None = None, encoding: str | None = None, separator: str | None = None,
    header_row: int | None = None, password: str | None = None, unwanted: Callable[[], bool] | None = None,
    meanwhile: Callable[[], object] | None = None,
    seen: Callable[[Table, int], object] | None = None,
) -> Table:  # fmt: skip
    """The table in a file, read by a child that cannot hurt this process; what is None it judges by itself.

    `unwanted` is asked every 50 ms; when it says so the child is ended and Refused(`cancelled`) raised. `meanwhile` is
    called while the child starts.
    Raises Refused with codes `table_*`, `archive_bomb`, `file_unreadable`, `encoding_unknown`, `separator_unknown`,
    `text_no_sheets`, `book_no_encoding`; all name the file and the way out. `table_password` has `wrong`: whether one
    was given.
    """
    size = archives.blob(path).size
    child = subprocess.Popen(
        [*self_command(), "parse", str(path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )
    assert child.stdout is not None
    with Watch(child, wall_seconds(size), unwanted) as watch, child.stdout as lines:
        _ask(child, Reading(sheet, encoding, separator, header_row, password))
        if meanwhile is not None:
            meanwhile()
        table, refusal = collect(lines, path.name, seen)
        status = child.wait()
    if watch.verdict:
        raise Refused(VERDICTS[watch.verdict], field="file", name=path.name)
    if refusal is not None:
        raise refusal
    if table is None:
        raise Refused(_cause(status), field="file", name=path.name)
    return table


def _ask(child: subprocess.Popen[bytes], reading: Reading) -> None:
    """Tells the child how to read; one that is gone already says so by its status."""
    assert child.stdin is not None
    with suppress(OSError), child.stdin as asked:
        asked.write(reading.told())


def read_pasted(text: str, *, separator: str | None = None, header_row: int | None = None) -> Table:
    """The table in cells pasted from Excel or a text. Raises Refused with codes `table_*`."""
    source = texts.open_text(text, "", separator)
    heading = headings.open_rows(texts.records(source, ""), "", header_row=header_row)
    about = {"kind": "text", "encoding": None, "separator": source.separator, "header_row": 1}
    first, *told = parse.stream_rows(heading, about, "")
    table = _opened(first, "")
    for line in told[:-1]:
        table.rows.extend(line)
    return table


def collect(
    lines: Iterable[bytes], name: str, seen: Callable[[Table, int], object] | None = None
) -> tuple[Table | None, Refused | None]:
    """What a child told; rows stay the lines they are. (None, None) when it was cut off in the middle.

    `seen(table, whole)` is called while more rows come: `whole` lines of rows before the last one are there.
    """
    table: Table | None = None
    try:
        for line in lines:
            if line.startswith(b"[") and table is not None:
                table.rows.append_line(line)
                if seen is not None:
                    seen(table, table.rows.lines() - 1)
                continue
            said = json.loads(line)
            if "error" in said:
                return None, Refused(said["error"]["code"], field=said["error"]["field"], **said["error"]["params"])
            if "end" in said and table is not None:
                table.rows.end(said["end"])
                return table, None
            table = _opened(said, name)
    except ValueError:
        return None, None
    return None, None


def _opened(about: dict[str, Any], name: str) -> Table:
    return Table(
        name=name,
        kind=about["kind"],
        columns=tuple(about["columns"]),
        header_row=about["header_row"],
        rows=Chunks(),
        encoding=about.get("encoding"),
        sheet=about.get("sheet"),
        sheets=tuple(about.get("sheets", ())),
        hidden=tuple(about.get("hidden", ())),
        notes=tuple(about["notes"]),
        epoch_1904=about.get("epoch_1904", False),
        first_column=about["first_column"],
        known=about["known"],
        separator=about.get("separator"),
        encodings=tuple(about.get("encodings", ())),
        preview=tuple(tuple(row) for row in about["preview"]),
        header_at=about["header_at"],
        height=about.get("height", 0),
    )


def _cause(status: int) -> str:
    """Why a child ended without an answer."""
    if status == -getattr(signal, "SIGXCPU", 24):
        return "table_slow"
    return "table_memory" if status < 0 else "table_broken"
