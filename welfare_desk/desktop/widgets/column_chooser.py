"""Which columns a list shows: a menu behind an icon, remembered from one day to the next."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial

from PySide6.QtCore import QSettings
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QToolButton

from welfare_desk.desktop import icons, theme
from welfare_desk.desktop.table_model import Column
from welfare_desk.desktop.widgets.basic import icon_button
from welfare_desk.desktop.widgets.record_table import RecordTable
from welfare_desk.i18n import _


def column_chooser(
    table: RecordTable, columns: Collection[Column], name: str, preferences: QSettings, *, hidden: Collection[str] = ()
) -> QToolButton:
    """A button whose menu shows and hides columns; `hidden` are not shown until somebody asks for them."""
    saved = preferences.value(f"hidden/{name}")
    away = set(str(saved).split(",")) if saved is not None else set(hidden)
    made = icon_button("table", _("Columns"))
    made.setIcon(icons.icon("table"))
    made.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    menu = QMenu(made)
    made.setMenu(menu)
    for at, column in enumerate(columns):
        action = QAction(column.title, menu)
        action.setData(column.key)
        action.setCheckable(True)
        action.setChecked(column.key not in away)
        action.setEnabled(at > 0)  # the first one names the row
        table.setColumnHidden(at, column.key in away)
        action.toggled.connect(partial(_toggled, table, at, column, menu, name, preferences))
        menu.addAction(action)
    return made


def _toggled(
    table: RecordTable, at: int, column: Column, menu: QMenu, name: str, preferences: QSettings, shown: bool
) -> None:  # fmt: skip
    table.setColumnHidden(at, not shown)
    if shown and table.columnWidth(at) < theme.px(48):
        table.setColumnWidth(at, theme.px(column.width))
    away = [action.data() for action in menu.actions() if not action.isChecked()]
    preferences.setValue(f"hidden/{name}", ",".join(away))
