"""What happens to the rows, as chips with live counts; one is chosen and filters."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QPushButton, QSizePolicy, QWidget

from welfare_desk.desktop.formats import number
from welfare_desk.desktop.pages.import_words import ALWAYS, ORDER, facet_names
from welfare_desk.desktop.widgets.basic import button
from welfare_desk.desktop.widgets.flow import FlowLayout


class FacetBar(QWidget):
    """`chosen(facet)` when a person presses another chip; empty ones hide unless they matter."""

    chosen = Signal(str)

    def __init__(self, facets: tuple[str, ...] = ORDER, always: tuple[str, ...] = ALWAYS) -> None:
        super().__init__()
        self._names = facet_names()
        self._always = always
        self._chips: dict[str, QPushButton] = {}
        self._group = QButtonGroup(self)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        layout = FlowLayout(self)
        for facet in facets:
            chip = button(self._names[facet], partial(self.chosen.emit, facet), kind="chip")
            chip.setCheckable(True)
            self._group.addButton(chip)
            self._chips[facet] = chip
            layout.addWidget(chip)
        self.choose(facets[0])
        self.show_counts({})

    def value(self) -> str:
        """The chosen facet."""
        return next(facet for facet, chip in self._chips.items() if chip.isChecked())

    def choose(self, facet: str) -> None:
        """Marks a facet without telling anybody."""
        self._chips[facet].setChecked(True)
        self._chips[facet].show()

    def show_counts(self, counts: Mapping[str, int]) -> None:
        """Shows how many rows are in each."""
        for facet, chip in self._chips.items():
            count = counts.get(facet, 0)
            chip.setText(f"{self._names[facet]}  {number(count)}")
            chip.setAccessibleName(f"{self._names[facet]}: {number(count)}")
            chip.setVisible(count > 0 or facet in self._always or chip.isChecked())
        self.updateGeometry()

    def press(self, facet: str) -> None:
        """Chooses a facet as a person would."""
        self._chips[facet].click()
