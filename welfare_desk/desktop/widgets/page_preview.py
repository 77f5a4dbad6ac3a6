"""How the top of a claim page will look with this logo and colour, in the light and in the dark theme."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from welfare_desk.desktop import theme
from welfare_desk.domain.colours import DARK, LIGHT, ON_DARK, ON_LIGHT, shades

PLAIN = "#0b5cad"
PLAIN_DARK = "#6cb0f5"
TEXT = ("#1a2330", "#e8ecf1")


class PagePreview(QWidget):
    """Two small pages side by side: company above, a button below."""

    def __init__(self) -> None:
        super().__init__()
        self._company, self._act, self._colour = "", "", ""
        self._logo = QImage()
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def show_page(self, company: str, act: str, colour: str, logo: QImage) -> None:
        """Shows company, logo and a button that says `act`; `colour` as `#0b5cad` or ""."""
        self._company, self._act, self._colour, self._logo = company, act, colour, logo
        self.update()

    def sizeHint(self) -> QSize:
        """Room for both."""
        return QSize(theme.px(420), theme.px(112))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draws both pages."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        gap, wide = theme.px(12), (self.width() - theme.px(12)) / 2
        mains = shades(self._colour) if self._colour else (PLAIN, PLAIN_DARK)
        for at, (ground, words, on) in enumerate(((LIGHT[1], TEXT[0], ON_LIGHT), (DARK[1], TEXT[1], ON_DARK))):
            place = QRectF(at * (wide + gap) + 0.5, 0.5, wide - 1, self.height() - 1)
            self._page(painter, place, ground, words, mains[at], on)
        painter.end()

    def _page(self, painter: QPainter, place: QRectF, ground: str, words: str, main: str, on: str) -> None:
        painter.setPen(QColor("#768190"))
        painter.setBrush(QColor(ground))
        painter.drawRoundedRect(place, 6, 6)
        inner = place.adjusted(theme.px(12), theme.px(10), -theme.px(12), -theme.px(10))
        line = QRectF(inner.left(), inner.top(), inner.width(), theme.px(32))
        if not self._logo.isNull():
            line = self._draw_logo(painter, line)
        bold = QFont(self.font())
        bold.setBold(True)
        painter.setFont(bold)
        painter.setPen(QColor(words))
        said = painter.fontMetrics().elidedText(self._company, Qt.TextElideMode.ElideRight, int(line.width()))
        painter.drawText(line, int(Qt.AlignmentFlag.AlignVCenter), said)
        pressed = QRectF(inner.left(), inner.bottom() - theme.px(38), inner.width(), theme.px(38))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(main))
        painter.drawRoundedRect(pressed, 6, 6)
        painter.setPen(QColor(on))
        painter.drawText(pressed, int(Qt.AlignmentFlag.AlignCenter), self._act)

    def _draw_logo(self, painter: QPainter, line: QRectF) -> QRectF:
        """Draws the logo on white, as the page does, and returns the room that is left for the name."""
        high = line.height()
        wide = min(high * 3, high * self._logo.width() / max(1, self._logo.height()))
        box = QRectF(line.left(), line.top(), wide, high)
        painter.fillRect(box, Qt.GlobalColor.white)
        painter.drawImage(box.adjusted(2, 2, -2, -2), self._logo)
        return line.adjusted(wide + theme.px(8), 0, 0, 0)
