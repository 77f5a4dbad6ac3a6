"""Refused rows as a file: the original columns, then problem and way out; it imports again once repaired."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from welfare_desk.domain.problems import WAYS_OUT, Problem
from welfare_desk.files.exports import write_table
from welfare_desk.files.tables import Table
from welfare_desk.i18n import text


def save_rejects(path: Path, table: Table, problems: Sequence[Problem], language: str) -> int:
    """Writes every row with an error, in the order of the list, as xlsx or csv by the ending; returns how many.

    Raises Unavailable(`file_unwritable`).
    """
    by_row: dict[int, list[Problem]] = defaultdict(list)
    for problem in problems:
        if problem.level == "error":
            by_row[problem.row].append(problem)
    first = table.header_row + 1
    rows = [
        [*_padded(table.rows[number - first], len(table.columns)), *_said(found, language)]
        for number, found in sorted(by_row.items())
    ]
    headers = [*table.columns, text(language, "Problem"), text(language, "Suggestion")]
    return write_table(path, headers, rows)


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


def _padded(row: Sequence[Any], width: int) -> list[Any]:
    cells = [_plain(cell) for cell in row[:width]]
    return cells + [""] * (width - len(cells))


def _plain(cell: Any) -> Any:
    if isinstance(cell, list):
        return str(cell[0]).removesuffix("T00:00:00")
    if isinstance(cell, dict):
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return int(cell)
    return cell
