"""A table column that shows a share as a bar with its numbers: 912 / 1,280 and how full that is."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from welfare_desk.desktop import theme
from welfare_desk.desktop.formats import number, share
from welfare_desk.desktop.table_model import Index, TableModel

Claims = tuple[int, int]  # claimed, out of


def claims_text(value: Claims) -> str:
    """The share in words: `912 / 1,280 · 71.3 %`."""
    claimed, whole = value
    return f"{number(claimed)} / {number(whole)} · {share(claimed, whole)}"


class ClaimBar(QStyledItemDelegate):
    """Draws a `(claimed, out of)` value; give the column `show=claims_text` so that it is copied and spoken too."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        """The text is drawn beside the bar instead."""
        super().initStyleOption(option, index)
        option.text = ""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draws background, bar and numbers."""
        super().paint(painter, option, index)
        model = index.model()
        if not isinstance(model, TableModel):
            return
        claimed, whole = model.row(index)[index.column()]
        rect: QRect = option.rect
        bar = QRect(rect.x() + theme.px(8), rect.center().y() - theme.px(3), theme.px(96), theme.px(8))
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        _rounded(painter, bar, "line")
        if whole and claimed:
            filled = QRect(bar)
            filled.setWidth(max(theme.px(8), round(bar.width() * min(1.0, claimed / whole))))
            _rounded(painter, filled, "success" if claimed >= whole else "primary")
        painter.setPen(theme.colour("text"))
        painter.setFont(theme.font(13))
        left = bar.right() + theme.px(10)
        room = QRect(left, rect.y(), rect.right() - left, rect.height())
        text = painter.fontMetrics().elidedText(
            claims_text((claimed, whole)), Qt.TextElideMode.ElideRight, room.width()
        )
        painter.drawText(room, int(Qt.AlignmentFlag.AlignVCenter), text)
        painter.restore()


def _rounded(painter: QPainter, rect: QRect, token: str) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.colour(token))
    painter.drawRoundedRect(rect, theme.px(4), theme.px(4))
