"""How a file is read, with its first lines as they stand in it: sheet, encoding, separator, and the row of headings."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QSpinBox,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from welfare_desk.desktop import theme
from welfare_desk.desktop.tips import plain_tip
from welfare_desk.desktop.widgets.basic import button, holder, label, row
from welfare_desk.files import columns, looks
from welfare_desk.files.reading import Reading
from welfare_desk.i18n import _

PATIENCE = 500  # ms after the last change of the heading row
LINES = 12


class ReadingBar(QWidget):
    """`changed(Reading)` when a person wants the file read in another way."""

    changed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._reading = Reading()
        self._filling = False
        self.sheet, self.encoding, self.separator = _box(_("Sheet")), _box(_("Text encoding")), _box(_("Separator"))
        self.header = QSpinBox()
        self.header.setRange(1, LINES)
        self.header.setAccessibleName(_("Row of the headings"))
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(PATIENCE)
        self._later.timeout.connect(self._header_chosen)
        self.header.valueChanged.connect(self._header_moved)
        for box, choose in (
            (self.sheet, self._sheet),
            (self.encoding, self._encoding),
            (self.separator, self._separator),
        ):
            box.activated.connect(choose)
        self._parts = {
            name: holder(row(label(text, "strong"), field))
            for name, text, field in (
                ("sheet", _("Sheet"), self.sheet), ("encoding", _("Text encoding"), self.encoding),
                ("separator", _("Separator"), self.separator), ("header", _("Headings in row"), self.header),
            )
        }  # fmt: skip
        self.lines = button(_("First lines of the file"), self._toggle, kind="chip")
        self.lines.setCheckable(True)
        self.preview = _preview()
        self.preview.cellActivated.connect(self._line_chosen)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.px(8))
        layout.addLayout(row(*self._parts.values(), self.lines, None, spacing=16))
        layout.addWidget(self.preview)

    def show_table(self, table: Any, *, pasted: bool) -> None:
        """Shows how a table was read."""
        self._filling = True
        self._reading = Reading()
        _fill(self.sheet, [(name, name) for name in table.sheets], table.sheet)
        _fill(self.encoding, [(encoding_word(name), name) for name in table.encodings], table.encoding)
        _fill(self.separator, [(word, sign) for sign, word in separator_words().items()], table.separator)
        self.header.setRange(1, max(LINES, len(table.preview), table.header_at))
        self.header.setValue(table.header_at)
        self._reading = Reading(sheet=table.sheet if len(table.sheets) > 1 else None)
        self._parts["sheet"].setVisible(len(table.sheets) > 1)
        self._parts["encoding"].setVisible(len(table.encodings) > 1 and not pasted)
        self._parts["separator"].setVisible(bool(table.separator) and not pasted)
        self._parts["header"].setVisible(bool(table.preview))
        self.lines.setVisible(bool(table.preview))
        self._show_lines(table)
        self._filling = False

    def open_lines(self, *, shown: bool) -> None:
        """Shows or hides the first lines."""
        self.lines.setChecked(shown)
        self._toggle()

    def _show_lines(self, table: Any) -> None:
        lines = table.preview[:LINES]
        wide = max((len(line) for line in lines), default=0)
        self.preview.clear()
        self.preview.setRowCount(len(lines))
        self.preview.setColumnCount(wide)
        hidden = columns.sensitive_places(lines[table.header_at - 1] if table.header_at <= len(lines) else ())
        for at, line in enumerate(lines):
            heading = at + 1 == table.header_at
            self.preview.setVerticalHeaderItem(at, QTableWidgetItem(f"{at + 1}  ▸" if heading else str(at + 1)))
            for place, text in enumerate(line):
                if not heading and text and (place in hidden or looks.is_secret(text)):
                    text = "•" * 6
                item = QTableWidgetItem(text)
                item.setToolTip(plain_tip(text))
                if heading:
                    item.setFont(theme.font(14, bold=True))
                    item.setBackground(theme.colour("info_bg"))
                    item.setForeground(theme.colour("info_fg"))
                self.preview.setItem(at, place, item)
        self.preview.resizeColumnsToContents()
        for at in range(wide):
            self.preview.setColumnWidth(at, min(self.preview.columnWidth(at) + theme.px(12), theme.px(220)))
        self.preview.setVisible(self.lines.isChecked() and bool(lines))

    def _toggle(self) -> None:
        self.preview.setVisible(self.lines.isChecked() and self.preview.rowCount() > 0)

    def _say(self, **changed: Any) -> None:
        if not self._filling:
            self._reading = replace(self._reading, **changed)
            self.changed.emit(self._reading)

    def _sheet(self, _index: int) -> None:
        self._reading = Reading()
        self._say(sheet=self.sheet.currentData())

    def _encoding(self, _index: int) -> None:
        self.lines.setChecked(True)
        self._say(encoding=self.encoding.currentData(), separator=None, header_row=None)

    def _separator(self, _index: int) -> None:
        self.lines.setChecked(True)
        self._say(separator=self.separator.currentData(), encoding=self._kept_encoding(), header_row=None)

    def _header_moved(self, _value: int) -> None:
        if not self._filling:
            self._later.start()

    def _header_chosen(self) -> None:
        self.lines.setChecked(True)
        kept = self.separator.currentData() if self._parts["separator"].isVisibleTo(self) else None
        self._say(header_row=self.header.value(), encoding=self._kept_encoding(), separator=kept)

    def _kept_encoding(self) -> Any:
        return self.encoding.currentData() if self._parts["encoding"].isVisibleTo(self) else None

    def _line_chosen(self, at: int, _column: int) -> None:
        self.header.setValue(at + 1)


def _box(says: str) -> QComboBox:
    made = QComboBox()
    made.setAccessibleName(says)
    return made


def _fill(box: QComboBox, choices: list[tuple[str, str]], value: str | None) -> None:
    box.clear()
    for text, data in choices:
        box.addItem(text, data)
    if value is not None and box.findData(value) < 0:
        box.addItem(value, value)
    box.setCurrentIndex(max(0, box.findData(value)))


def _preview() -> QTableWidget:
    made = QTableWidget()
    made.setAccessibleName(_("First lines of the file; Enter on a line takes it for the headings"))
    made.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    made.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    made.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    made.setTabKeyNavigation(False)
    made.horizontalHeader().hide()
    made.verticalHeader().setDefaultSectionSize(theme.px(28))
    made.setMinimumHeight(theme.px(28 * 3 + 16))
    made.setMaximumHeight(theme.px(28 * 5 + 16))
    made.hide()
    return made


def encoding_word(name: str) -> str:
    """An encoding as people meet it in Excel's own dialogs."""
    return {
        "utf-8": "UTF-8", "utf-8-sig": _("UTF-8 with mark"), "utf-16": "UTF-16", "utf-16-le": "UTF-16 LE",
        "utf-16-be": "UTF-16 BE", "gb18030": "GB18030 / GBK", "big5": "Big5", "cp1252": "Windows-1252",
    }.get(name, name)  # fmt: skip


def separator_words() -> dict[str, str]:
    """The signs that may stand between two cells."""
    return {",": _("Comma"), "\t": _("Tab"), ";": _("Semicolon"), "|": _("Bar")}
