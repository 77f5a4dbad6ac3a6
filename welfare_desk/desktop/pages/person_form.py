"""One person by hand: add somebody who is not in the list, or correct what is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from PySide6.QtWidgets import QVBoxLayout, QWidget

from welfare_desk.desktop import theme
from welfare_desk.desktop.desk import Desk
from welfare_desk.desktop.widgets.banner import Banner
from welfare_desk.desktop.widgets.basic import button, primary, row
from welfare_desk.desktop.widgets.fields import Form
from welfare_desk.i18n import _, error_text, language
from welfare_desk.services import people

FIELDS = ("name", "employee_no", "department", "email", "phone", "hire_date", "birthday", "site", "level", "tags")


class PersonForm(QWidget):
    """Fields of a person in the drawer; empty for a new one, filled for `person`. Leaving has a form of its own."""

    def __init__(self, desk: Desk, person: Any = None) -> None:
        super().__init__()
        self.desk = desk
        self.person = person
        self.setWindowTitle(_("Add person") if person is None else _("Correct {name}", name=person.name))
        self.form = Form(width=380)
        captions = {
            "name": _("Name"), "employee_no": _("Employee number"), "department": _("Department"),
            "email": _("E-mail"), "phone": _("Phone"), "hire_date": _("Hire date"), "birthday": _("Birthday"),
            "site": _("Work location"), "level": _("Job level"), "tags": _("Tags"),
        }  # fmt: skip
        hints = {
            "department": _("Full path, parts joined by /"), "hire_date": _("Like 2026-11-20"),
            "birthday": _("Like 1990-05-12, or 05-12 without the year"), "tags": _("Several joined by commas"),
        }  # fmt: skip
        for name in FIELDS:
            self.form.add_line(name, captions[name], self._kept(name), hint=hints.get(name, ""))
        self.banner = Banner()
        self.save = primary(_("Save"), self._save)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, theme.px(8), 0)
        layout.setSpacing(theme.px(12))
        layout.addWidget(self.banner)
        layout.addWidget(self.form)
        layout.addLayout(row(self.save, button(_("Cancel"), self._cancel), None))
        layout.addStretch(1)

    def _kept(self, name: str) -> str:
        """What the person has, as the field writes it."""
        value = getattr(self.person, name, None) or ""
        return ", ".join(value) if isinstance(value, tuple) else str(value)

    def _save(self) -> None:
        self.form.clear_errors()
        self.banner.say("")
        self.save.setEnabled(False)
        values = {key: value or None for key, value in self.form.values().items()}
        write = self.desk.background.write
        if self.person is None:
            write(people.add_person, self._saved, self._refused, **(values | {"name": values["name"] or ""}))
            return
        changes = {key: value for key, value in values.items() if value != (self._kept(key) or None)}
        if changes:
            write(people.edit_person, self._saved, self._refused, person_id=self.person.id, changes=changes)
        else:
            self._cancel()

    def _saved(self, saved: Any) -> None:
        self.desk.open_drawer(None)
        self.desk.changed.emit("people")
        text = _("{name} is saved", name=saved.name)
        if self.person is None:
            self.desk.toast(text)
        else:
            self.desk.toast(text, _("Undo"), partial(put_back, self.desk, self.person, FIELDS))

    def _refused(self, error: Exception) -> None:
        self.save.setEnabled(True)
        if not self.form.show_error(error):
            self.banner.say(error_text(language(), error), "bad")

    def _cancel(self) -> None:
        self.desk.open_drawer(None)


def put_back(desk: Desk, person: Any, fields: Sequence[str]) -> None:
    """Gives a person back what these fields held before, as `person` still has it."""
    before = {name: getattr(person, name) for name in fields}
    changes = {name: ",".join(value) if isinstance(value, tuple) else value for name, value in before.items()}
    desk.background.write(people.edit_person, partial(_told, desk), person_id=person.id, changes=changes)


def _told(desk: Desk, _person: Any) -> None:
    desk.changed.emit("people")
