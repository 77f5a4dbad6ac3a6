"""A number with its name, its denominator, and what it leads to."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QFrame, QVBoxLayout

from welfare_desk.desktop import theme
from welfare_desk.desktop.widgets.basic import label


class Kpi(QFrame):
    """One hero number; the line below says out of how many and as of when."""

    def __init__(self, name: str, run: Callable[[], object] | None = None) -> None:
        super().__init__()
        self.setProperty("card", "true")
        self._run = run
        self._name = label(name, "muted")
        self._value = label("–", "hero")
        self._note = label("", "caption")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(*(theme.px(edge) for edge in (16, 12, 16, 12)))
        layout.setSpacing(theme.px(2))
        for part in (self._name, self._value, self._note):
            layout.addWidget(part)
        if run is not None:
            self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(name)

    def value(self) -> str:
        """The number it shows."""
        return self._value.text()

    def show_value(self, value: str, note: str = "") -> None:
        """Replaces number and note."""
        self._value.setText(value)
        self._note.setText(note)
        self.setAccessibleName(f"{self._name.text()} {value} {note}".strip())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click leads to the list behind the number."""
        super().mouseReleaseEvent(event)
        if self._run is not None and self.rect().contains(event.position().toPoint()):
            self._run()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter and space do what a click does."""
        if self._run is not None and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._run()
        else:
            super().keyPressEvent(event)
