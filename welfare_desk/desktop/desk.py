"""The one object every page is given: how a page asks for data and speaks to the window around it.

It carries no business method. Pages call `desk.background`, `desk.go(...)`, `desk.toast(...)`, `desk.problem.emit(...)`
and emit `desk.changed` with a noun after a write, so that other pages reload.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, QSettings, Signal

from welfare_desk.context import AppContext
from welfare_desk.desktop.background import Background
from welfare_desk.desktop.service_child import ServiceChild


class Desk(QObject):
    """Background work, local preferences, and the signals the main window listens to."""

    went = Signal(str, object)  # page name, target dict
    toasted = Signal(str, str, object)  # text, label of the action or "", what the action calls
    drawer_asked = Signal(object)  # the widget to show on the right, None closes
    problem = Signal(object)  # an exception to be told to the person
    changed = Signal(str)  # noun of what was written: "people", "products", "campaigns", "settings", …
    counted = Signal(str, int)  # section of the rail, how many things wait there for somebody
    demo_dropped = Signal()  # the demo data is to be deleted
    look_changed = Signal()  # language, theme or scale: the window builds its pages anew

    def __init__(
        self, background: Background, preferences: QSettings, *, demo: bool = False, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.background = background
        self.preferences = preferences
        self.demo = demo
        self.service: ServiceChild | None = None
        self.awake = False  # whether sleep is held off
        background.failed.connect(self.problem)

    @property
    def ctx(self) -> AppContext:
        """The context (operator, data folder, clock); pages read from it, they run nothing through it."""
        return self.background.ctx

    def go(self, page: str, **target: Any) -> None:
        """Shows a page; `target` reaches its `show_target(**target)`."""
        self.went.emit(page, target)

    def toast(self, text: str, action: str = "", run: Callable[[], object] | None = None) -> None:
        """Says something for ten seconds, with one action such as undo."""
        self.toasted.emit(text, action, run)

    def open_drawer(self, widget: Any) -> None:
        """Slides a widget in from the right; Esc or `open_drawer(None)` closes it."""
        self.drawer_asked.emit(widget)
