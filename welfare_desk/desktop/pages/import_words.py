"""The words of the import: what happens to a row, what is wrong with a cell, what a repair does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from welfare_desk.desktop.pages.segment_words import status_word
from welfare_desk.domain import repairs
from welfare_desk.domain.fields import LABELS
from welfare_desk.domain.problems import WAYS_OUT
from welfare_desk.files.rejects import problem_text, way_out
from welfare_desk.i18n import _, language

ORDER = ("repair", "duplicate", "known", "all", "ready", "join", "change", "same", "leave", "skipped")
ALWAYS = ("repair", "all", "ready")  # shown even when nobody is in them
Word = tuple[str, str]  # text, tone of its badge


def facet_names() -> dict[str, str]:
    """What each facet is called."""
    return {
        "all": _("All rows"),
        "ready": _("Ready"),
        "repair": _("Needs repair"),
        "duplicate": _("Twice in the list"),
        "known": _("Like somebody known"),
        "join": _("Will join"),
        "change": _("Will change"),
        "same": _("Stay the same"),
        "leave": _("Will leave"),
        "skipped": _("Skipped"),
    }


def facet_word(facet: str) -> Word:
    """What happens to a row, and the tone it is said in."""
    return {
        "repair": (_("Repair"), "bad"),
        "duplicate": (_("Duplicate"), "warn"),
        "known": (_("Duplicate"), "warn"),
        "join": (_("New"), "ok"),
        "change": (_("Change"), "info"),
        "same": (_("Same"), ""),
        "leave": (_("Leaves"), "warn"),
        "skipped": (_("Skipped"), ""),
    }.get(facet, (facet, ""))


def problem_words(problem: Any) -> str:
    """What is wrong, as a sentence."""
    return problem_text(language(), problem)


def way_words(problem: Any) -> str:
    """What to do about it; "" when nothing is known."""
    return way_out(language(), problem) if problem.code in WAYS_OUT else ""


def repair_name(kind: str) -> str:
    """What a one-click repair does."""
    return _(repairs.LABELS[kind])


def field_name(field: str) -> str:
    """What a field of a person is called."""
    return _(LABELS[field]) if field in LABELS else field


def shown(value: Any, field: str = "") -> str:
    """A value of a person's field as people read it; an empty one is a dash."""
    if value is None or value == "":
        return "–"
    return status_word(str(value)) if field == "status" else str(value)


def summary(row: Any) -> str:
    """A row in one sentence for those who hear it."""
    return _("Row {n}: {state}", n=row.number, state=facet_word(row.facet)[0])


def problems_by_column(headers: Sequence[str], problems: Sequence[Any]) -> dict[int, Any]:
    """Column number to its worst problem; -1 for one that is about the whole row."""
    found: dict[int, Any] = {}
    for problem in problems:
        column = headers.index(problem.column) if problem.column in headers else -1
        if column not in found or (found[column].level != "error" and problem.level == "error"):
            found[column] = problem
    return found
