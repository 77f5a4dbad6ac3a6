"""The few questions that stop the work: where to save, which file, and "are you sure" by what is at stake."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QFileDialog, QLineEdit, QVBoxLayout, QWidget

from welfare_desk.desktop import theme
from welfare_desk.desktop.widgets.basic import button, label, primary, row
from welfare_desk.i18n import _


def ask_save(parent: QWidget, title: str, name: str, kinds: str) -> Path | None:
    """Where to save; `kinds` like "Excel (*.xlsx);;CSV (*.csv)". A missing suffix is added."""
    found, chosen = QFileDialog.getSaveFileName(parent, title, str(Path.home() / name), kinds)
    if not found:
        return None
    path = Path(found)
    if not path.suffix and "*." in chosen:
        path = path.with_suffix("." + chosen.split("*.")[1].split(")")[0].split(" ")[0])
    return path


def ask_open(parent: QWidget, title: str, kinds: str) -> Path | None:
    """Which file to open."""
    found, _chosen = QFileDialog.getOpenFileName(parent, title, str(Path.home()), kinds)
    return Path(found) if found else None


class Confirm(QDialog):
    """What will happen, what cannot be undone, and a button that names the act; above a threshold a number is typed."""

    def __init__(
        self, parent: QWidget, title: str, text: str, act: str, *, danger: bool = False, typed: str = ""
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self._typed = typed
        self.act = primary(act, self.accept)
        if danger:
            self.act.setProperty("kind", "danger")
        self.answer = QLineEdit()
        self.answer.setAccessibleName(_("Type {typed} to confirm", typed=typed))
        self.answer.textChanged.connect(self._check)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(*(theme.px(24),) * 4)
        layout.setSpacing(theme.px(12))
        layout.addWidget(label(title, "section"))
        words = label(text, wrap=True)
        words.setMinimumWidth(theme.px(400))
        layout.addWidget(words)
        if typed:
            layout.addWidget(label(_("Type {typed} to confirm", typed=typed), "strong"))
            layout.addWidget(self.answer)
            self.act.setEnabled(False)
        layout.addLayout(row(None, button(_("Cancel"), self.reject), self.act))
        self.setWindowFlag(Qt.WindowType.WindowContextHelpButtonHint, on=False)

    def _check(self, text: str) -> None:
        self.act.setEnabled(text.strip().replace(",", "") == self._typed)


def confirm(parent: QWidget, title: str, text: str, act: str, *, danger: bool = False, typed: str = "") -> bool:
    """Asks and waits; True when the act was pressed (and, if `typed` is given, that text was typed)."""
    dialog = Confirm(parent, title, text, act, danger=danger, typed=typed)
    answered = dialog.exec() == QDialog.DialogCode.Accepted
    dialog.deleteLater()
    return answered
