"""A table column that shows an on/off switch; position and colour say the same thing."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from welfare_desk.desktop import theme
from welfare_desk.desktop.table_model import Index, TableModel


class SwitchCell(QStyledItemDelegate):
    """Draws a bool; the table's owner answers clicks and the space bar."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        """The words are for screen readers and copying only."""
        super().initStyleOption(option, index)
        option.text = ""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draws background and switch."""
        super().paint(painter, option, index)
        model = index.model()
        if not isinstance(model, TableModel):
            return
        on = bool(model.row(index)[index.column()])
        rect: QRect = option.rect
        wide, high = theme.px(32), theme.px(18)
        track = QRectF(rect.x() + theme.px(12), rect.center().y() - high / 2 + 1, wide, high)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen if on else theme.colour("border"))
        painter.setBrush(theme.colour("primary" if on else "surface"))
        painter.drawRoundedRect(track, high / 2, high / 2)
        radius = high / 2 - theme.px(4)
        at = track.right() - high / 2 if on else track.left() + high / 2
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour("on_primary" if on else "border"))
        painter.drawEllipse(QPointF(at, track.center().y()), radius, radius)
        painter.restore()
