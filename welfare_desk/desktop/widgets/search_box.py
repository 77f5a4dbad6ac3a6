"""A search field that speaks only when the typing rests, and never blocks it."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QLineEdit

from welfare_desk.desktop import icons, theme

REST_MS = 180


class SearchBox(QLineEdit):
    """Emits `searched(text)` 180 ms after the last key, at once on Enter and when it is cleared."""

    searched = Signal(str)

    def __init__(self, placeholder: str, *, width: int = 260) -> None:
        super().__init__()
        self.setPlaceholderText(placeholder)
        self.setAccessibleName(placeholder)
        self.setClearButtonEnabled(True)
        self.setFixedWidth(theme.px(width))
        mark = QAction(icons.icon("search", "muted"), "", self)
        self.addAction(mark, QLineEdit.ActionPosition.LeadingPosition)
        self._last = ""
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(REST_MS)
        self._timer.timeout.connect(self._say)
        self.textChanged.connect(self._typed)
        self.returnPressed.connect(self._say)

    def _typed(self, text: str) -> None:
        if text:
            self._timer.start()
        else:
            self._say()

    def _say(self) -> None:
        self._timer.stop()
        text = self.text().strip()
        if text != self._last:
            self._last = text
            self.searched.emit(text)
