"""A short list of values to tick; nothing ticked means any."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QListView, QListWidget, QListWidgetItem

from welfare_desk.desktop import theme
from welfare_desk.desktop.tips import plain_tip

LINES = 3


class CheckedList(QListWidget):
    """Values with a box each side by side, toggled by click or space. `ticked()` when one changes."""

    ticked = Signal()

    def __init__(self, says: str) -> None:
        super().__init__()
        self.setAccessibleName(says)
        self.setFlow(QListView.Flow.LeftToRight)
        self.setWrapping(True)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setMovement(QListView.Movement.Static)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.itemChanged.connect(lambda _item: self.ticked.emit())
        self.itemClicked.connect(self._clicked)

    def show_values(self, values: Sequence[str], chosen: Sequence[str]) -> None:
        """Replaces the list; what is chosen comes first, also what nobody has any more."""
        self.blockSignals(True)
        self.clear()
        for value in (*chosen, *(value for value in values if value not in chosen)):
            item = QListWidgetItem(value)
            item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsUserCheckable)
            wide = self.fontMetrics().horizontalAdvance(value) + theme.px(52)  # with the box and what is around it
            item.setSizeHint(QSize(wide, theme.px(32)))
            item.setToolTip(plain_tip(value))
            item.setCheckState(Qt.CheckState.Checked if value in chosen else Qt.CheckState.Unchecked)
            self.addItem(item)
        self.blockSignals(False)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width is another number of lines."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """As high as its lines, up to three."""
        if self.count():
            self.doItemsLayout()
            last = self.visualItemRect(self.item(self.count() - 1))
            high = last.bottom() + self.verticalOffset() + 1
            self.setFixedHeight(min(high, LINES * last.height()) + theme.px(6))

    def chosen(self) -> tuple[str, ...]:
        """What is ticked."""
        items = (self.item(at) for at in range(self.count()))
        return tuple(item.text() for item in items if item.checkState() == Qt.CheckState.Checked)

    def tick(self, value: str) -> None:
        """Ticks one value, as a click does."""
        for item in self.findItems(value, Qt.MatchFlag.MatchExactly):
            item.setCheckState(Qt.CheckState.Checked)

    def _clicked(self, item: QListWidgetItem) -> None:
        self.setCurrentItem(item)
