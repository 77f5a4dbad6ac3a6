"""A wizard as a full page: steps on top, Ctrl+Enter next, Ctrl+[ back, and free jumping to steps already seen."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from welfare_desk.desktop import theme
from welfare_desk.desktop.widgets.banner import Banner
from welfare_desk.desktop.widgets.basic import button, primary, row
from welfare_desk.i18n import _


@dataclass(frozen=True)
class Step:
    """One step: its name in the strip, its widget, and the word on the button that leaves it."""

    name: str
    widget: QWidget
    forward: str = ""


class Wizard(QWidget):
    """Asks `leaving(index)` before it moves on; the owner answers with `go(index + 1)` or `complain(...)`."""

    leaving = Signal(int)  # next was pressed on this step; the last one finishes
    entered = Signal(int)
    cancelled = Signal()

    def __init__(self, steps: list[Step]) -> None:
        super().__init__()
        self._steps = steps
        self._furthest = 0
        self._stack = QStackedWidget()
        self._chips: list[QPushButton] = []
        self._strip = QHBoxLayout()
        self._strip.setSpacing(theme.px(4))
        for index, step in enumerate(steps):
            self._stack.addWidget(step.widget)
            chip = button(f"{index + 1}  {step.name}", partial(self.go, index), kind="chip")
            chip.setCheckable(True)
            self._chips.append(chip)
            self._strip.addWidget(chip)
        self._strip.addStretch(1)
        self.banner = Banner()
        self.back = button(_("Back"), self._back, icon="back")
        self.next = primary(_("Next"), self._next)
        self.cancel = button(_("Cancel"), self.cancelled.emit, kind="quiet")
        self.note = QHBoxLayout()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.px(12))
        layout.addLayout(self._strip)
        layout.addWidget(self.banner)
        layout.addWidget(self._stack, 1)
        layout.addLayout(row(self.cancel, self.note, None, self.back, self.next))
        for keys, run in (("Ctrl+Return", self._next), ("Ctrl+Enter", self._next), ("Ctrl+[", self._back)):
            QShortcut(QKeySequence(keys), self).activated.connect(run)
        self.go(0)

    def index(self) -> int:
        """The step that is shown."""
        return self._stack.currentIndex()

    def go(self, index: int) -> None:
        """Shows a step."""
        self._furthest = max(self._furthest, index)
        self.banner.say("")
        self._stack.setCurrentIndex(index)
        self._show_strip()
        last = index == len(self._steps) - 1
        self.next.setText(self._steps[index].forward or (_("Finish") if last else _("Next")))
        self.back.setEnabled(index > 0)
        self.set_busy(False)
        self.entered.emit(index)

    def complain(self, text: str) -> None:
        """Stays on the step and says why."""
        self.set_busy(False)
        self.banner.say(text, "bad")

    def set_busy(self, busy: bool) -> None:
        """While something runs, next and back wait."""
        self.next.setEnabled(not busy)
        self.back.setEnabled(not busy and self.index() > 0)

    def forget_from(self, index: int) -> None:
        """Steps from `index` on have to be walked again (an earlier answer changed)."""
        self._furthest = min(self._furthest, index)
        self._show_strip()

    def _show_strip(self) -> None:
        for at, chip in enumerate(self._chips):
            chip.setChecked(at == self.index())
            chip.setEnabled(at <= self._furthest)

    def _next(self) -> None:
        if self.next.isEnabled() and self.next.isVisible():
            self.set_busy(True)
            self.leaving.emit(self.index())

    def _back(self) -> None:
        if self.back.isEnabled():
            self.go(self.index() - 1)
