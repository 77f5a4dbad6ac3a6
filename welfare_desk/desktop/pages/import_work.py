"""What an import does in the background: read, check, apply. Each can be cancelled and then leaves nothing."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from welfare_desk.desktop.background import Cancelled
from welfare_desk.desktop.pages import import_asks
from welfare_desk.desktop.pages.import_columns import samples_of
from welfare_desk.domain.plans import Audience
from welfare_desk.errors import WelfareError
from welfare_desk.files.reading import Reading
from welfare_desk.queries import recipients
from welfare_desk.services import people_import

AT_ONCE = 5000  # more in one go are sorted in one go, which the window would feel


@dataclass(frozen=True, slots=True)
class Opened:
    """A list that was read: what its columns were taken for, and some values of each."""

    table: Any
    guessed: dict[int, Any]
    samples: tuple[tuple[str, ...], ...]


def read_list(ctx: Any, report: Any, *, path: Path, reading: Reading, password: str | None) -> Opened:
    """Reads a file in a child process that ends when the person cancels."""

    def unwanted() -> bool:
        try:
            report(0, 0, path.name)
        except Cancelled:
            return True
        return False

    try:
        table = people_import.open_list(
            path, sheet=reading.sheet, encoding=reading.encoding, separator=reading.separator,
            header_row=reading.header_row, password=password, unwanted=unwanted,
        )  # fmt: skip
    except WelfareError as error:
        if error.code == "cancelled":
            raise Cancelled from error
        raise
    return _opened(ctx, table)


def read_pasted(ctx: Any, _report: Any, *, text: str, reading: Reading) -> Opened:
    """Reads cells as they came from the clipboard."""
    return _opened(ctx, people_import.open_pasted(text, header_row=reading.header_row))


def check_list(ctx: Any, report: Any, *, table: Any, mapping: dict[int, str]) -> tuple[Any, dict[str, int]]:
    """Compares the list with the directory and writes nothing; the check and how many rows are where."""
    check = people_import.check_list(ctx, table, mapping=mapping, absent="keep", report=report)
    return check, check.facets


def apply_check(ctx: Any, report: Any, *, check: Any) -> Any:
    """Writes what was checked; cancelling leaves nothing."""
    return people_import.apply_import(ctx, check, report=report)


def save_rejects(_ctx: Any, report: Any, *, check: Any, path: Path) -> Any:
    """Writes the rows that need repair into a file that imports again; cancelling leaves no part of it."""
    return people_import.save_rejects(check, path, report=report)


def undo_import(ctx: Any, report: Any, *, import_id: int) -> Any:
    """Takes an import back."""
    return people_import.undo_import(ctx, import_id, report=report)


def imported_people(ctx: Any, check: Any, *, column: int) -> list[str]:
    """The numbers of those of the list who are in the directory now."""
    numbers = import_asks.named_people(check, column)
    found: list[str] = []
    for start in range(0, len(numbers), AT_ONCE):
        audience = Audience("people", people=numbers[start : start + AT_ONCE])
        found += [person.employee_no for person in ctx.read(recipients.recipients, audience=audience).rows]
    return found


def _opened(ctx: Any, table: Any) -> Opened:
    return Opened(table, people_import.guess(ctx, table), samples_of(table))
