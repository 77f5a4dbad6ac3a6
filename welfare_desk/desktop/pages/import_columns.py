"""Which column of the list is which: what was recognised and from what, with values, changeable one by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QGridLayout, QLabel, QVBoxLayout, QWidget

from welfare_desk.desktop import theme
from welfare_desk.desktop.pages.import_reading import ReadingBar
from welfare_desk.desktop.widgets.basic import ElidedLabel, badge, clear, column, holder, label, restyle, row
from welfare_desk.desktop.widgets.page import scrolled
from welfare_desk.domain.fields import FIELDS, LABELS, SENSITIVE
from welfare_desk.i18n import _

SAMPLES = 3
LOOKED_AT = 200
NAMES = ("name", "last_name", "first_name")
KEYS = ("employee_no", "mobile", "email")
SINGLE = ("name", "employee_no", "email", "mobile", "hire_date", "status")
MASKED = "•••"


class ColumnsStep(QWidget):
    """How the file is read, what is still needed, and a row per column: heading, values, what it is taken for."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._choices: dict[int, QComboBox | QCheckBox] = {}
        self._headers: tuple[str, ...] = ()
        self.reading = ReadingBar()
        self._needed = QVBoxLayout()
        self._needed.setSpacing(theme.px(8))
        self.needed = holder(column(self._needed))
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
        layout.addWidget(self.reading)
        layout.addWidget(self.needed)
        layout.addWidget(self._area, 1)

    def show_table(self, table: Any, guessed: Mapping[int, Any], samples: Sequence[Sequence[str]]) -> None:
        """Shows the columns of a list, what they were recognised as, and some values of each."""
        clear(self._grid)
        self._choices = {}
        self._headers = tuple(table.columns)
        for at, heading in enumerate((_("Column in the list"), _("Values"), _("Is"), _("Recognised by"))):
            self._grid.addWidget(label(heading, "caption"), 0, at)
        for place in range(len(table.columns)):
            self._add(place, guessed.get(place), samples[place] if place < len(samples) else ())
        for at, stretch in enumerate((2, 4, 2, 1)):
            self._grid.setColumnStretch(at, stretch)
        self._grid.setRowStretch(len(table.columns) + 1, 1)
        self._show_needed()

    def mapping(self) -> dict[int, str]:
        """Column number to field; a column that was left out by hand has ""."""
        found: dict[int, str] = {}
        for place, choice in self._choices.items():
            if isinstance(choice, QCheckBox):
                found[place] = str(choice.property("field")) if choice.isChecked() else ""
            else:
                found[place] = choice.currentData() or ""
        return found

    def choose(self, place: int, field: str) -> None:
        """Takes a column for a field, "" leaves it out."""
        choice = self._choices[place]
        if isinstance(choice, QCheckBox):
            choice.setChecked(bool(field))
        else:
            choice.setCurrentIndex(max(0, choice.findData(field)))

    def missing(self) -> str:
        """What keeps this list from being checked, as a sentence; "" when nothing does."""
        fields = list(self.mapping().values())
        if not {"name", "last_name"} & set(fields):
            return _("Say which column holds the name.")
        if not set(KEYS) & set(fields):
            return _("Say which column holds the employee number; a mobile or e-mail will do where there is none.")
        twice = next((field for field in fields if fields.count(field) > 1 and field in SINGLE), "")
        return _("Two columns are taken for {field}; leave one out.", field=_(LABELS[twice])) if twice else ""

    def _add(self, place: int, match: Any, values: Sequence[str]) -> None:
        name = self._headers[place]
        at = place + 1
        field = match.field if match else ""
        secret = field.startswith("_sensitive") or field in SENSITIVE
        choice = self._tick(name, match) if secret else self._box(name, field)
        seen = [MASKED] if secret and values else values
        text, tone = how_word(match.how if match and match.field else "")
        if secret:
            text, tone = _("Sensitive"), "warn"
        self._grid.addWidget(ElidedLabel(name, "strong"), at, 0)
        self._grid.addWidget(ElidedLabel("   ".join(seen), "muted"), at, 1)
        self._grid.addWidget(choice, at, 2)
        known = badge(text, tone)
        self._grid.addWidget(known, at, 3, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        if isinstance(choice, QComboBox):
            choice.currentIndexChanged.connect(partial(_by_hand, known))
        self._choices[place] = choice

    def _box(self, name: str, field: str) -> QComboBox:
        box = QComboBox()
        box.setAccessibleName(_("What column {name} is", name=name))
        box.addItem(_("Leave out"), "")
        for known in FIELDS:
            box.addItem(_(LABELS[known]), known)
        box.setCurrentIndex(max(0, box.findData(field)))
        box.currentIndexChanged.connect(self._changed)
        return box

    def _tick(self, name: str, match: Any) -> QCheckBox:
        tick = QCheckBox(_("Import it all the same"))
        tick.setAccessibleName(_("Import the sensitive column {name}", name=name))
        tick.setToolTip(_("Giving benefits needs no identity numbers, bank accounts or pay."))
        tick.setProperty("field", sensitive_field(match.field))
        tick.setChecked(match.field in SENSITIVE)
        tick.toggled.connect(self._changed)
        return tick

    def _changed(self, _value: object) -> None:
        self._show_needed()
        self.changed.emit()

    def _show_needed(self) -> None:
        clear(self._needed)
        fields = set(self.mapping().values())
        asked = []
        if not {"name", "last_name"} & fields:
            asked.append(("name", _("Which column holds the name?")))
        if not set(KEYS) & fields:
            asked.append(("employee_no", _("Which column holds the employee number?")))
        for field, question in asked:
            self._needed.addWidget(self._ask(field, question))
        self.needed.setVisible(bool(asked))
        if any(isinstance(choice, QCheckBox) for choice in self._choices.values()) and not asked:
            words = _("Sensitive columns stay out unless you tick them: giving benefits does not need them.")
            self._needed.addWidget(label(words, "muted", wrap=True))
            self.needed.show()

    def _ask(self, field: str, question: str) -> QWidget:
        box = QComboBox()
        box.setAccessibleName(question)
        box.addItem(_("Choose a column …"), -1)
        for place, name in enumerate(self._headers):
            if isinstance(self._choices[place], QComboBox):
                box.addItem(name, place)
        box.activated.connect(partial(self._answered, field, box))
        made = holder(row(label(question, "strong"), box, badge(_("Needed"), "bad"), None, spacing=12))
        made.setProperty("needed", field)
        return made

    def _answered(self, field: str, box: QComboBox, _index: int) -> None:
        if box.currentData() >= 0:
            self.choose(box.currentData(), field)


def _by_hand(known: QLabel, _index: int) -> None:
    text, tone = how_word("chosen")
    known.setText(text)
    known.setProperty("badge", tone)
    restyle(known)


def sensitive_field(field: str) -> str:
    """Where a sensitive column goes once it is ticked."""
    bare = field.removeprefix("_sensitive.").removeprefix("_sensitive")
    return bare if bare in SENSITIVE else SENSITIVE[-1]


def how_word(how: str) -> tuple[str, str]:
    """What a column was recognised by, and the tone of its badge."""
    return {
        "exact": (_("Heading"), "ok"),
        "contained": (_("Heading"), "ok"),
        "remembered": (_("Last time"), "ok"),
        "values": (_("The values"), "info"),
        "chosen": (_("You"), "ok"),
    }.get(how, (_("Not recognised"), "plain"))


def samples_of(table: Any) -> tuple[tuple[str, ...], ...]:
    """Per column the first three different values, as they would be read. Not for the GUI thread."""
    found: list[dict[str, None]] = [{} for _column in table.columns]
    for cells in table.rows[:LOOKED_AT]:
        for place, cell in enumerate(cells[: len(found)]):
            text = cell_text(cell) if len(found[place]) < SAMPLES else ""
            if text:
                found[place][text] = None
    return tuple(tuple(values) for values in found)


def cell_text(cell: Any) -> str:
    """A cell of a list as people read it: dates as ISO, whole numbers without .0, damaged ones marked."""
    if cell is None or cell == "":
        return ""
    if isinstance(cell, list):
        return str(cell[0]).removesuffix("T00:00:00")
    if isinstance(cell, dict):
        return _("(damaged by Excel)")
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)
