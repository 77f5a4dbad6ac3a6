"""What an import does in the background: read, check, apply. Each can be cancelled and then leaves nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from welfare_desk.desktop.background import Cancelled
from welfare_desk.desktop.pages.import_columns import cell_text
from welfare_desk.errors import WelfareError
from welfare_desk.services import people_import


def read_list(_ctx: Any, report: Any, *, path: Path, sheet: str | None) -> Any:
    """Reads a file in a child process that ends when the person cancels."""

    def unwanted() -> bool:
        try:
            report(0, 0, path.name)
        except Cancelled:
            return True
        return False

    try:
        return people_import.open_list(path, sheet=sheet, unwanted=unwanted)
    except WelfareError as error:
        if error.code == "cancelled":
            raise Cancelled from error
        raise


def named_people(table: Any, mapping: dict[int, str], problems: Any) -> tuple[str, ...]:
    """The employee numbers of the rows that were not refused; none when the list has no such column."""
    column = next((at for at, field in mapping.items() if field == "employee_no"), -1)
    refused = {found.row for found in problems if found.level == "error"}
    numbers = [
        cell_text(cells[column])
        for at, cells in enumerate(table.rows)
        if 0 <= column < len(cells) and table.row_number(at) not in refused
    ]
    return tuple(dict.fromkeys(number for number in numbers if number))


def read_pasted(_ctx: Any, _report: Any, *, text: str) -> Any:
    """Reads cells as they came from the clipboard."""
    return people_import.open_pasted(text)


def check_list(ctx: Any, report: Any, *, table: Any, mapping: dict[int, str], absent: str) -> Any:
    """Compares the list with the directory and writes nothing."""
    return people_import.check_list(ctx, table, mapping=mapping, absent=absent, report=report)


def apply_plan(ctx: Any, report: Any, *, plan: Any) -> Any:
    """Writes what was checked; cancelling leaves nothing."""
    return people_import.apply_import(ctx, plan, report=report)


def undo_import(ctx: Any, report: Any, *, import_id: int) -> Any:
    """Takes an import back."""
    return people_import.undo_import(ctx, import_id, report=report)
