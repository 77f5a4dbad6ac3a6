"""Earlier imports: what each changed, and the way back as long as nothing depends on it."""

from __future__ import annotations

from functools import partial
from typing import Any

from PySide6.QtWidgets import QVBoxLayout, QWidget

from welfare_desk.desktop import theme
from welfare_desk.desktop.desk import Desk
from welfare_desk.desktop.dialogs import confirm
from welfare_desk.desktop.formats import moment, number
from welfare_desk.desktop.pages.import_work import undo_import
from welfare_desk.desktop.pages.words import import_state
from welfare_desk.desktop.widgets.banner import Banner
from welfare_desk.desktop.widgets.basic import ElidedLabel, badge, button, card, clear, label, row
from welfare_desk.i18n import _, error_text, language
from welfare_desk.queries import people_imports

SHOWN = 20


class ImportsDrawer(QWidget):
    """The newest first; undoing one says why when it cannot be undone."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.setWindowTitle(_("Earlier imports"))
        self.banner = Banner()
        self._cards = QVBoxLayout()
        self._cards.setSpacing(theme.px(12))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, theme.px(8), 0)
        layout.setSpacing(theme.px(12))
        layout.addWidget(self.banner)
        layout.addLayout(self._cards)
        layout.addStretch(1)
        self.refresh()

    def refresh(self) -> None:
        """Asks for the imports again."""
        self.desk.background.read(people_imports.imports, self._show, key="imports", limit=SHOWN)

    def _show(self, found: tuple[Any, ...]) -> None:
        clear(self._cards)
        if not found:
            self._cards.addWidget(label(_("Nothing was imported yet."), "muted", wrap=True))
        for one in found:
            self._cards.addWidget(self._card(one))

    def _card(self, found: Any) -> QWidget:
        counts = _(
            "New {created} · changed {updated} · left {left} · refused {rejected}", created=number(found.created),
            updated=number(found.updated), left=number(found.left), rejected=number(found.rejected),
        )  # fmt: skip
        parts: list[Any] = [
            row(ElidedLabel(found.filename or _("Cells"), "strong"), badge(*import_state(found.state))),
            label(f"{moment(found.at)} · {found.operator}", "caption"),
            label(counts, "muted", wrap=True),
        ]
        if found.state == "applied":
            parts.append(row(button(_("Undo this import"), partial(self._ask, found), icon="undo"), None))
        return card(*parts, spacing=6, margin=12)

    def _ask(self, found: Any) -> None:
        text = _("New people are removed and changed ones are as they were before {at}.", at=moment(found.at))
        if confirm(self, _("Undo this import?"), text, _("Undo this import"), danger=True):
            self.desk.background.job(
                _("Undoing the import"), undo_import, self._undone, self._kept, import_id=found.import_id
            )

    def _undone(self, report: Any) -> None:
        self.banner.say(
            _("Undone: {removed} people removed, {restored} as they were before.",
              removed=number(report.removed), restored=number(report.restored)), "ok",
        )  # fmt: skip
        self.desk.changed.emit("people")
        self.refresh()

    def _kept(self, error: Exception) -> None:
        self.banner.say(error_text(language(), error), "bad")
