"""Importing a list of people: open, check, repair, apply as one change-set, take back.

The window and the command line call this module and nothing below it. `open_list` and `check_list` write nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from welfare_desk.context import AppContext
from welfare_desk.domain.fields import FIELDS
from welfare_desk.errors import Refused
from welfare_desk.files import rejects, spelling, tables
from welfare_desk.files.tables import Table
from welfare_desk.services import import_ahead
from welfare_desk.services.import_apply import apply_import, recover_imports, refuse_while_applying
from welfare_desk.services.import_check import Check, ImportReport, check_list, guess, refused, skipped
from welfare_desk.services.import_undo import UndoReport, undo_import
from welfare_desk.services.turns import Report, silent

__all__ = [
    "Check",
    "ImportReport",
    "UndoReport",
    "apply_import",
    "check_list",
    "chosen",
    "guess",
    "open_list",
    "open_pasted",
    "recover_imports",
    "refuse_while_applying",
    "save_rejects",
    "skipped",
    "undo_import",
]


def open_list(
    path: Path, *, sheet: str | None = None, encoding: str | None = None, separator: str | None = None,
    header_row: int | None = None, password: str | None = None, unwanted: Callable[[], bool] | None = None,
) -> Table:  # fmt: skip
    """The table in a file, read in a child process; what is None is judged by the file itself.

    `header_row` counts the rows of the file from 1. Raises Refused with codes `table_*` (`table_password`: one is
    needed, or `wrong`), `archive_bomb`, `encoding_unknown`, `separator_unknown`.
    """
    table = tables.read_table(
        path, sheet=sheet, encoding=encoding, separator=separator, header_row=header_row, password=password,
        unwanted=unwanted, meanwhile=spelling.learn, seen=import_ahead.reader(),
    )  # fmt: skip
    with suppress(OSError), path.open("rb") as source:
        table.file_hash = hashlib.file_digest(source, "sha256").hexdigest()
    return table


def open_pasted(text: str, *, separator: str | None = None, header_row: int | None = None) -> Table:
    """The table in pasted cells. Raises Refused with codes `table_*`."""
    table = tables.read_pasted(text, separator=separator, header_row=header_row)
    table.file_hash = hashlib.sha256(text.encode()).hexdigest()
    return table


def chosen(ctx: AppContext | None, table: Table, named: Mapping[str, str]) -> dict[int, str]:
    """The guessed mapping with some columns set by hand: header to field, `""` for none.

    A phone may be called `phone`, as everywhere else. Raises Refused: column_unknown, field_unknown, field_twice.
    """
    mapping = {index: match.field for index, match in guess(ctx, table).items()}
    wanted = {header: "mobile" if name == "phone" else name for header, name in named.items()}
    for header, name in wanted.items():
        if header not in table.columns:
            raise Refused("column_unknown", field="map", column=header, columns=", ".join(table.columns))
        if name and list(wanted.values()).count(name) > 1:
            raise Refused("field_twice", field="map", field_name=name)
        if name and name not in FIELDS:
            raise Refused("field_unknown", field="map", field_name=name, fields=", ".join(FIELDS))
        mapping = {index: kind for index, kind in mapping.items() if kind != name}
        mapping[table.columns.index(header)] = name
    return mapping


def save_rejects(check: Check, path: Path, *, report: Report = silent) -> int:
    """Writes the rows that stay out, with problem and way out, in the language in use; returns how many.

    `report(done, total)` is called now and then; what it raises leaves the file as it was.
    Raises Unavailable(`file_unwritable`).
    """
    return rejects.save_rejects(path, check.table.columns, refused(check, report))
