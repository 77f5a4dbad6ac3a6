"""The desk itself: rail at the left, bar at the top, pages between, drawer and toast above them."""

from __future__ import annotations

from functools import partial
from typing import Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QSizePolicy,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from welfare_desk.desktop import icons, theme
from welfare_desk.desktop.desk import Desk
from welfare_desk.desktop.help import help_panel
from welfare_desk.desktop.page_table import PAGES, SECTIONS, Section, titles
from welfare_desk.desktop.palette import Palette
from welfare_desk.desktop.top_bar import TopBar
from welfare_desk.desktop.widgets.banner import Banner
from welfare_desk.desktop.widgets.drawer import Drawer
from welfare_desk.desktop.widgets.drop_overlay import DropOverlay
from welfare_desk.desktop.widgets.page import Page
from welfare_desk.desktop.widgets.toast import Toast
from welfare_desk.i18n import _, error_text, language

RAIL_WIDTH = 188


class MainWindow(QWidget):
    """Builds pages when they are first asked for. `look_asked(setting, value)` when language or theme is switched."""

    look_asked = Signal(str, object)
    lock_asked = Signal()
    quit_asked = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self._pages: dict[str, Page] = {}
        self._entries = {entry.name: entry for entry in PAGES}
        self.current = ""
        self.setObjectName("page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._stack = QStackedWidget()
        self.banner = Banner()
        self.bar = TopBar(desk)
        self.rail = Rail()
        self._lay_out()
        self.toast = Toast(self._content)
        self.drawer = Drawer(self._content)
        self.drop = DropOverlay(self)
        self.palette_box = Palette(desk, self)
        self._connect()
        self._keys()

    def page(self, name: str) -> Page:
        """The page of that name, made when it is first asked for."""
        if name not in self._pages:
            made = self._entries[name].make(self.desk)
            self._pages[name] = made
            self._stack.addWidget(made)
        return self._pages[name]

    def show_page(self, name: str, target: dict[str, Any] | None = None) -> None:
        """Shows a page, and one thing on it."""
        if name not in self._entries:
            return
        self.current = name
        self.drawer.close_drawer()
        self.banner.say("")
        self.rail.mark(self._entries[name].rail)
        page = self.page(name)
        self._stack.setCurrentWidget(page)
        page.setFocus()  # so that the page's own keys are heard
        if target:
            page.show_target(**target)

    def unsaved(self) -> str:
        """What would be lost if this window were closed or built anew; "" for nothing."""
        return next((said for page in self._pages.values() if (said := page.unsaved())), "")

    def say_problem(self, error: Exception) -> None:
        """Tells an error nobody on the page took: what happened, and that nothing was changed by it."""
        self.banner.say(error_text(language(), error), "bad", _("OK"), partial(self.banner.say, ""))

    def import_from(self, path: str) -> None:
        """A file was dropped: people are imported from it."""
        self.show_page("import_people", {"path": path})

    def _lay_out(self) -> None:
        self._content = QWidget()
        inside = QVBoxLayout(self._content)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(0)
        inside.addWidget(self.banner)
        inside.addWidget(self._stack, 1)
        right = QVBoxLayout()
        right.setSpacing(0)
        right.addWidget(self.bar)
        right.addWidget(self._content, 1)
        whole = QHBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.rail)
        whole.addLayout(right, 1)

    def _connect(self) -> None:
        desk = self.desk
        desk.went.connect(self.show_page)
        desk.toasted.connect(self.toast.say)
        desk.drawer_asked.connect(self._drawer)
        desk.problem.connect(self.say_problem)
        desk.counted.connect(self.rail.set_count)
        self.rail.chosen.connect(self.show_page)
        self.drop.dropped.connect(self.import_from)
        self.drop.refused.connect(self.toast.say)
        self.bar.search.clicked.connect(self.palette_box.open_palette)
        self.bar.pill.clicked.connect(partial(self.show_page, "service"))
        self.bar.look_asked.connect(self.look_asked)
        self.bar.lock_asked.connect(self.lock_asked)
        self.bar.quit_asked.connect(self.quit_asked)
        self.bar.help_asked.connect(self.show_help)

    def _keys(self) -> None:
        keys = {
            "Ctrl+K": self.palette_box.open_palette,
            "F1": self.show_help,
            "F5": self.refresh,
            "Ctrl+I": partial(self.show_page, "import_people", {"path": ""}),
            "Ctrl+N": partial(self.show_page, "campaign_wizard"),
            "Ctrl+V": self.paste,
        }
        for number, section in enumerate(SECTIONS, 1):
            keys[f"Ctrl+{number}"] = partial(self.show_page, section.name)
        for key, run in keys.items():
            QShortcut(QKeySequence(key), self).activated.connect(run)

    def show_help(self) -> None:
        """Opens help in the drawer."""
        self.drawer.show_widget(help_panel())

    def refresh(self) -> None:
        """Loads the present page again."""
        self.page(self.current).refresh()

    def paste(self) -> None:
        """Cells copied from Excel are people to import; fields take the key before it comes here."""
        text = QGuiApplication.clipboard().text()
        if "\t" in text:
            self.show_page("import_people", {"text": text})

    def _drawer(self, widget: QWidget | None) -> None:
        if widget is None:
            self.drawer.close_drawer()
        else:
            self.drawer.show_widget(widget)


class Rail(QFrame):
    """The sections, in reading order, one of them marked."""

    chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("rail")
        self.setFixedWidth(theme.px(RAIL_WIDTH))
        self._group = QButtonGroup(self)
        self._buttons: dict[str, QToolButton] = {}
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, theme.px(8), 0, theme.px(8))
        layout.setSpacing(theme.px(2))
        known = {entry.name for entry in PAGES}
        for number, section in enumerate(SECTIONS, 1):
            if section.name in known:
                layout.addWidget(self._button(section, number))
        layout.addStretch(1)

    def mark(self, name: str) -> None:
        """Marks a section."""
        if name in self._buttons:
            self._buttons[name].setChecked(True)

    def set_count(self, name: str, count: int) -> None:
        """Says behind a section's name how many people wait for an answer there."""
        if name in self._buttons:
            title = titles()[name]
            self._buttons[name].setText(f"{title}  ({count})" if count else title)

    def _button(self, section: Section, number: int) -> QToolButton:
        made = QToolButton()
        made.setText(titles()[section.name])
        made.setIcon(icons.icon(section.icon))
        made.setIconSize(QSize(theme.px(28), theme.px(20)))
        made.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        made.setCheckable(True)
        made.setAutoRaise(True)
        made.setToolTip(QKeySequence(f"Ctrl+{number}").toString(QKeySequence.SequenceFormat.NativeText))
        made.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        made.clicked.connect(partial(self.chosen.emit, section.name))
        self._group.addButton(made)
        self._buttons[section.name] = made
        return made
