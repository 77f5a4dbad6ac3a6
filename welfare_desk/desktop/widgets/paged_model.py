"""A table of many rows of which only those in sight are there: it opens at once, whatever its length.

model = PagedModel(load)            # load(offset, limit) asks; the answer comes by put(offset, rows)
model.show(100_000)                 # so many rows; those in sight are asked for
model.renew(99_999)                 # values changed: what is shown stays until the new ones are there
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, Qt, QTimer

from welfare_desk.desktop.table_model import Index

PAGE = 100
KEPT = 60  # pages


class PagedModel(QAbstractTableModel):
    """`data` of a subclass calls `row(at)`: the row, or None while it is on its way."""

    def __init__(self, load: Callable[[int, int], object]) -> None:
        super().__init__()
        self._load = load
        self._count = 0
        self._pages: dict[int, Sequence[Any]] = {}
        self._fresh: set[int] = set()
        self._asked: set[int] = set()
        self._wanted: dict[int, None] = {}
        self._soon = QTimer(self)  # scrolling past asks for nothing
        self._soon.setSingleShot(True)
        self._soon.setInterval(0)
        self._soon.timeout.connect(self._ask)

    def show(self, count: int) -> None:
        """Another table of `count` rows."""
        self.beginResetModel()
        self._count = count
        self._pages = {}
        self._forget()
        self.endResetModel()

    def renew(self, count: int) -> None:
        """The same table with other values, and perhaps another number of rows; the place is kept."""
        if count < self._count:
            self.beginRemoveRows(QModelIndex(), count, self._count - 1)
            self._count = count
            self.endRemoveRows()
        elif count > self._count:
            self.beginInsertRows(QModelIndex(), self._count, count - 1)
            self._count = count
            self.endInsertRows()
        self._forget()
        self.changed_rows(0, count - 1)

    def put(self, offset: int, rows: Sequence[Any]) -> None:
        """The rows from `offset` on, as asked."""
        page = offset // PAGE
        self._asked.discard(page)
        self._pages.pop(page, None)
        self._pages[page] = rows
        self._fresh.add(page)
        while len(self._pages) > KEPT:
            oldest = next(iter(self._pages))
            del self._pages[oldest]
            self._fresh.discard(oldest)
        self.changed_rows(offset, offset + len(rows) - 1)

    def row(self, at: int) -> Any:
        """A row, as last heard of; None while it is on its way. Asks for it if it is not known or old."""
        page, place = divmod(at, PAGE)
        if page not in self._fresh and page not in self._asked:
            self._wanted[page] = None
            if not self._soon.isActive():
                self._soon.start()
        rows = self._pages.get(page)
        return rows[place] if rows is not None and place < len(rows) else None

    def known(self, at: int) -> Any:
        """A row if it is there and true; it is not asked for."""
        page, place = divmod(at, PAGE)
        rows = self._pages.get(page) if page in self._fresh else None
        return rows[place] if rows is not None and place < len(rows) else None

    def replace_row(self, at: int, row: Any) -> None:
        """Another row in a place, until its page is asked for again."""
        page, place = divmod(at, PAGE)
        rows = self._pages.get(page)
        if rows is not None and place < len(rows):
            self._pages[page] = [*rows[:place], row, *rows[place + 1 :]]
            self.changed_rows(at, at)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        """How many rows there are, in sight or not."""
        return 0 if parent.isValid() else self._count

    def changed_rows(self, first: int, last: int) -> None:
        """Tells the view that rows look different now."""
        if 0 <= first <= last < self._count:
            self.dataChanged.emit(self.index(first, 0), self.index(last, self.columnCount() - 1))
            if last - first < PAGE:  # as rows come; the header looks at every row of a range
                self.headerDataChanged.emit(Qt.Orientation.Vertical, first, last)

    def _forget(self) -> None:
        self._fresh.clear()
        self._asked.clear()
        self._wanted.clear()

    def _ask(self) -> None:
        wanted = list(self._wanted)[-4:]
        self._wanted.clear()
        for page in wanted:
            self._asked.add(page)
            self._load(page * PAGE, PAGE)
