"""What an import did, with the way back, and the rows that were refused as a file to mend."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from welfare_desk.desktop import theme
from welfare_desk.desktop.background import Cancelled
from welfare_desk.desktop.desk import Desk
from welfare_desk.desktop.formats import number
from welfare_desk.desktop.pages.import_work import undo_import
from welfare_desk.desktop.widgets.banner import Banner
from welfare_desk.desktop.widgets.basic import button, card, icon_label, label, row
from welfare_desk.i18n import _, error_text, language, ntext


class ResultStep(QWidget):
    """One sentence, and what can still be done about it; `save_asked` for the refused rows."""

    save_asked = Signal()
    undone = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self._report: Any = None
        self.people: list[str] = []
        self.sentence = label("", "section", wrap=True)
        self.details = label("", "muted", wrap=True)
        self.banner = Banner()
        self.save = button(_("Save the refused rows …"), self.save_asked.emit, icon="export")
        self.undo = button(_("Undo this import"), self._undo, icon="undo")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.px(12))
        layout.addWidget(self.banner)
        layout.addWidget(
            card(row(icon_label("ok", "success", 24), self.sentence, spacing=12), self.details,
                 row(self.save, self.undo, None), spacing=12)
        )  # fmt: skip
        layout.addStretch(1)

    def show_report(self, report: Any) -> None:
        """Shows what was done."""
        self._report, self.people = report, []
        done = report.created + report.updated
        self.sentence.setText(
            ntext(language(), "{count} person was imported.", "{count} people were imported.", done, count=number(done))
        )
        self.details.setText(
            _(
                "New {created} · changed {updated} · same {unchanged} · left {left} · refused {rejected} · "
                "duplicates {duplicates} · skipped {skipped}",
                **{name: number(getattr(report, name)) for name in
                   ("created", "updated", "unchanged", "left", "rejected", "duplicates", "skipped")},
            )
        )  # fmt: skip
        self.save.setVisible(report.rejected > 0)
        self.undo.setVisible(bool(done + report.left))
        self.undo.setEnabled(True)
        self.banner.say("")

    def show_people(self, numbers: list[str]) -> None:
        """Keeps who of the list is in the directory now: a campaign for them may follow."""
        self.people = numbers

    def _undo(self) -> None:
        self.undo.setEnabled(False)
        self.banner.say(_("Undoing the import"), "info")
        self.desk.background.job(
            _("Undoing the import"), undo_import, self._undone, self._kept, import_id=self._report.import_id
        )

    def _undone(self, report: Any) -> None:
        self.undo.hide()
        self.people = []
        self.sentence.setText(_("This import was undone."))
        self.details.setText("")
        self.undone.emit()
        self.banner.say(
            _("Undone: {removed} people removed, {restored} as they were before.",
              removed=number(report.removed), restored=number(report.restored)), "ok",
        )  # fmt: skip
        self.desk.changed.emit("people")

    def _kept(self, error: Exception) -> None:
        self.undo.setEnabled(True)
        if isinstance(error, Cancelled):
            self.banner.say("")
        else:
            self.banner.say(error_text(language(), error), "bad")
