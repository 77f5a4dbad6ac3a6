"""Refused rows as a file: the original columns, then problem and way out; it imports again once repaired."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from welfare_desk.domain.cells import DIGITS_LIMIT, LOST
from welfare_desk.domain.problems import WAYS_OUT, Problem
from welfare_desk.files.columns import ADDED, Match, recognise
from welfare_desk.files.exports import write_table
from welfare_desk.i18n import language as current
from welfare_desk.i18n import text

FIRST_YEAR = 1901  # Excel counts days from there
MIDNIGHT = "T00:00:00"


def save_rejects(
    path: Path, columns: Sequence[str], refused: Iterable[tuple[Sequence[Any], Sequence[Problem]]],
    language: str | None = None,
) -> int:  # fmt: skip
    """Writes refused rows (cells and why) as xlsx or csv by the ending, in this language; returns how many.

    Rows are taken one by one; what `refused` raises leaves the file as it was. Raises Unavailable(`file_unwritable`).
    """
    chosen = language or current()
    ours = [at for at, header in enumerate(columns) if not _added(header)]
    store = _as_text if path.suffix.lower() == ".csv" else _as_cell
    headers = [*(columns[at] for at in ours), text(chosen, "Problem"), text(chosen, "Suggestion")]

    def told() -> Iterator[list[Any]]:
        for cells, found in refused:
            dates = {problem.column for problem in found if problem.code == "row_number_date"}
            row = [cells[at] if at < len(cells) else "" for at in ours]
            yield [*(store(cell, columns[at] in dates) for cell, at in zip(row, ours, strict=True)),
                   *_said(found, chosen)]  # fmt: skip

    return write_table(path, headers, told())


def _added(header: str) -> bool:
    """Whether a column was added by an earlier file of refused rows."""
    return recognise(header) == Match(ADDED, "exact")


def problem_text(language: str, problem: Problem) -> str:
    """One sentence for a problem."""
    return _filled(language, problem.code, problem)


def way_out(language: str, problem: Problem) -> str:
    """What to do about a problem."""
    return _filled(language, WAYS_OUT[problem.code], problem)


def _filled(language: str, code: str, problem: Problem) -> str:
    return text(language, f"error.{code}", **{"cell": "", **problem.params})


def _said(problems: Sequence[Problem], language: str) -> tuple[str, str]:
    return _told(problems, language, problem_text), _told(problems, language, way_out)


def _told(problems: Sequence[Problem], language: str, tell: Callable[[str, Problem], str]) -> str:
    return "; ".join(dict.fromkeys(f"{problem.column}: {tell(language, problem)}" for problem in problems))


def _as_cell(cell: Any, wrong_date: bool) -> Any:
    """A cell for a workbook. What was damaged stays what it was (a number, a date), so that it is refused again."""
    if isinstance(cell, list):
        return _moment(str(cell[0])) if wrong_date else str(cell[0]).removesuffix(MIDNIGHT)
    if isinstance(cell, dict):
        return LOST
    return int(cell) if isinstance(cell, float) and cell.is_integer() else cell


def _as_text(cell: Any, wrong_date: bool) -> Any:
    """A cell for a text, where a damaged number or date must not look whole."""
    if isinstance(cell, list):
        day = str(cell[0]).removesuffix(MIDNIGHT)
        return day + MIDNIGHT if wrong_date and "T" not in day else day
    if isinstance(cell, dict):
        return LOST
    if isinstance(cell, bool) or not isinstance(cell, (int, float)):
        return cell
    if abs(cell) >= DIGITS_LIMIT:
        return f"{cell:.14E}"
    return int(cell) if float(cell).is_integer() else cell


def _moment(written: str) -> Any:
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        return written
    return moment if moment.year >= FIRST_YEAR else written
