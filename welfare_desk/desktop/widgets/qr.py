"""A QR code on screen: dark modules on white in both themes, with its quiet zone, sharp at any density."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from welfare_desk.desktop import theme

QUIET = 4  # modules of white around a code


class QrWidget(QWidget):
    """Draws a matrix of `files.qr.matrix`; an optional colour frames it (green once a phone has come)."""

    def __init__(self, size: int = 200) -> None:
        super().__init__()
        self._image: QImage | None = None
        self._tone = ""
        side = theme.px(size)
        self.setFixedSize(QSize(side, side))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_matrix(self, matrix: Sequence[Sequence[bool]], says: str) -> None:
        """Shows a code; `says` is its text for screen readers, the address."""
        self._image = image(matrix) if matrix else None
        self.setAccessibleName(says)
        self.setToolTip(says)
        self.update()

    def set_tone(self, token: str) -> None:
        """Frames the code in a theme colour, "" takes the frame away."""
        self._tone = token
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """White ground, the code, the frame."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor("white"))
        if self._image is not None:
            edge = self.width() / (self._image.width() + 2 * QUIET) * QUIET
            painter.drawImage(QRectF(self.rect()).adjusted(edge, edge, -edge, -edge), self._image)
        if self._tone:
            wide = theme.px(4)
            pen = painter.pen()
            pen.setColor(theme.colour(self._tone))
            pen.setWidth(wide)
            pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
            painter.setPen(pen)
            painter.drawRect(QRectF(self.rect()).adjusted(wide / 2, wide / 2, -wide / 2, -wide / 2))
        painter.end()


def image(matrix: Sequence[Sequence[bool]]) -> QImage:
    """One bit per module, dark is black; scale it without smoothing."""
    side = len(matrix)
    stride = (side + 31) // 32 * 4
    data = bytearray()
    for modules in matrix:
        bits = 0
        for dark in modules:
            bits = bits << 1 | (not dark)
        data += (bits << (stride * 8 - side)).to_bytes(stride, "big")
    made = QImage(bytes(data), side, side, stride, QImage.Format.Format_Mono)
    made.setColorTable([0xFF000000, 0xFFFFFFFF])
    return made.copy()
