"""A table from a file: read in a child process (law 10), given back as plain rows with the numbers Excel shows."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from welfare_desk.errors import Refused
from welfare_desk.files import archives, parse, texts
from welfare_desk.files.limits import Watch, wall_seconds
from welfare_desk.files.pauses import no_collections
from welfare_desk.files.styles import column_letters
from welfare_desk.settings import self_command

VERDICTS = {"memory": "table_memory", "time": "table_slow", "unwanted": "cancelled"}


@dataclass(slots=True)
class Table:
    """Columns by name and the rows below them, as they stand in the file.

    `rows[i]` is row `header_row + 1 + i`; blank rows are empty lists; there are none after the last value.
    A cell is str, int, float, bool, None, `[iso date]` or `{"damaged": why}`. `encoding` is None for workbooks.
    """

    name: str
    kind: str
    columns: tuple[str, ...]
    header_row: int
    rows: list[list[Any]]
    encoding: str | None = None
    sheet: str | None = None
    sheets: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    epoch_1904: bool = False
    first_column: int = 0
    known: int = 0
    file_hash: str = ""
    hidden: tuple[str, ...] = field(default=())

    def row_number(self, index: int) -> int:
        """The number Excel shows for `rows[index]`; for csv the record's, the header being 1."""
        return self.header_row + 1 + index

    def address(self, index: int, column: int) -> str:
        """A cell as Excel names it, `B7`."""
        return f"{column_letters(self.first_column + column)}{self.row_number(index)}"


@no_collections()
def read_table(path: Path, *, sheet: str | None = None, unwanted: Callable[[], bool] | None = None) -> Table:
    """The table in a file, read by a child that cannot hurt this process.

    `unwanted` is asked every 50 ms; when it says so the child is ended and Refused(`cancelled`) raised.
    Raises Refused with codes `table_*`, `archive_bomb`, `file_unreadable`; all name the file and the way out.
    """
    size = archives.judge(path).size
    command = [*self_command(), "parse", str(path), *([sheet] if sheet else [])]
    child = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )
    assert child.stdout is not None
    with Watch(child, wall_seconds(size), unwanted) as watch, child.stdout as lines:
        table, refusal = _collect(lines, path.name)
        status = child.wait()
    if watch.verdict:
        raise Refused(VERDICTS[watch.verdict], field="file", name=path.name)
    if refusal is not None:
        raise refusal
    if table is None:
        raise Refused(_cause(status), field="file", name=path.name)
    return table


def read_pasted(text: str) -> Table:
    """The table in cells pasted from Excel or a text. Raises Refused with codes `table_*`."""
    source = texts.open_text(text, "utf-8", "")
    about = {"kind": "text", "encoding": None, "separator": source.separator}
    lines = parse.stream_rows(texts.records(source, ""), about, "", counted_from_header=True)
    table, _refusal = _assemble(lines, "")
    if table is None:
        raise Refused("table_empty", field="file", name="")
    return table


def _collect(lines: Iterable[bytes], name: str) -> tuple[Table | None, Refused | None]:
    try:
        return _assemble((json.loads(line) for line in lines), name)
    except ValueError:  # the child was cut off in the middle of a line
        return None, None


def _assemble(lines: Iterable[Any], name: str) -> tuple[Table | None, Refused | None]:
    table: Table | None = None
    ended = False
    for line in lines:
        if isinstance(line, list) and table is not None:
            table.rows.extend(line)
        elif "error" in line:
            return None, Refused(line["error"]["code"], field=line["error"]["field"], **line["error"]["params"])
        elif "end" in line:
            ended = True
        else:
            table = _opened(line, name)
    return (table if ended else None), None


def _opened(about: dict[str, Any], name: str) -> Table:
    return Table(
        name=name,
        kind=about["kind"],
        columns=tuple(about["columns"]),
        header_row=about["header_row"],
        rows=[],
        encoding=about.get("encoding"),
        sheet=about.get("sheet"),
        sheets=tuple(about.get("sheets", ())),
        hidden=tuple(about.get("hidden", ())),
        notes=tuple(about["notes"]),
        epoch_1904=about.get("epoch_1904", False),
        first_column=about["first_column"],
        known=about["known"],
    )


def _cause(status: int) -> str:
    """Why a child ended without an answer."""
    if status == -getattr(signal, "SIGXCPU", 24):
        return "table_slow"
    return "table_memory" if status < 0 else "table_broken"
