"""The problems of a list as a table: row, column, what is wrong and the value."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from welfare_desk.desktop.desk import Desk
from welfare_desk.desktop.table_model import Column, TableModel
from welfare_desk.desktop.widgets.record_table import RecordTable
from welfare_desk.domain.problems import WAYS_OUT
from welfare_desk.files.rejects import problem_text, way_out
from welfare_desk.i18n import _, language

MOST = 5000  # rows that are shown; the saved file has all


def problems_table(desk: Desk, says: str) -> RecordTable:
    """An empty table of problems."""
    columns = (
        Column("row", _("Row"), 70, number=True),
        Column("column", _("Column"), 150),
        Column("value", _("Value"), 220, mono=True),
        Column("message", _("What is wrong"), 480),
    )
    return RecordTable(TableModel(columns), "import_problems", says, desk.preferences)


def show_problems(table: RecordTable, problems: Sequence[Any]) -> None:
    """Fills the table; the first 5,000 are enough to see what is wrong."""
    model = table.model()
    if isinstance(model, TableModel):
        model.replace([(found.row, found.column, found.value, words_of(found)) for found in problems[:MOST]])


def words_of(problem: Any) -> str:
    """What is wrong, and the way out where there is one."""
    wrong = problem_text(language(), problem)
    return f"{wrong} · {way_out(language(), problem)}" if problem.code in WAYS_OUT else wrong
