"""The table of every list: 32 px rows, whole-row selection, Ctrl+C as TSV with heading, remembered column widths."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QByteArray, QModelIndex, QRect, QSettings, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QPainter
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QStyledItemDelegate, QStyleOptionViewItem, QTableView

from welfare_desk.desktop import theme
from welfare_desk.desktop.table_model import Index, Row, TableModel


class RecordTable(QTableView):
    """Shows a TableModel. `opened(row)` on Enter or double click, `chosen(rows)` when the selection changes."""

    opened = Signal(object)
    chosen = Signal(list)

    def __init__(self, model: TableModel, name: str, says: str, preferences: QSettings | None = None) -> None:
        super().__init__()
        self._name = f"columns/{name}"
        self._preferences = preferences
        self._records = model
        self.setAccessibleName(says)
        self.setModel(model)
        self._shape()
        self._widths()
        self.doubleClicked.connect(self._open)
        self.selectionModel().selectionChanged.connect(self._chosen)
        self.horizontalHeader().sectionResized.connect(self._remember)

    def selected(self) -> list[Row]:
        """The selected rows, from top to bottom."""
        places = sorted(index.row() for index in self.selectionModel().selectedRows())
        return [self._records.rows[at] for at in places]

    def select_row(self, at: int) -> None:
        """Selects one row and scrolls to it."""
        if 0 <= at < len(self._records.rows):
            self.selectRow(at)
            self.scrollTo(self._records.index(at, 0))

    def copy_selection(self) -> None:
        """Puts the selected rows on the clipboard as TSV with the headings."""
        places = sorted(index.row() for index in self.selectionModel().selectedRows())
        QGuiApplication.clipboard().setText(tsv(self._records, places))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ctrl+C copies, Enter opens; Tab leaves the table."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_selection()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers():
            self._open(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def _shape(self) -> None:
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setCornerButtonEnabled(False)
        self.setItemDelegate(_Cells(self))
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(theme.px(32))
        head = self.horizontalHeader()
        head.setHighlightSections(False)
        head.setStretchLastSection(True)
        head.setMinimumSectionSize(theme.px(48))
        head.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        head.setSortIndicatorClearable(False)
        self.setSortingEnabled(any(column.sortable for column in self._records.columns))

    def _widths(self) -> None:
        for at, column in enumerate(self._records.columns):
            self.setColumnWidth(at, theme.px(column.width))
        saved = self._preferences.value(self._name) if self._preferences is not None else None
        if isinstance(saved, QByteArray) and saved.size() == 2 * len(self._records.columns):
            data = bytes(saved.data())
            for at in range(len(self._records.columns)):
                self.setColumnWidth(at, int.from_bytes(data[2 * at : 2 * at + 2], "big"))

    def _remember(self, *_sizes: int) -> None:
        if self._preferences is not None and self.isVisible():
            widths = (self.columnWidth(at) for at in range(len(self._records.columns)))
            data = b"".join(min(width, 0xFFFF).to_bytes(2, "big") for width in widths)
            self._preferences.setValue(self._name, QByteArray(data))

    def _open(self, index: QModelIndex) -> None:
        if index.isValid():
            self.opened.emit(self._records.row(index))

    def _chosen(self, *_ranges: object) -> None:
        self.chosen.emit(self.selected())


class _Cells(QStyledItemDelegate):
    """Draws values with a tone as badges: word and background, never colour alone."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: Index) -> None:
        """Leaves the text out where a badge is drawn instead."""
        super().initStyleOption(option, index)
        if _tone(index):
            option.text = ""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draws one cell, and its badge if it has a tone."""
        super().paint(painter, option, index)
        tone = _tone(index)
        if not tone:
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        draw_badge(painter, option.rect, str(index.data()), tone)
        painter.restore()


def draw_badge(painter: QPainter, rect: QRect, text: str, tone: str) -> None:
    """A badge at the left of a cell; `tone` is ok, warn, bad or info."""
    painter.setFont(theme.font(12, bold=True))
    high = theme.px(20)
    wide = min(painter.fontMetrics().horizontalAdvance(text) + theme.px(16), rect.width() - theme.px(12))
    pill = QRect(rect.x() + theme.px(8), rect.y() + (rect.height() - high) // 2, wide, high)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.colour(f"{tone}_bg"))
    painter.drawRoundedRect(pill, theme.px(4), theme.px(4))
    painter.setPen(theme.colour(f"{tone}_fg"))
    cut = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, pill.width() - theme.px(8))
    painter.drawText(pill, int(Qt.AlignmentFlag.AlignCenter), cut)


def _tone(index: Index) -> str:
    model = index.model()
    if not isinstance(model, TableModel):
        return ""
    told = model.columns[index.column()].tone
    return told(model.row(index)[index.column()]) if told is not None else ""


def tsv(model: TableModel, places: Sequence[int]) -> str:
    """Rows as Excel takes them from the clipboard, headings first."""
    columns = range(len(model.columns))
    lines = ["\t".join(column.title for column in model.columns)]
    lines += ["\t".join(model.copied(at, column) for column in columns) for at in places]
    return "\r\n".join(lines)
