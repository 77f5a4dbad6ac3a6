"""Charts as widgets: each paints itself, speaks its data to a screen reader, and can be looked at as a table."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from welfare_desk.desktop import theme
from welfare_desk.desktop.widgets import chart_drawing
from welfare_desk.desktop.widgets.chart_drawing import Bar, Dot, Line, Look

Draw = Callable[[QPainter, QRectF, Look], None]


class Chart(QWidget):
    """Paints what `show_drawing` was last given."""

    def __init__(self, name: str, height: int = 150) -> None:
        super().__init__()
        self._draw: Draw | None = None
        self._name = name
        self._height = height
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_drawing(self, draw: Draw, says: str) -> None:
        """Replaces the picture; `says` is its content in words."""
        self._draw = draw
        self.setAccessibleDescription(says)
        self.update()

    def show_funnel(self, bars: tuple[Bar, ...]) -> None:
        """Shows a funnel."""
        says = "; ".join(f"{bar.label} {bar.value} {bar.note}".strip() for bar in bars)
        self.show_drawing(lambda painter, rect, look: chart_drawing.draw_funnel(painter, rect, bars, look), says)

    def show_line(self, line: Line) -> None:
        """Shows a cumulative curve."""
        self.show_drawing(lambda painter, rect, look: chart_drawing.draw_line(painter, rect, line, look), line.label)

    def sizeHint(self) -> QSize:
        """As high as was asked for."""
        return QSize(theme.px(320), theme.px(self._height))

    def minimumSizeHint(self) -> QSize:
        """Small enough for a narrow window."""
        return QSize(theme.px(240), theme.px(min(self._height, 120)))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draws in the colours in force."""
        if self._draw is not None:
            painter = QPainter(self)
            self._draw(painter, QRectF(self.rect()), chart_drawing.on_screen())


class DotChart(Chart):
    """A dot per group; a click on a row chooses it."""

    chosen = Signal(int)

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._count = 0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_dots(self, dots: tuple[Dot, ...], overall: float | None) -> None:
        """Shows groups and the rate of all of them."""
        self._count = len(dots)
        self._height = round(chart_drawing.dots_height(len(dots)))
        self.setFixedHeight(theme.px(self._height))
        says = "; ".join(f"{dot.label} {dot.note}" for dot in dots)
        self.show_drawing(lambda painter, rect, look: chart_drawing.draw_dots(painter, rect, dots, look, overall), says)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click chooses the group of that row."""
        super().mouseReleaseEvent(event)
        at = int(event.position().y() // theme.px(chart_drawing.ROW))
        if event.button() == Qt.MouseButton.LeftButton and 0 <= at < self._count:
            self.chosen.emit(at)
