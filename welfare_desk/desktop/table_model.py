"""A table over plain row tuples. Sorting, filtering and paging are the database's work: the model only asks for more.

columns = (Column("name", _("Name"), 160), Column("status", _("Status"), 90, show=status_word, tone=status_tone))
model = TableModel(columns, more=self._load_more, sort=self._sort_by)
model.replace(rows, more=bool(chunk.next))       # first page
model.extend(rows, more=bool(chunk.next))        # the page after it
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from welfare_desk.desktop import theme
from welfare_desk.desktop.tips import plain_tip

Index = QModelIndex | QPersistentModelIndex
Row = Sequence[Any]


def as_text(value: Any) -> str:
    """The text of a plain value; None is empty."""
    return "" if value is None else str(value)


@dataclass(frozen=True)
class Column:
    """One column: its key (as the query sorts by it), heading, width in px at 100 %, and how a value is shown.

    `tone` gives ok, warn, bad, info or "" for a value, `copies` what Ctrl+C takes (default: what is shown).
    """

    key: str
    title: str
    width: int = 120
    show: Callable[[Any], str] = as_text
    number: bool = False
    mono: bool = False
    sortable: bool = False
    tone: Callable[[Any], str] | None = None
    copies: Callable[[Any], str] | None = None


class TableModel(QAbstractTableModel):
    """Rows stand in the order of `columns`; what a row holds beyond them (an id) is for `row(index)`."""

    def __init__(
        self, columns: Sequence[Column], *, more: Callable[[], object] | None = None,
        sort: Callable[[str, bool], object] | None = None, parent: QObject | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self.columns = tuple(columns)
        self.rows: list[Row] = []
        self._more = more
        self._sort = sort
        self._has_more = False
        self._asked = False

    def replace(self, rows: Sequence[Row], *, more: bool = False) -> None:
        """Shows these rows instead; `more` says that the query has a next page."""
        self.beginResetModel()
        self.rows = list(rows)
        self._has_more, self._asked = more, False
        self.endResetModel()

    def extend(self, rows: Sequence[Row], *, more: bool = False) -> None:
        """Adds the next page below."""
        self._has_more, self._asked = more, False
        if rows:
            self.beginInsertRows(QModelIndex(), len(self.rows), len(self.rows) + len(rows) - 1)
            self.rows.extend(rows)
            self.endInsertRows()

    def update_row(self, at: int, row: Row) -> None:
        """Replaces one row where it stands."""
        self.rows[at] = row
        self.dataChanged.emit(self.index(at, 0), self.index(at, len(self.columns) - 1))

    def row(self, index: Index) -> Row:
        """The whole row behind an index."""
        return self.rows[index.row()]

    def find(self, value: Any, position: int = -1) -> int:
        """The number of the row that holds `value` at `position` (default: its last element), -1 if none."""
        return next((at for at, row in enumerate(self.rows) if row[position] == value), -1)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        """How many rows are loaded."""
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """How many columns are shown."""
        return 0 if parent.isValid() else len(self.columns)

    def canFetchMore(self, parent: Index) -> bool:
        """True while the query has a next page that was not asked for yet."""
        return not parent.isValid() and self._has_more and not self._asked and self._more is not None

    def fetchMore(self, parent: Index) -> None:
        """Asks for the next page once; `extend` brings it."""
        if self.canFetchMore(parent) and self._more is not None:
            self._asked = True
            self._more()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Hands a wish for an order to the query; it is not sorted here."""
        if self._sort is not None and 0 <= column < len(self.columns) and self.columns[column].sortable:
            self._sort(self.columns[column].key, order == Qt.SortOrder.DescendingOrder)

    def text(self, at: int, column: int) -> str:
        """What a cell shows."""
        return self.columns[column].show(self.rows[at][column])

    def copied(self, at: int, column: int) -> str:
        """What Ctrl+C takes from a cell: no tabs, no line ends."""
        found = self.columns[column]
        value = (found.copies or found.show)(self.rows[at][column])
        return " ".join(value.split()) if any(mark in value for mark in "\t\r\n") else value

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Text, alignment, colour, font and accessible text of a cell."""
        if not index.isValid() or index.row() >= len(self.rows):
            return None
        found = self.columns[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return self.text(index.row(), index.column())
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(self.text(index.row(), index.column()))
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if found.number else Qt.AlignmentFlag.AlignLeft
            return int(side | Qt.AlignmentFlag.AlignVCenter)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{found.title}: {self.text(index.row(), index.column())}"
        if role == Qt.ItemDataRole.ForegroundRole and found.tone is not None:
            tone = found.tone(self.rows[index.row()][index.column()])
            return theme.colour(f"{tone}_fg") if tone else None
        if role == Qt.ItemDataRole.FontRole and found.mono:
            return theme.font(13, mono=True)
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Column headings; rows have none."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(self.columns):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.columns[section].title
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if self.columns[section].number else Qt.AlignmentFlag.AlignLeft
            return int(side | Qt.AlignmentFlag.AlignVCenter)
        return None
