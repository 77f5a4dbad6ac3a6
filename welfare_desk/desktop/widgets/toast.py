"""A sentence at the bottom for ten seconds, with undo where undo is possible."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from welfare_desk.desktop import theme
from welfare_desk.desktop.widgets.basic import button, label

STAYS_MS = 10_000


class Toast(QFrame):
    """Floats over its parent, bottom centre; a new sentence replaces the old one."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("toast")
        self._over = parent
        self._run: Callable[[], object] | None = None
        self._words = label("")
        self._button = button("", self._pressed)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(*(theme.px(edge) for edge in (16, 8, 8, 8)))
        layout.setSpacing(theme.px(16))
        layout.addWidget(self._words)
        layout.addWidget(self._button)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.hide)
        parent.installEventFilter(self)
        self.hide()

    def text(self) -> str:
        """What it says now."""
        return self._words.text()

    def say(self, text: str, action: str = "", run: Callable[[], object] | None = None) -> None:
        """Shows a sentence for ten seconds; pressing the action runs it once."""
        self._run = run
        most = self._over.width() - theme.px(240)
        self._words.setWordWrap(self.fontMetrics().horizontalAdvance(text) > most)
        self._words.setMaximumWidth(most)
        self._words.setText(text)
        self.setAccessibleName(text)
        self._button.setText(action)
        self._button.setVisible(bool(action))
        self.adjustSize()
        self._place()
        self.show()
        self.raise_()
        self._timer.start(STAYS_MS)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follows the size of its parent."""
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        return super().eventFilter(watched, event)

    def _place(self) -> None:
        parent = self._over
        self.move((parent.width() - self.width()) // 2, parent.height() - self.height() - theme.px(24))

    def _pressed(self) -> None:
        self.hide()
        run, self._run = self._run, None
        if run is not None:
            run()
