"""The company's looks on claim pages: logo and colour with a preview, and how soon a report is answered."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtGui import QColor
from PySide6.QtWidgets import QColorDialog, QFrame, QLineEdit, QSpinBox

from welfare_desk.desktop.desk import Desk
from welfare_desk.desktop.dialogs import ask_open
from welfare_desk.desktop.logo_file import picture, read_logo
from welfare_desk.desktop.widgets.banner import Banner
from welfare_desk.desktop.widgets.basic import button, column, holder, label, primary, row
from welfare_desk.desktop.widgets.fields import Form
from welfare_desk.desktop.widgets.page_preview import PLAIN, PagePreview
from welfare_desk.domain.colours import ENOUGH, LIGHT, contrast, shades, tidy_colour
from welfare_desk.errors import Refused
from welfare_desk.i18n import _, error_text, language
from welfare_desk.queries import settings as settings_queries
from welfare_desk.services import settings

KEYS = ("colour", "logo", "answer_hours")
PICTURES = "(*.png *.jpg *.jpeg *.gif *.webp *.bmp *.svg)"


class LookCard(QFrame):
    """Saved with a button of its own; what is chosen is seen before that."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self._loaded: dict[str, Any] = {}
        self._company, self._logo = "", ""
        self.setProperty("card", "true")
        self.banner = Banner()
        self.preview = PagePreview()
        self.preview.setAccessibleName(_("Preview of the claim page"))
        self.form = Form(width=520)
        self.choose_logo = button(_("Choose a picture …"), self._choose_logo, icon="file")
        self.drop_logo = button(_("Without logo"), self._drop_logo)
        logo = holder(row(self.choose_logo, self.drop_logo, None))
        self.form.add("logo", _("Logo"), logo, hint=_("Any picture; it is made small enough for a quick page."))
        self.colour = QLineEdit()
        self.colour.setPlaceholderText(PLAIN)
        self.colour.textChanged.connect(self._preview)
        self.colour.setAccessibleName(_("Colour of buttons and links"))
        self.readable = label("", "caption", wrap=True)
        pick = button(_("Pick a colour …"), self._pick_colour)
        both = holder(column(row(self.colour, pick), self.readable, spacing=4))
        self.form.add("colour", _("Colour of buttons and links"), both)
        self.hours = QSpinBox()
        self.hours.setRange(1, settings.MOST_HOURS)
        self.form.add("answer_hours", _("Reports are answered within (hours)"), self.hours,
                      hint=_("Promised on the claim page to whoever says that something does not work."))  # fmt: skip
        self.save = primary(_("Save"), self._save)
        inner = column(
            label(_("Looks of the claim page"), "section"), self.banner, self.preview, self.form,
            row(self.save, None), spacing=16, margin=24,
        )  # fmt: skip
        self.setLayout(inner)

    def refresh(self) -> None:
        """Reads what is stored."""
        self.desk.background.read(settings_queries.shared, self._show, key="look")

    def take_logo(self, path: Path) -> None:
        """Takes the picture of a file, made small; says what is wrong with it."""
        try:
            self._logo = read_logo(path)
        except Refused as refused:
            self.form.show_error(refused)
            return
        self.form.set_error("logo", "")
        self._preview()

    def _show(self, found: dict[str, Any]) -> None:
        self._loaded = {key: found[key] for key in KEYS}
        self._company, self._logo = str(found["company_name"]), str(found["logo"])
        self.colour.setText(str(found["colour"]))
        self.hours.setValue(int(found["answer_hours"]))
        self.form.clear_errors()
        self._preview()

    def _preview(self) -> None:
        written = self.colour.text().strip()
        colour = tidy_colour(written) if written else ""
        self.readable.setText(_verdict(colour) if colour else "")
        self.drop_logo.setEnabled(bool(self._logo))
        self.preview.show_page(self._company or _("Employee benefits"), _("Claim"), colour or "", picture(self._logo))

    def _choose_logo(self) -> None:
        path = ask_open(self, _("Choose a picture …"), _("Pictures") + f" {PICTURES}")
        if path is not None:
            self.take_logo(path)

    def _drop_logo(self) -> None:
        self._logo = ""
        self._preview()

    def _pick_colour(self) -> None:
        chosen = QColorDialog.getColor(QColor(tidy_colour(self.colour.text()) or PLAIN), self)
        if chosen.isValid():
            self.colour.setText(chosen.name())

    def _save(self) -> None:
        values = {"colour": self.colour.text().strip(), "logo": self._logo, "answer_hours": self.hours.value()}
        changed = {key: value for key, value in values.items() if value != self._loaded.get(key)}
        if not changed:
            self.desk.toast(_("Nothing was changed"))
            return
        self.save.setEnabled(False)
        self.desk.background.write(settings.change, self._saved, self._refused, values=changed)

    def _saved(self, _result: Any) -> None:
        self.save.setEnabled(True)
        self.desk.toast(_("Saved"))
        self.desk.changed.emit("settings")

    def _refused(self, error: Exception) -> None:
        self.save.setEnabled(True)
        if not self.form.show_error(error):
            self.banner.say(error_text(language(), error), "bad")


def _verdict(colour: str) -> str:
    """Whether a colour can be read, and what the page shows in its place if it cannot."""
    found = min(contrast(colour, other) for other in LIGHT)
    if found >= ENOUGH:
        return _("Contrast {found}:1, easy to read", found=f"{found:.1f}")
    return _("Contrast {found}:1 is too little to read (4.5:1); the page shows {shade} in its place",
             found=f"{found:.1f}", shade=shades(colour)[0])  # fmt: skip
