"""Chooses one department, with all below it: an indented list with how many people each holds."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox

from welfare_desk.desktop import theme
from welfare_desk.desktop.formats import number
from welfare_desk.desktop.tips import plain_tip
from welfare_desk.i18n import _

INDENT = "\u2003"  # an em space: plain spaces are swallowed at the left


class Department(Protocol):
    """What the picker shows of a department: full path, its last name, depth from 0, people in and below it."""

    @property
    def path(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def depth(self) -> int: ...
    @property
    def people_below(self) -> int: ...


class DepartmentPicker(QComboBox):
    """Emits `picked(path)` when another department is chosen; the first entry stands for all and has the path ""."""

    picked = Signal(str)

    def __init__(self, everybody: str = "", *, width: int = 240) -> None:
        super().__init__()
        self._everybody = everybody or _("All departments")
        self.setAccessibleName(_("Department"))
        self.setMaxVisibleItems(18)
        self.setFixedWidth(theme.px(width))
        self.view().setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.addItem(self._everybody, "")
        self.activated.connect(self._chose)

    def path(self) -> str:
        """The chosen path, "" for all."""
        return str(self.currentData() or "")

    def show_departments(self, departments: Iterable[Department]) -> None:
        """Replaces the list and keeps what is chosen."""
        kept = self.path()
        self.clear()
        self.addItem(self._everybody, "")
        for found in departments:
            self.addItem(f"{INDENT * found.depth}{found.name}  {number(found.people_below)}", found.path)
            self.setItemData(self.count() - 1, plain_tip(found.path), Qt.ItemDataRole.ToolTipRole)
        self.choose(kept)

    def choose(self, path: str) -> None:
        """Marks a department without telling anybody; an unknown one means all."""
        self.setCurrentIndex(max(0, self.findData(path)))

    def _chose(self, _index: int) -> None:
        self.picked.emit(self.path())
