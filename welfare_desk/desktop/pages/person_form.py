"""One person by hand: add somebody who is not in the list, or correct what is wrong."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QVBoxLayout, QWidget

from welfare_desk.desktop import theme
from welfare_desk.desktop.desk import Desk
from welfare_desk.desktop.pages.words import person_status
from welfare_desk.desktop.widgets.banner import Banner
from welfare_desk.desktop.widgets.basic import button, primary, row
from welfare_desk.desktop.widgets.fields import Form
from welfare_desk.i18n import _, error_text, language
from welfare_desk.services import people

FIELDS = ("name", "employee_no", "department", "email", "phone", "hire_date")


class PersonForm(QWidget):
    """Fields of a person in the drawer; empty for a new one, filled for `person`."""

    def __init__(self, desk: Desk, person: Any = None) -> None:
        super().__init__()
        self.desk = desk
        self.person = person
        self.setWindowTitle(_("Add person") if person is None else _("Correct {name}", name=person.name))
        self.form = Form(width=380)
        captions = {
            "name": _("Name"), "employee_no": _("Employee number"), "department": _("Department"),
            "email": _("E-mail"), "phone": _("Phone"), "hire_date": _("Hire date"),
        }  # fmt: skip
        hints = {"department": _("Full path, parts joined by /"), "hire_date": _("Like 2026-11-20")}
        for name in FIELDS:
            value = getattr(person, name, None) or ""
            self.form.add_line(name, captions[name], value, hint=hints.get(name, ""))
        choices = [(status, person_status(status)[0]) for status in ("active", "left")]
        self.form.add_choice("status", _("Status"), choices, getattr(person, "status", "active"))
        self.banner = Banner()
        self.save = primary(_("Save"), self._save)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, theme.px(8), 0)
        layout.setSpacing(theme.px(12))
        layout.addWidget(self.banner)
        layout.addWidget(self.form)
        layout.addLayout(row(self.save, button(_("Cancel"), self._cancel), None))
        layout.addStretch(1)

    def _save(self) -> None:
        self.form.clear_errors()
        self.banner.say("")
        self.save.setEnabled(False)
        values = {key: value or None for key, value in self.form.values().items()}
        write = self.desk.background.write
        if self.person is None:
            write(people.add_person, self._saved, self._refused, **(values | {"name": values["name"] or ""}))
            return
        changes = {key: value for key, value in values.items() if value != (getattr(self.person, key) or None)}
        if changes:
            write(people.edit_person, self._saved, self._refused, person_id=self.person.id, changes=changes)
        else:
            self._cancel()

    def _saved(self, saved: Any) -> None:
        self.desk.open_drawer(None)
        self.desk.changed.emit("people")
        self.desk.toast(_("{name} is saved", name=saved.name))

    def _refused(self, error: Exception) -> None:
        self.save.setEnabled(True)
        if not self.form.show_error(error):
            self.banner.say(error_text(language(), error), "bad")

    def _cancel(self) -> None:
        self.desk.open_drawer(None)
