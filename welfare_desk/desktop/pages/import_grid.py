"""The list as it stands in the file, with what is wrong marked in its cells, repaired where it stands."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QEvent, QModelIndex, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QPaintEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from welfare_desk.desktop import theme
from welfare_desk.desktop.background import painting
from welfare_desk.desktop.pages.import_cells import CellPainter
from welfare_desk.desktop.pages.import_words import facet_word, problem_words, problems_by_column, summary
from welfare_desk.desktop.table_model import Index
from welfare_desk.desktop.tips import plain_tip
from welfare_desk.desktop.widgets.paged_model import PagedModel
from welfare_desk.i18n import _

STATE = 0  # the first column says what happens to the row; the list's own columns follow
PROBLEM = Qt.ItemDataRole.UserRole + 1
TONE = Qt.ItemDataRole.UserRole + 2
MASK = "**"


class GridModel(PagedModel):
    """Rows of the check (`CheckRow`) in one facet; `repaired(row, column, text)` when a cell was written."""

    repaired = Signal(object, int, str)

    def __init__(self, load: Callable[[int, int], object]) -> None:
        super().__init__(load)
        self.headers: tuple[str, ...] = ()
        self.locked = False
        self._written: dict[tuple[int, int], str] = {}  # written, not checked yet

    def open(self, headers: Sequence[str], count: int) -> None:
        """Another list or another facet."""
        self.headers = tuple(headers)
        self._written.clear()
        self.show(count)

    def checked(self) -> None:
        """What was written has been checked."""
        self._written.clear()

    def waiting(self) -> bool:
        """Whether something was written that has not been checked yet."""
        return bool(self._written)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        """The state and the list's own columns."""
        return 0 if parent.isValid() else len(self.headers) + 1

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Cells of the list can be written; those of people who are not in it cannot."""
        found = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        row = self.row(index.row()) if index.isValid() else None
        if row is not None and row.index is not None and index.column() != STATE and not self.locked:
            found |= Qt.ItemFlag.ItemIsEditable
        return found

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Takes what was written into a cell and has it checked."""
        row = self.row(index.row())
        text = str(value)
        if role != Qt.ItemDataRole.EditRole or row is None or row.index is None or index.column() == STATE:
            return False
        if text == self.text(index, edit=True):
            return False
        self._written[row.index, index.column()] = text
        self.dataChanged.emit(index, index)
        self.repaired.emit(row, index.column() - 1, text)
        return True

    def text(self, index: Index, *, edit: bool = False) -> str:
        """What a cell shows, or what its editor begins with: nothing where the value is masked."""
        row = self.row(index.row())
        if row is None:
            return ""
        if index.column() == STATE:
            return facet_word(row.facet)[0]
        written = self._written.get((row.index, index.column()))
        if written is not None:
            return written
        cell = row.cells[index.column() - 1] if index.column() <= len(row.cells) else ""
        return "" if edit and MASK in cell else str(cell)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Text, problem, tone and what is read aloud of a cell."""
        if not index.isValid():
            return None
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return self.text(index, edit=role == Qt.ItemDataRole.EditRole)
        row = self.row(index.row())
        if row is None:
            return None
        if role == TONE:
            return self._tone(row, index.column())
        found = problems_by_column(self.headers, row.problems).get(index.column() - 1)
        if role == PROBLEM:
            return found
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(problem_words(found) if found is not None else self.text(index)) or None
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self._heard(index, row, found)
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The list's headings; rows have the numbers Excel shows."""
        if orientation == Qt.Orientation.Horizontal:
            if role == Qt.ItemDataRole.DisplayRole:
                return _("State") if section == STATE else self.headers[section - 1]
            if role == Qt.ItemDataRole.TextAlignmentRole:
                return int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        elif role == Qt.ItemDataRole.DisplayRole:
            row = self.row(section)
            return str(row.number or "") if row is not None else ""
        return None

    def _tone(self, row: Any, column: int) -> str:
        if column == STATE:
            return facet_word(row.facet)[1]
        found = problems_by_column(self.headers, row.problems).get(column - 1)
        return "" if found is None else "bad" if found.level == "error" else "warn"

    def _heard(self, index: Index, row: Any, found: Any) -> str:
        if index.column() == STATE:
            return summary(row)
        said = f"{self.headers[index.column() - 1]}: {self.text(index) or _('empty')}"
        return f"{said}. {problem_words(found)}" if found is not None else said


class Grid(QTableView):
    """Moves like Excel: arrows, F2 or typing writes, Enter checks, Esc leaves the cell as it was."""

    moved = Signal()  # another cell is the present one
    pasted = Signal(int, int, str)  # row and column of the list, copied cells: more than one

    def __init__(self, model: GridModel) -> None:
        super().__init__()
        self.rows = model
        self.setAccessibleName(_("Rows of the list"))
        self.setModel(model)
        triggers = QAbstractItemView.EditTrigger
        self.setEditTriggers(triggers.EditKeyPressed | triggers.AnyKeyPressed | triggers.DoubleClicked)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerItem)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setShowGrid(False)
        self.setCornerButtonEnabled(False)
        self.setItemDelegate(CellPainter(self))
        side = self.verticalHeader()
        side.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        side.setDefaultSectionSize(theme.px(32))
        side.setDefaultAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        head = self.horizontalHeader()
        head.setMinimumSectionSize(theme.px(48))
        head.setStretchLastSection(True)
        self.selectionModel().currentChanged.connect(self._moved)

    def size_columns(self, samples: Sequence[Sequence[str]], rows: int) -> None:
        """Gives each column the room its heading and some values ask for, within reason; `rows` are in the list."""
        metrics = self.horizontalHeader().fontMetrics()
        self.setColumnWidth(STATE, theme.px(96))
        for at, header in enumerate(self.rows.headers):
            longest = max((len(cells[at]) for cells in samples if at < len(cells)), default=0)
            longest_text = next((cells[at] for cells in samples if at < len(cells) and len(cells[at]) == longest), "")
            values = self.fontMetrics().horizontalAdvance(longest_text) + theme.px(44)
            heading = metrics.horizontalAdvance(header) + theme.px(32)
            self.setColumnWidth(at + 1, max(theme.px(72), heading, min(values, theme.px(260))))
        digits = len(str(rows + 20))
        self.verticalHeader().setFixedWidth(metrics.horizontalAdvance("0" * digits) + theme.px(28))

    def go(self, at: int, column: int) -> None:
        """Makes a cell of the list (column -1: the row) the present one and brings it into sight."""
        index = self.rows.index(at, column + 1)
        self.setCurrentIndex(index)
        self.scrollTo(index)

    def place(self) -> tuple[int, int]:
        """(row, column of the list) of the present cell, -1 without one."""
        index = self.currentIndex()
        return (index.row(), index.column() - 1) if index.isValid() else (-1, -1)

    def writing(self) -> bool:
        """Whether a cell is being written."""
        return self.state() == QAbstractItemView.State.EditingState

    def finish_writing(self) -> None:
        """Takes what stands in an open cell."""
        if self.writing():
            self.setFocus()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draws while nobody else works."""
        with painting():
            super().paintEvent(event)

    def event(self, event: QEvent) -> bool:
        """The window imports what is pasted anywhere else; here it goes into cells."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            keys = QKeySequence.StandardKey
            if event.matches(keys.Paste) or event.matches(keys.Copy):
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ctrl+C takes one cell, Ctrl+V writes what was copied from here on; Del empties a cell; Enter goes down."""
        index = self.currentIndex()
        if self.writing():  # what the open cell leaves over is not for the grid
            super().keyPressEvent(event)
        elif event.matches(QKeySequence.StandardKey.Copy):
            QGuiApplication.clipboard().setText(self.rows.text(index))
        elif event.matches(QKeySequence.StandardKey.Paste):
            self._paste(index, QGuiApplication.clipboard().text().rstrip("\r\n"))
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and not event.modifiers():
            self._write(index, "")
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers():
            self.go(min(index.row() + 1, self.rows.rowCount() - 1), index.column() - 1)
        else:
            super().keyPressEvent(event)

    def _paste(self, index: QModelIndex, text: str) -> None:
        if "\t" not in text and "\n" not in text:
            self._write(index, text)
        elif index.isValid() and self.rows.flags(index) & Qt.ItemFlag.ItemIsEditable:
            self.pasted.emit(index.row(), index.column() - 1, text)

    def _write(self, index: QModelIndex, text: str) -> None:
        if index.isValid() and self.rows.flags(index) & Qt.ItemFlag.ItemIsEditable:
            self.rows.setData(index, text)

    def _moved(self, _now: QModelIndex, _before: QModelIndex) -> None:
        self.moved.emit()
