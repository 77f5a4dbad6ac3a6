"""Views of the people list as chips with live counts: who works here, who left, all, segments, one's own filter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QMenu, QPushButton, QToolButton, QWidget

from welfare_desk.desktop import theme
from welfare_desk.desktop.formats import number
from welfare_desk.desktop.pages.segment_words import said
from welfare_desk.desktop.tips import plain_tip
from welfare_desk.desktop.widgets.basic import button, icon_button
from welfare_desk.desktop.widgets.flow import FlowLayout
from welfare_desk.domain.segments import EVERYBODY, Filter
from welfare_desk.i18n import _, language, ntext

OWN = "own"  # the view of a filter that nobody saved
SEGMENT = "segment:"
MOST = 8  # so many segments have a chip; the others, and all of them, are in a menu
NAME_SIGNS = 24  # longer names are cut on their chip


@dataclass(frozen=True)
class View:
    """One way to look at the list. `key` is active, left, any, own, or a segment's behind `segment:`."""

    key: str
    name: str
    wanted: Filter

    @property
    def segment(self) -> str:
        """The segment's key; "" for a view that is none."""
        return self.key.removeprefix(SEGMENT) if self.key.startswith(SEGMENT) else ""


class SegmentChips(QWidget):
    """`chosen(view)` when another chip is pressed; the other signals carry the view somebody wants to do that with."""

    chosen = Signal(object)
    filter_asked = Signal()
    changing = Signal(object)
    giving = Signal(object)
    removing = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._built_in = [View("active", _("Active"), Filter()), View("left", _("Left"), Filter(status="left")),
                          View("any", _("All"), EVERYBODY)]  # fmt: skip
        self._segments: list[View] = []
        self._own: View | None = None
        self._counts: dict[str, int] = {}
        self._chips: dict[str, QPushButton] = {}
        self._value = "active"
        self._layout = FlowLayout(self)
        self._group = QButtonGroup(self)
        self.filter = button(_("Filter …"), self.filter_asked.emit, kind="chip", icon="filter")
        self.filter.setMinimumHeight(theme.px(28))
        self.others = button("", kind="chip")
        self.others.setMenu(QMenu(self.others))
        self.others.setMinimumHeight(theme.px(28))
        self.more = self._menu()
        self._build()

    def view(self) -> View:
        """What is looked at."""
        return self._view(self._value) or self._built_in[0]

    def choose(self, key: str) -> None:
        """Marks a chip without telling anybody; an unknown one means who works here."""
        self._value = key if self._view(key) else "active"
        if self._value not in self._chips:
            self._build()
        self._chips[self._value].setChecked(True)
        self.more.setVisible(bool(self.view().segment))

    def show_segments(self, rows: Sequence[Any]) -> None:
        """The segments with their counts; what is chosen stays chosen while it is there."""
        found = [View(SEGMENT + row.key, row.name, row.filter) for row in rows]
        for row in rows:
            self._counts[SEGMENT + row.key] = row.people
        if found != self._segments:
            self._segments = found
            self._build()
        self._say()

    def add_segment(self, view: View) -> None:
        """Shows a segment that was saved just now, before it is counted."""
        self._segments = [*(one for one in self._segments if one.key != view.key), view]
        self._build()

    def show_own(self, wanted: Filter | None) -> None:
        """Adds a chip for a filter that is not saved and chooses it; None takes it away."""
        self._own = View(OWN, _("Filtered"), wanted) if wanted is not None else None
        self._counts.pop(OWN, None)
        self._value = OWN if wanted is not None else "active" if self._value == OWN else self._value
        self._build()

    def set_count(self, key: str, people: int) -> None:
        """Shows how many people stand behind a chip."""
        self._counts[key] = people
        self._say()

    def _views(self) -> list[View]:
        return [*self._built_in, *self._segments, *([self._own] if self._own else [])]

    def _view(self, key: str) -> View | None:
        return next((view for view in self._views() if view.key == key), None)

    def _hidden(self) -> list[View]:
        """Segments without a chip."""
        return [view for view in self._segments[MOST:] if view.key != self._value]

    def _menu(self) -> QToolButton:
        made = icon_button("more", _("This segment"))
        made.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(made)
        for text, signal in (
            (_("Start a campaign for them"), self.giving), (_("Rename or change …"), self.changing),
            (_("Delete"), self.removing),
        ):  # fmt: skip
            menu.addAction(text).triggered.connect(partial(self._asked, signal))
        made.setMenu(menu)
        return made

    def _asked(self, signal: Any, _checked: bool = False) -> None:
        signal.emit(self.view())

    def _build(self) -> None:
        for chip in self._chips.values():
            self._group.removeButton(chip)
            chip.hide()
            chip.deleteLater()
        while self._layout.takeAt(0) is not None:
            pass
        hidden = self._hidden()
        self._chips = {view.key: self._chip(view) for view in self._views() if view not in hidden}
        for part in (*self._chips.values(), self.more, self.others, self.filter):
            self._layout.addWidget(part)
        self.others.setVisible(bool(hidden))
        self._say()
        self.choose(self._value)

    def _chip(self, view: View) -> QPushButton:
        made = button("", partial(self._pressed, view.key), kind="chip")
        made.setCheckable(True)
        made.setToolTip(plain_tip(said(view.wanted)) if view.segment or view.key == OWN else "")
        made.setMinimumHeight(theme.px(28))
        self._group.addButton(made)
        return made

    def _pressed(self, key: str) -> None:
        self.choose(key)
        self.chosen.emit(self.view())

    def _say(self) -> None:
        for view in self._views():
            chip = self._chips.get(view.key)
            if chip is None:
                continue
            people = self._counts.get(view.key)
            chip.setText(self._text(view))
            counted = "" if people is None else ntext(language(), "{count} person", "{count} people", people,
                                                      count=number(people))  # fmt: skip
            chip.setAccessibleName(f"{view.name}: {counted}" if counted else view.name)
        self._say_others()

    def _say_others(self) -> None:
        hidden, menu = self._hidden(), self.others.menu()
        self.others.setText(ntext(language(), "{n} more", "{n} more", len(hidden)))
        menu.clear()
        for view in hidden:
            menu.addAction(self._text(view)).triggered.connect(partial(self._picked, view.key))

    def _picked(self, key: str, _checked: bool = False) -> None:
        self._pressed(key)

    def _text(self, view: View) -> str:
        people = self._counts.get(view.key)
        short = view.name if len(view.name) <= NAME_SIGNS else view.name[: NAME_SIGNS - 1] + "…"
        return short if people is None else f"{short}  {number(people)}"
