"""Step 2 of a campaign: everybody, a department, a segment, chosen people, or pasted numbers."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QButtonGroup, QComboBox, QPlainTextEdit, QRadioButton, QVBoxLayout, QWidget

from welfare_desk.desktop import theme
from welfare_desk.desktop.desk import Desk
from welfare_desk.desktop.formats import number
from welfare_desk.desktop.widgets.basic import holder, label, row
from welfare_desk.desktop.widgets.department_picker import DepartmentPicker
from welfare_desk.domain.plans import Audience
from welfare_desk.domain.segments import today
from welfare_desk.i18n import _, error_text, language, ntext
from welfare_desk.queries import departments, people, recipients, segments

REST_MS = 250
KINDS = ("all", "department", "segment", "chosen", "numbers")


class WhoStep(QWidget):
    """Five ways to say who; how many people that are is counted as it is said."""

    changed = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self._chosen: list[str] = []
        self._segment = ""  # asked for before it was known which there are
        self.picker = DepartmentPicker(_("Choose a department"), width=380)
        self.picker.picked.connect(self._edited)
        self.segments = QComboBox()
        self.segments.setAccessibleName(_("Segment"))
        self.segments.setFixedWidth(theme.px(380))
        self.segments.activated.connect(self._edited)
        self.numbers = QPlainTextEdit()
        self.numbers.setPlaceholderText(_("Employee numbers or reference codes, one a line or with commas"))
        self.numbers.setAccessibleName(_("Employee numbers"))
        self.numbers.setMaximumHeight(theme.px(160))
        self.numbers.textChanged.connect(self._edited)
        self.count = label("", "section")
        self.missing = label("", "error", wrap=True)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(REST_MS)
        self._timer.timeout.connect(self._count)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.px(8))
        self._build(layout)
        layout.addSpacing(theme.px(8))
        layout.addWidget(self.count)
        layout.addWidget(self.missing)
        layout.addStretch(1)

    def _build(self, layout: QVBoxLayout) -> None:
        captions = {
            "all": _("Everybody who works here"), "department": _("A department, with all below it"),
            "segment": _("A segment, whomever it means when this is launched"), "chosen": _("The people I chose"),
            "numbers": _("People by number"),
        }  # fmt: skip
        details: dict[str, QWidget] = {
            "department": self.picker, "segment": self.segments, "numbers": self.numbers
        }  # fmt: skip
        self.group = QButtonGroup(self)
        self.choices: dict[str, QRadioButton] = {}
        self._details: dict[str, QWidget] = {}
        for at, kind in enumerate(KINDS):
            choice = QRadioButton(captions[kind])
            self.group.addButton(choice, at)
            self.choices[kind] = choice
            layout.addWidget(choice)
            if kind in details:
                self._details[kind] = holder(row(28, details[kind], None))
                layout.addWidget(self._details[kind])
        self.choices["all"].setChecked(True)
        self.choices["chosen"].hide()
        self.choices["segment"].hide()
        self.group.idToggled.connect(self._toggled)
        self._show_details()

    def load(self) -> None:
        """Asks for the departments and counts."""
        self.desk.background.read(departments.departments, self.picker.show_departments, key="departments")
        self.desk.background.read(segments.segments, self._segments_known, key="segments", today=self._today())
        self._count()

    def choose_segment(self, key: str) -> None:
        """Starts with a segment, by its key."""
        self._segment = key
        self.choices["segment"].setVisible(True)
        self.choices["segment"].setChecked(True)
        self.segments.setCurrentIndex(self.segments.findData(key))
        self._edited()

    def choose_people(self, named: list[str]) -> None:
        """Starts with these people, by number or reference code."""
        self._chosen = named
        self.choices["chosen"].setVisible(bool(named))
        text = ntext(language(), "The {count} person I chose", "The {count} people I chose", len(named),
                     count=number(len(named)))  # fmt: skip
        self.choices["chosen"].setText(text)
        self.choices["chosen" if named else "all"].setChecked(True)
        self._edited()

    def kind(self) -> str:
        """Which way is chosen."""
        return KINDS[self.group.checkedId()]

    def audience(self) -> str | dict[str, Any]:
        """This step's part of the plan, as a plan file writes it."""
        kind = self.kind()
        if kind == "all":
            return "all"
        if kind == "segment":
            return {"segment": self._key()}
        return {"department": self.picker.path()} if kind == "department" else {"people": self._named()}

    def trouble(self) -> str:
        """What is missing, as a sentence; "" when nothing is."""
        if self.kind() == "department" and not self.picker.path():
            return _("Choose a department.")
        if self.kind() == "segment" and not self._key():
            return _("Choose a segment.")
        if self.kind() == "numbers" and not self._named():
            return _("Type or paste at least one employee number.")
        return ""

    def _key(self) -> str:
        return str(self.segments.currentData() or self._segment)

    def _today(self) -> date:
        return today(self.desk.ctx.clock.now())

    def _segments_known(self, rows: Any) -> None:
        kept = self._key()
        self.segments.clear()
        for found in rows:
            self.segments.addItem(f"{found.name}  {number(found.people)}", found.key)
        self.segments.setCurrentIndex(max(0, self.segments.findData(kept)) if rows else -1)
        self._segment = ""
        self.choices["segment"].setVisible(bool(rows) or self.kind() == "segment")
        if self.kind() == "segment":
            self._count()

    def _named(self) -> list[str]:
        if self.kind() == "chosen":
            return self._chosen
        return [text for text in re.split(r"[\s,;，；、]+", self.numbers.toPlainText()) if text]

    def _toggled(self, _id: int, checked: bool) -> None:
        if checked:
            self._show_details()
            self._edited()

    def _show_details(self) -> None:
        for kind, detail in self._details.items():
            detail.setVisible(kind == self.kind())

    def _edited(self, *_values: object) -> None:
        self._timer.start()
        self.changed.emit()

    def _count(self) -> None:
        self.missing.setText("")
        kind = self.kind()
        if self.trouble():
            self.count.setText("")
        elif kind in ("all", "department"):
            path = self.picker.path() if kind == "department" else ""
            self.desk.background.read(
                people.count_people, self._counted, key="count", search="", department=path, status="active"
            )
        else:
            audience = Audience("people", people=tuple(self._named()))
            if kind == "segment":
                audience = Audience("segment", segment=self._key())
            self.desk.background.read(
                recipients.recipients, self._resolved, self._uncounted, key="count", audience=audience,
                today=self._today(),
            )  # fmt: skip

    def _counted(self, count: int) -> None:
        self.count.setText(ntext(language(), "{count} person", "{count} people", count, count=number(count)))

    def _uncounted(self, error: Exception) -> None:
        self.count.setText("")
        self.missing.setText(error_text(language(), error))

    def _resolved(self, found: Any) -> None:
        self._counted(len(found.rows))
        notes = []
        if found.not_found:
            shown = ", ".join(found.not_found[:10]) + (" …" if len(found.not_found) > 10 else "")
            notes.append(_("Nobody has these numbers: {numbers}", numbers=shown))
        if found.left:
            notes.append(ntext(language(), "{n} of them has left", "{n} of them have left", found.left))
        self.missing.setText("\n".join(notes))
