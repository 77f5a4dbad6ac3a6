"""How cells of the import look: problems with colour and icon, states as badges, the present cell with a frame."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QLineEdit, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from welfare_desk.desktop import icons, theme
from welfare_desk.desktop.table_model import Index
from welfare_desk.desktop.widgets.record_table import draw_badge
from welfare_desk.i18n import _

TONE = Qt.ItemDataRole.UserRole + 2
STATE = 0
ICON = 16


class CellPainter(QStyledItemDelegate):
    """Asks the model for TONE: bad and warn cells get a surface, an icon and their colour."""

    def createEditor(self, parent: QWidget, _option: QStyleOptionViewItem, index: Index) -> QWidget:
        """A field as high as its cell, named by its heading."""
        editor = QLineEdit(parent)
        editor.setProperty("cell", "true")
        heading = index.model().headerData(index.column(), Qt.Orientation.Horizontal)
        editor.setAccessibleName(_("New value for {column}", column=heading))
        return editor

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draws one cell."""
        tone = str(index.data(TONE) or "")
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if index.column() == STATE:
            self._state(painter, option.rect, str(index.data() or ""), tone)
        else:
            self._cell(painter, option.rect, str(index.data() or ""), tone)
        line = QPen(theme.colour("line"))
        painter.setPen(line)
        painter.drawLine(option.rect.bottomLeft(), option.rect.bottomRight())
        painter.drawLine(option.rect.topRight(), option.rect.bottomRight())
        if option.state & QStyle.StateFlag.State_Selected:
            painter.setPen(QPen(theme.colour("primary"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(option.rect.adjusted(1, 1, -2, -2))
        painter.restore()

    def _cell(self, painter: QPainter, rect: QRect, text: str, tone: str) -> None:
        inner = rect.adjusted(theme.px(8), 0, -theme.px(8), 0)
        painter.setPen(theme.colour("text"))
        if tone:
            painter.fillRect(rect, theme.colour(f"{tone}_bg"))
            mark = icons.pixmap("bad" if tone == "bad" else "warn", f"{tone}_fg", ICON)
            high = theme.px(ICON)
            painter.drawPixmap(inner.x(), rect.y() + (rect.height() - high) // 2, mark)
            inner.adjust(high + theme.px(4), 0, 0, 0)
            painter.setPen(theme.colour(f"{tone}_fg"))
        painter.setFont(theme.font(14))
        cut = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, inner.width())
        painter.drawText(inner, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), cut)

    def _state(self, painter: QPainter, rect: QRect, text: str, tone: str) -> None:
        if tone:
            draw_badge(painter, rect, text, tone)
            return
        painter.setFont(theme.font(12))
        painter.setPen(theme.colour("muted"))
        painter.drawText(rect.adjusted(theme.px(16), 0, 0, 0), int(Qt.AlignmentFlag.AlignVCenter), text)
