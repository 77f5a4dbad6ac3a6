"""Refused rows as a file: the original columns, then problem and way out; it imports again once repaired."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from welfare_desk.domain.problems import WAYS_OUT, Problem
from welfare_desk.files.exports import write_table
from welfare_desk.i18n import language as current
from welfare_desk.i18n import text


def save_rejects(
    path: Path, columns: Sequence[str], refused: Iterable[tuple[Sequence[Any], Sequence[Problem]]],
    language: str | None = None,
) -> int:  # fmt: skip
    """Writes refused rows (cells and why) as xlsx or csv by the ending, in this language; returns how many.

    Rows are taken one by one; what `refused` raises leaves the file as it was. Raises Unavailable(`file_unwritable`).
    """
    chosen = language or current()
    rows = ([*_padded(cells, len(columns)), *_said(found, chosen)] for cells, found in refused)
    return write_table(path, [*columns, text(chosen, "Problem"), text(chosen, "Suggestion")], rows)


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
