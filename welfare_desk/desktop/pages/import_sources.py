"""Where a list of people comes from: a file, one of the last files, the clipboard, or a template to fill in first."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QSettings, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QApplication, QFrame, QVBoxLayout, QWidget

from welfare_desk.desktop import theme
from welfare_desk.desktop.desk import Desk
from welfare_desk.desktop.dialogs import ask_save
from welfare_desk.desktop.tips import plain_tip
from welfare_desk.desktop.widgets.basic import ElidedLabel, button, card, clear, column, holder, label, primary, row
from welfare_desk.desktop.widgets.empty_state import EmptyState
from welfare_desk.desktop.widgets.fields import SecretEdit
from welfare_desk.files.template import write_template
from welfare_desk.i18n import _, language

KINDS = "Excel, CSV (*.xlsx *.xlsm *.xls *.xlsb *.ods *.csv *.tsv *.txt)"
RECENT = "import/recent"
KEPT = 5


class FileStep(QWidget):
    """One primary way in, the last files, and the field for a password when a list is locked."""

    chosen = Signal(str)  # the path of a recent file
    unlocked = Signal(str)  # the password typed for the locked list

    def __init__(self, desk: Desk, choose: Any) -> None:
        super().__init__()
        self.desk = desk
        self.drop = EmptyState(
            "file", _("Drop an Excel or CSV list anywhere on this window, or paste the cells with Ctrl+V."),
            _("Choose a file …"), choose, button(_("Save a template"), self._template, icon="table"),
        )  # fmt: skip
        self.password = SecretEdit()
        self.password.setAccessibleName(_("Password of the list"))
        self.password.setMinimumWidth(theme.px(240))
        self.password.returnPressed.connect(self._unlock)
        self._words = label("", "strong", wrap=True)
        self._wrong = label("", "error", wrap=True)
        self.locked = holder(column(None, row(None, self._lock_card(), None), None, None))
        self.locked.hide()
        self._recent = QVBoxLayout()
        self._recent.setSpacing(theme.px(4))
        self.recent = _wide(column(label(_("Last lists"), "strong"), self._recent, spacing=8))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.locked, 1)
        layout.addWidget(self.drop, 3)
        layout.addLayout(row(None, self.recent, None))
        layout.addStretch(1)
        self.refresh()

    def refresh(self) -> None:
        """Reads the last files anew."""
        clear(self._recent)
        found = recent(self.desk.preferences)
        self.recent.setVisible(bool(found))
        for path in found:
            self._recent.addWidget(self._file(path))

    def ask_password(self, name: str, *, wrong: bool) -> None:
        """Shows the field for the password of a list; what was typed is not kept anywhere."""
        self._words.setText(_("{name} is protected by a password.", name=name))
        self._wrong.setText(_("That was not the password. Please try again.") if wrong else "")
        self._wrong.setVisible(wrong)
        self.password.clear()
        self.locked.show()
        self.recent.hide()
        self.drop.hide()
        self.password.setFocus(Qt.FocusReason.OtherFocusReason)

    def forget_password(self) -> None:
        """Another list is asked for."""
        self.locked.hide()
        self.drop.show()
        self.password.clear()
        self.refresh()

    def _lock_card(self) -> QFrame:
        made = card(
            self._words, self._wrong, row(self.password, primary(_("Open the list"), self._unlock)),
            label(_("It opens the list and is never written down."), "caption", wrap=True),
            row(button(_("Choose another list"), self.forget_password, kind="quiet"), None), spacing=12, margin=24,
        )  # fmt: skip
        made.setMinimumWidth(theme.px(460))
        return made

    def _file(self, path: Path) -> QWidget:
        made = button(path.name, partial(self.chosen.emit, str(path)), kind="quiet", icon="file")
        made.setToolTip(plain_tip(str(path)))
        made.setAccessibleDescription(str(path))
        made.setMaximumWidth(theme.px(280))
        return holder(row(made, ElidedLabel(str(path.parent), "caption")))

    def _unlock(self) -> None:
        if self.password.text():
            self.unlocked.emit(self.password.text())

    def _template(self) -> None:
        ask_template(self, self.desk)


def _wide(layout: Any) -> QWidget:
    made = holder(layout)
    made.setFixedWidth(theme.px(560))
    return made


def recent(preferences: QSettings) -> list[Path]:
    """The files that were imported last on this computer, the newest first."""
    found = preferences.value(RECENT)
    names = [found] if isinstance(found, str) else found if isinstance(found, list) else []
    return [Path(str(name)) for name in names][:KEPT]


def remember(preferences: QSettings, path: Path) -> None:
    """Puts a file at the head of the last ones."""
    kept = [str(path), *(str(other) for other in recent(preferences) if other != path)]
    preferences.setValue(RECENT, kept[:KEPT])


def copied_cells(desk: Desk) -> str:
    """The cells on the clipboard as TSV; "" and a word of advice when there are none."""
    text = QApplication.clipboard().text()
    if "\t" in text or "\n" in text:
        return text
    desk.toast(_("Copy the cells in Excel first, headings included, then paste them here."))
    return ""


def ask_template(widget: QWidget, desk: Desk) -> None:
    """Saves a list with the right headings and a few example rows, to start from."""
    path = ask_save(widget, _("Save a template"), _("people") + ".xlsx", "Excel (*.xlsx);;CSV (*.csv)")
    if path is not None:
        desk.background.call(write_template, partial(_template_saved, desk, path), path=path, language=language())


def _template_saved(desk: Desk, path: Path, _nothing: Any) -> None:
    desk.toast(_("The template is saved in {name}", name=path.name), _("Open"),
               partial(QDesktopServices.openUrl, QUrl.fromLocalFile(str(path))))  # fmt: skip
