"""The model shows plain rows, asks for more once, leaves sorting to the query, and copies what Excel takes."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from welfare_desk.desktop.desk import Desk
from welfare_desk.desktop.table_model import Column, TableModel
from welfare_desk.desktop.widgets.record_table import RecordTable, tsv

COLUMNS = (
    Column("name", "Name", 120, sortable=True),
    Column("number", "Number", 80, number=True, copies=lambda value: f"={value}"),
    Column("state", "State", 90, tone=lambda value: "ok" if value == "active" else ""),
)
ROWS = [("张三", 1, "active", 11), ("李\t四", 2, "left", 12)]


def test_rows_and_roles() -> None:
    model = TableModel(COLUMNS)
    model.replace(ROWS)
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Warning)
    cell = model.index(0, 2)
    assert cell.data() == "active"
    assert cell.data(Qt.ItemDataRole.AccessibleTextRole) == "State: active"
    assert cell.data(Qt.ItemDataRole.ForegroundRole).name() == "#1b6e3c"
    assert model.index(0, 1).data(Qt.ItemDataRole.TextAlignmentRole) & int(Qt.AlignmentFlag.AlignRight)
    assert model.row(cell)[-1] == 11
    assert model.find(12) == 1
    assert model.find(99) == -1


def test_more_is_asked_for_once_a_page() -> None:
    asked: list[int] = []
    model = TableModel(COLUMNS, more=lambda: asked.append(len(model.rows)))
    model.replace(ROWS, more=True)
    assert model.canFetchMore(QModelIndex())
    model.fetchMore(QModelIndex())
    model.fetchMore(QModelIndex())
    assert asked == [2]
    model.extend([("王五", 3, "active", 13)], more=False)
    assert model.rowCount() == 3
    assert not model.canFetchMore(QModelIndex())


def test_sorting_is_the_query_s_work() -> None:
    wishes: list[tuple[str, bool]] = []
    model = TableModel(COLUMNS, sort=lambda key, down: wishes.append((key, down)))
    model.replace(ROWS)
    model.sort(0, Qt.SortOrder.DescendingOrder)
    model.sort(1)
    assert wishes == [("name", True)]
    assert model.rows == ROWS


def test_copying_gives_tsv_with_headings() -> None:
    model = TableModel(COLUMNS)
    model.replace(ROWS)
    assert tsv(model, [0, 1]) == "Name\tNumber\tState\r\n张三\t=1\tactive\r\n李 四\t=2\tleft"


def test_the_table_copies_opens_and_remembers_widths(qtbot: QtBot, desk: Desk) -> None:
    model = TableModel(COLUMNS)
    model.replace(ROWS)
    table = RecordTable(model, "people", "Employees", desk.preferences)
    qtbot.addWidget(table)
    table.resize(600, 200)
    with qtbot.waitExposed(table):
        table.show()
    table.select_row(1)
    qtbot.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text().endswith("李 四\t=2\tleft")
    with qtbot.waitSignal(table.opened) as opened:
        qtbot.keyClick(table, Qt.Key.Key_Return)
    assert opened.args == [ROWS[1]]
    table.setColumnWidth(0, 222)
    again = RecordTable(model, "people", "Employees", desk.preferences)
    qtbot.addWidget(again)
    assert again.columnWidth(0) == 222
    assert table.grab().toImage().pixelColor(0, 0).isValid()
