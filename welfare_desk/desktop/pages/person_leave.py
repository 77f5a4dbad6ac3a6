"""Somebody leaves: from which day on, and what becomes of what was granted and not yet claimed."""

from __future__ import annotations

from functools import partial
from typing import Any

from PySide6.QtCore import QDate
from PySide6.QtWidgets import QButtonGroup, QDateEdit, QRadioButton, QVBoxLayout, QWidget

from welfare_desk.desktop import theme
from welfare_desk.desktop.desk import Desk
from welfare_desk.desktop.pages.person_form import put_back
from welfare_desk.desktop.widgets.banner import Banner
from welfare_desk.desktop.widgets.basic import button, label, primary, row
from welfare_desk.desktop.widgets.fields import Form
from welfare_desk.domain.segments import today
from welfare_desk.i18n import _, error_text, language, ntext
from welfare_desk.services import people


class LeaveForm(QWidget):
    """A date and what happens to `open_grants` grants; a day to come is kept until it comes."""

    def __init__(self, desk: Desk, person: Any, open_grants: int) -> None:
        super().__init__()
        self.desk = desk
        self.person = person
        self.setWindowTitle(_("{name} leaves", name=person.name))
        day = today(desk.ctx.clock.now())
        self.today = QDate(day.year, day.month, day.day)
        self.form = Form(width=380)
        self.date = QDateEdit(QDate.fromString(person.leave_date or "", "yyyy-MM-dd"))
        self.date.setDisplayFormat("yyyy-MM-dd")
        self.date.setCalendarPopup(True)
        self.date.setDate(self.date.date() if person.leave_date else self.today)
        self.date.dateChanged.connect(self._show_what_follows)
        self.form.add("leave_date", _("First day on which nothing can be claimed any more"), self.date)
        self.keep = QRadioButton(_("Close them; they open again if the person comes back"))
        self.revoke = QRadioButton(_("Revoke them for good"))
        self.group = QButtonGroup(self)
        self.keep.setChecked(True)
        self.follows = label("", "muted", wrap=True)
        self.banner = Banner()
        self.save = primary("", self._save)
        self._build(open_grants)
        self._show_what_follows()

    def _build(self, open_grants: int) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, theme.px(8), 0)
        layout.setSpacing(theme.px(12))
        layout.addWidget(self.banner)
        layout.addWidget(self.form)
        counted = ntext(language(), "{n} grant is not claimed yet.", "{n} grants are not claimed yet.", open_grants)
        self.grants = label(counted, "strong", wrap=True)
        for part in (self.grants, self.keep, self.revoke):
            layout.addWidget(part)
            part.setVisible(False) if not open_grants else None
        for choice in (self.keep, self.revoke):
            self.group.addButton(choice)
        layout.addWidget(self.follows)
        layout.addLayout(row(self.save, button(_("Cancel"), self._cancel), None))
        layout.addStretch(1)

    def _show_what_follows(self) -> None:
        later = self.date.date() > self.today
        self.revoke.setEnabled(not later)
        if later:
            self.keep.setChecked(True)
        self.follows.setText(
            _("Until then the person can claim as before. On that day everything open is closed by itself.") if later
            else _("From now on nothing can be claimed by this person, whatever link is used.")
        )  # fmt: skip
        self.save.setText(_("Keep this date") if later else _("Mark as left"))

    def _save(self) -> None:
        self.save.setEnabled(False)
        changes = {"leave_date": self.date.date().toString("yyyy-MM-dd")}
        if self.date.date() <= self.today:
            changes["status"] = "left"
        self.desk.background.write(
            people.edit_person, self._saved, self._refused, person_id=self.person.id, changes=changes,
            revoke=self.revoke.isChecked(),
        )  # fmt: skip

    def _saved(self, saved: Any) -> None:
        self.desk.open_drawer(None)
        self.desk.changed.emit("people")
        self.desk.changed.emit("grants")
        if saved.status == "active":
            self.desk.toast(_("{name} leaves on {date}", name=saved.name, date=saved.leave_date))
        elif self.revoke.isChecked():
            self.desk.toast(_("{name} has left", name=saved.name))
        else:
            undo = partial(put_back, self.desk, self.person, ("status", "leave_date"))
            self.desk.toast(_("{name} has left", name=saved.name), _("Undo"), undo)

    def _refused(self, error: Exception) -> None:
        self.save.setEnabled(True)
        if not self.form.show_error(error):
            self.banner.say(error_text(language(), error), "bad")

    def _cancel(self) -> None:
        self.desk.open_drawer(None)
