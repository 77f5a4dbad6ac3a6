"""Departments as a tree with how many people each holds; choosing one means it and all below it."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTreeWidget, QTreeWidgetItem

from welfare_desk.desktop import theme
from welfare_desk.desktop.formats import number
from welfare_desk.desktop.tips import plain_tip
from welfare_desk.desktop.widgets.department_picker import Department
from welfare_desk.i18n import _, language, ntext

PATH = Qt.ItemDataRole.UserRole
OPEN_BELOW = 12  # so many departments at the top, or fewer, are shown with what lies below them


class DepartmentTree(QTreeWidget):
    """Emits `picked(path)` when another department is chosen; the first entry stands for all and has the path ""."""

    picked = Signal(str)

    def __init__(self, *, width: int = 200) -> None:
        super().__init__()
        self.setAccessibleName(_("Departments"))
        self.setFixedWidth(theme.px(width))
        self.setColumnCount(2)
        self.setHeaderHidden(True)
        self.setIndentation(theme.px(14))
        self.setUniformRowHeights(True)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        head = self.header()
        head.setStretchLastSection(False)
        head.setMinimumSectionSize(theme.px(24))
        head.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        head.setSectionResizeMode(1, QHeaderView.ResizeMode.Fixed)  # to contents: measured anew for every single count
        self._items: dict[str, QTreeWidgetItem] = {}
        self._everybody = _item(_("All departments"), "", 0)
        self.addTopLevelItem(self._everybody)
        self.choose("")
        self.currentItemChanged.connect(self._moved)

    def path(self) -> str:
        """The chosen path, "" for all."""
        item = self.currentItem()
        return str(item.data(0, PATH)) if item is not None else ""

    def show_departments(self, departments: Iterable[Department]) -> None:
        """Replaces the tree; what is chosen and what is open stays."""
        shown = tuple(departments)
        if [found.path for found in shown] == list(self._items):
            for found in shown:
                _count(self._items[found.path], found.people_below)
            self.resizeColumnToContents(1)
            return
        kept, opened = self.path(), {path for path, item in self._items.items() if item.isExpanded()}
        first = not self._items
        self.blockSignals(True)
        for item in self._items.values():
            if item.parent() is None:
                self.takeTopLevelItem(self.indexOfTopLevelItem(item))
        self._items = _tree(shown)
        tops = [item for item in self._items.values() if item.parent() is None]
        self.addTopLevelItems(tops)
        for path, item in self._items.items():
            item.setExpanded(path in opened or (first and item.parent() is None and len(tops) <= OPEN_BELOW))
        self.choose(kept)
        self.resizeColumnToContents(1)
        self.blockSignals(False)

    def set_total(self, people: int) -> None:
        """How many people there are in all, with and without a department."""
        _count(self._everybody, people)
        self.resizeColumnToContents(1)

    def choose(self, path: str) -> None:
        """Marks a department without telling anybody; an unknown one means all."""
        blocked = self.blockSignals(True)
        self.setCurrentItem(self._items.get(path, self._everybody))
        self.blockSignals(blocked)

    def _moved(self, item: QTreeWidgetItem | None, _before: QTreeWidgetItem | None) -> None:
        if item is not None:
            self.picked.emit(str(item.data(0, PATH)))


def _tree(departments: Iterable[Department]) -> dict[str, QTreeWidgetItem]:
    """Items by path, each below the one it belongs to; parents come before children."""
    made: dict[str, QTreeWidgetItem] = {}
    for found in departments:
        item = _item(found.name, found.path, found.people_below)
        above = made.get(found.path[: -len(found.name) - 1])
        if above is not None:
            above.addChild(item)
        made[found.path] = item
    return made


def _item(name: str, path: str, people: int) -> QTreeWidgetItem:
    item = QTreeWidgetItem([name, ""])
    item.setData(0, PATH, path)
    item.setToolTip(0, plain_tip(path or name))
    item.setTextAlignment(1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    item.setForeground(1, theme.colour("muted"))
    _count(item, people)
    return item


def _count(item: QTreeWidgetItem, people: int) -> None:
    item.setText(1, number(people))
    counted = ntext(language(), "{count} person", "{count} people", people, count=number(people))
    item.setData(0, Qt.ItemDataRole.AccessibleTextRole, f"{item.text(0)}: {counted}")
