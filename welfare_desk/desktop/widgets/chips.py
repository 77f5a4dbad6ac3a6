"""Filter chips with counts: one is chosen, like saved views."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QWidget

from welfare_desk.desktop import theme
from welfare_desk.desktop.widgets.basic import button


class Chips(QWidget):
    """`chosen(key)` when another chip is pressed; `set_count` shows how many stand behind one."""

    chosen = Signal(str)

    def __init__(self, chips: list[tuple[str, str]], value: str = "") -> None:
        super().__init__()
        self._texts = dict(chips)
        self._chips: dict[str, QPushButton] = {}
        self._group = QButtonGroup(self)
        self._group.setExclusive(True)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.px(8))
        for key, text in chips:
            chip = button(text, partial(self.chosen.emit, key), kind="chip")
            chip.setCheckable(True)
            self._group.addButton(chip)
            self._chips[key] = chip
            layout.addWidget(chip)
        layout.addStretch(1)
        self.choose(value or chips[0][0])

    def value(self) -> str:
        """The key of the chosen chip."""
        return next(key for key, chip in self._chips.items() if chip.isChecked())

    def choose(self, key: str) -> None:
        """Marks a chip without telling anybody."""
        self._chips[key].setChecked(True)

    def set_count(self, key: str, count: int) -> None:
        """Shows a live count behind a chip's text."""
        self._chips[key].setText(f"{self._texts[key]}  {count:,}")
