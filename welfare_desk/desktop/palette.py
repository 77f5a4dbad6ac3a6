"""Ctrl+K: one box that finds people, codes, campaigns, products and commands, and answers "where is X's benefit"."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from welfare_desk.desktop import icons, theme
from welfare_desk.desktop.desk import Desk
from welfare_desk.desktop.palette_answer import AnswerCard
from welfare_desk.desktop.tips import plain_tip
from welfare_desk.desktop.widgets.basic import label
from welfare_desk.i18n import _
from welfare_desk.queries import search
from welfare_desk.queries.search import Hit

PAUSE_MS = 60
WIDE, HIGH, LIST_WIDE, NOTHING_HIGH = 860, 460, 340, 110
ICONS = {"person": "people", "grant": "qr", "campaign": "campaign", "product": "shelf", "command": "next"}


@dataclass(frozen=True)
class Command:
    """Something to do, by its words."""

    text: str
    page: str


def commands() -> tuple[Command, ...]:
    """What can be done from anywhere."""
    return (
        Command(_("Today"), "today"),
        Command(_("Employees"), "people"),
        Command(_("Import people"), "import_people"),
        Command(_("Shelf"), "shelf"),
        Command(_("Orders and stock"), "purchasing"),
        Command(_("Campaigns"), "campaigns"),
        Command(_("New campaign"), "campaign_wizard"),
        Command(_("Dashboard"), "dashboard"),
        Command(_("Claim service"), "service"),
        Command(_("Settings"), "settings"),
    )


class Palette(QFrame):
    """Lies over the window; arrows choose, Enter opens, Esc closes."""

    def __init__(self, desk: Desk, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("palette")
        self.desk = desk
        self._over = parent
        self._hits: tuple[Hit, ...] = ()
        self.box = QLineEdit()
        self.box.setPlaceholderText(_("Name, employee number, phone tail, reference code, campaign, product …"))
        self.box.setAccessibleName(_("Search everything"))
        self.box.setClearButtonEnabled(True)
        self.box.installEventFilter(self)
        self.box.textChanged.connect(self._typed)
        self.list = QListWidget()
        self.list.setAccessibleName(_("Results"))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setIconSize(QSize(theme.px(18), theme.px(18)))
        self.list.currentItemChanged.connect(self._chosen)
        self.list.itemClicked.connect(lambda _item: self._open_if_elsewhere())
        self.list.itemDoubleClicked.connect(lambda _item: self.open_current())
        self.card = AnswerCard(desk, self.close_palette)
        self.empty = label("", "muted", wrap=True)
        self._lay_out()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(PAUSE_MS)
        self._timer.timeout.connect(self.search_now)
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self._focus_moved)
        self.hide()

    def _lay_out(self) -> None:
        both = QHBoxLayout()
        both.setSpacing(theme.px(12))
        self.list.setFixedWidth(theme.px(LIST_WIDE))
        both.addWidget(self.list)
        both.addWidget(self.card, 1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(*(theme.px(16),) * 4)
        whole.setSpacing(theme.px(10))
        whole.addWidget(self.box)
        whole.addWidget(self.empty)
        whole.addLayout(both, 1)

    def open_palette(self) -> None:
        """Opens it over the window, ready to type; the last words are selected."""
        area = self._over.rect()
        wide = min(theme.px(WIDE), area.width() - 32)
        self.setGeometry((area.width() - wide) // 2, theme.px(56), wide, self._high())
        self.show()
        self.raise_()
        self.box.setFocus()
        self.box.selectAll()
        self.search_now()

    def close_palette(self) -> None:
        """Closes it and gives the focus back to the page."""
        if self.isVisible():
            self.hide()
            self._over.setFocus()

    def search_now(self) -> None:
        """Asks for what stands in the box."""
        self.desk.background.read(search.find, self._show, key="search", text=self.box.text())

    def open_current(self) -> None:
        """Goes to what is chosen."""
        found = self._current()
        self.close_palette()
        if isinstance(found, Command):
            self.desk.go(found.page)
        elif found is None:
            return
        elif found.kind in ("person", "grant"):
            self.desk.go("people", person_id=found.id)
        elif found.kind == "campaign":
            self.desk.go("campaign", campaign_id=found.id)
        else:
            self.desk.go("shelf", product=found.key)

    # ---- inside

    def _high(self) -> int:
        return min(theme.px(HIGH), self._over.height() - 64)

    def _typed(self, _text: str) -> None:
        self._timer.start()

    def _show(self, hits: tuple[Hit, ...]) -> None:
        words = self.box.text().strip()
        self._hits = hits
        self.list.clear()
        for hit in hits:
            self._add(hit.kind, hit.title, hit.note, hit)
        for command in commands():
            if not words or words.lower() in command.text.lower():
                self._add("command", command.text, "", command)
        nothing = bool(words) and self.list.count() == 0
        self.empty.setText(
            _("Nothing is called that. Try the reference code on the message, or the end of the phone number.")
        )
        self.empty.setVisible(nothing)
        self.card.setVisible(not nothing)
        self.list.setVisible(not nothing)
        self.resize(self.width(), theme.px(NOTHING_HIGH) if nothing else self._high())
        self.list.setCurrentRow(0 if words else -1)
        if self.list.count() == 0 or not words:
            self.card.forget()

    def _add(self, kind: str, title: str, note: str, data: object) -> None:
        item = QListWidgetItem(icons.icon(ICONS[kind], "muted"), f"{title}   {note}".rstrip())
        item.setData(Qt.ItemDataRole.UserRole, data)
        item.setToolTip(plain_tip(f"{title} {note}".strip()))
        item.setSizeHint(QSize(0, theme.px(36)))
        self.list.addItem(item)

    def _current(self) -> Hit | Command | None:
        if self.list.currentRow() < 0:
            return None
        found = self.list.currentItem().data(Qt.ItemDataRole.UserRole)
        return found if isinstance(found, (Hit, Command)) else None

    def _chosen(self, _item: object = None, _before: object = None) -> None:
        found = self._current()
        if isinstance(found, Hit) and found.kind in ("person", "grant"):
            self.card.ask(found)
        else:
            self.card.forget()

    def _open_if_elsewhere(self) -> None:
        """A click on a person shows the answer; on anything else it goes there."""
        found = self._current()
        if isinstance(found, Command) or (isinstance(found, Hit) and found.kind in ("campaign", "product")):
            self.open_current()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Arrows, Enter and Esc work while one types."""
        if watched is self.box and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            acts: dict[int, Callable[[], Any]] = {
                Qt.Key.Key_Down: lambda: self._move(1),
                Qt.Key.Key_Up: lambda: self._move(-1),
                Qt.Key.Key_Return: self.open_current,
                Qt.Key.Key_Enter: self.open_current,
                Qt.Key.Key_Escape: self.close_palette,
            }
            act = acts.get(event.key())
            if act is not None:
                act()
                return True
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc closes, wherever the focus is inside."""
        if event.key() == Qt.Key.Key_Escape:
            self.close_palette()
        else:
            super().keyPressEvent(event)

    def _move(self, by: int) -> None:
        count = self.list.count()
        if count:
            self.list.setCurrentRow((self.list.currentRow() + by) % count)

    def _focus_moved(self, _old: QWidget | None, new: QWidget | None) -> None:
        """A click beside it closes it; a question of its own does not."""
        elsewhere = new is not None and new is not self and not self.isAncestorOf(new)
        if self.isVisible() and elsewhere and new is not None and new.window() is self.window():
            self.hide()
