"""Which column of the list is which: what was recognised, with values from the list, changeable one by one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QGridLayout, QVBoxLayout, QWidget

from welfare_desk.desktop import theme
from welfare_desk.desktop.widgets.basic import ElidedLabel, badge, clear, holder, label, row
from welfare_desk.desktop.widgets.page import scrolled
from welfare_desk.domain.fields import FIELDS, LABELS
from welfare_desk.i18n import _

SAMPLES = 3
LOOKED_AT = 200


class ColumnsStep(QWidget):
    """A row per column of the list: its heading, three values, and what it is taken for."""

    changed = Signal()
    sheet_chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._choices: dict[int, QComboBox] = {}
        self.about = label("", "muted", wrap=True)
        self.sheet = QComboBox()
        self.sheet.setAccessibleName(_("Sheet"))
        self.sheet.activated.connect(self._sheet)
        self._sheet_row = holder(row(label(_("Sheet"), "strong"), self.sheet, None))
        inner = QWidget()
        self._grid = QGridLayout(inner)
        self._grid.setHorizontalSpacing(theme.px(16))
        self._grid.setVerticalSpacing(theme.px(6))
        self._grid.setContentsMargins(*(theme.px(edge) for edge in (16, 12, 16, 12)))
        self._area = scrolled(inner)
        self._area.setProperty("card", "true")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.px(12))
        layout.addWidget(self._sheet_row)
        layout.addWidget(self.about)
        layout.addWidget(self._area, 1)

    def show_table(self, table: Any, guessed: Mapping[int, Any]) -> None:
        """Shows the columns of a list and what they were recognised as."""
        clear(self._grid)
        self._choices = {}
        for at, heading in enumerate((_("Column in the list"), _("Values"), _("Is"), "")):
            self._grid.addWidget(label(heading, "caption"), 0, at)
        for column in range(len(table.columns)):
            self._add(table, column, guessed.get(column))
        for at, stretch in enumerate((2, 4, 2, 1)):
            self._grid.setColumnStretch(at, stretch)
        self._grid.setRowStretch(len(table.columns) + 1, 1)
        self._sheet_row.setVisible(len(table.sheets) > 1)
        self.sheet.clear()
        self.sheet.addItems(list(table.sheets))
        self.sheet.setCurrentText(table.sheet or "")
        self.about.setText(self._about(table))

    def mapping(self) -> dict[int, str]:
        """Column number to field, without those that are left out."""
        return {column: box.currentData() for column, box in self._choices.items() if box.currentData()}

    def choose(self, column: int, field: str) -> None:
        """Takes a column for a field, "" leaves it out."""
        box = self._choices[column]
        box.setCurrentIndex(max(0, box.findData(field)))

    def missing(self) -> str:
        """What keeps this list from being checked, as a sentence; "" when nothing does."""
        fields = list(self.mapping().values())
        if not {"name", "last_name"} & set(fields):
            return _("Say which column holds the name.")
        if not {"employee_no", "mobile", "email"} & set(fields):
            return _("Say which column holds the employee number; a mobile or e-mail will do where there is none.")
        twice = next((field for field in fields if fields.count(field) > 1 and field in SINGLE), "")
        return _("Two columns are taken for {field}; leave one out.", field=_(LABELS[twice])) if twice else ""

    def _about(self, table: Any) -> str:
        parts = [_("Headings were found in row {n}.", n=table.header_row)]
        if table.encoding:
            parts.append(_("Text encoding: {encoding}.", encoding=table.encoding.upper().removesuffix("-SIG")))
        return " ".join(parts)

    def _add(self, table: Any, column: int, match: Any) -> None:
        name = table.columns[column]
        box = QComboBox()
        box.setAccessibleName(_("What column {name} is", name=name))
        box.addItem(_("Leave out"), "")
        for field in FIELDS:
            box.addItem(_(LABELS[field]), field)
        box.setCurrentIndex(max(0, box.findData(match.field if match else "")))
        box.currentIndexChanged.connect(self.changed)
        text, tone = how_word(match.how if match else "")
        values = ElidedLabel("   ".join(samples(table, column)), "muted")
        at = column + 1
        self._grid.addWidget(ElidedLabel(name, "strong"), at, 0)
        self._grid.addWidget(values, at, 1)
        self._grid.addWidget(box, at, 2)
        self._grid.addWidget(badge(text, tone), at, 3, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self._choices[column] = box

    def _sheet(self, _index: int) -> None:
        self.sheet_chosen.emit(self.sheet.currentText())


SINGLE = ("name", "employee_no", "email", "mobile", "hire_date", "status")


def how_word(how: str) -> tuple[str, str]:
    """How sure a column's recognition is, and the tone of its badge."""
    if how in ("exact", "contained"):
        return _("Recognised"), "ok"
    return (_("Guessed from the values"), "warn") if how == "values" else (_("Not recognised"), "plain")


def samples(table: Any, column: int) -> list[str]:
    """The first three different values of a column, as they would be read."""
    found: dict[str, None] = {}
    for cells in table.rows[:LOOKED_AT]:
        text = cell_text(cells[column]) if column < len(cells) else ""
        if text:
            found[text] = None
        if len(found) == SAMPLES:
            break
    return list(found)


def cell_text(cell: Any) -> str:
    """A cell of a list as people read it: dates as ISO, whole numbers without .0, damaged ones marked."""
    if cell is None or cell == "":
        return ""
    if isinstance(cell, list):
        return str(cell[0])
    if isinstance(cell, dict):
        return _("(damaged by Excel)")
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)
