"""Tickets: what people say does not work, the next answer due first. No code is ever shown here."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QHideEvent, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QStackedWidget

from welfare_desk.desktop.desk import Desk
from welfare_desk.desktop.formats import moment
from welfare_desk.desktop.pages.ticket_drawer import TicketDrawer, spaced
from welfare_desk.desktop.pages.words import ticket_kind, ticket_state, word_text, word_tone
from welfare_desk.desktop.table_model import Column, TableModel
from welfare_desk.desktop.widgets.basic import holder, row
from welfare_desk.desktop.widgets.chips import Chips
from welfare_desk.desktop.widgets.empty_state import EmptyState
from welfare_desk.desktop.widgets.page import Page
from welfare_desk.desktop.widgets.record_table import RecordTable
from welfare_desk.desktop.widgets.search_box import SearchBox
from welfare_desk.i18n import _
from welfare_desk.queries import tickets

LOOK_MS = 2000


def columns() -> tuple[Column, ...]:
    """What the list shows of a ticket."""
    return (
        Column("due_at", _("Answer due"), 140, show=moment),
        Column("state", _("State"), 100, show=word_text, tone=word_tone),
        Column("reference", _("Reference code"), 110, mono=True),
        Column("person", _("Name"), 110),
        Column("kind", _("Problem"), 150),
        Column("product", _("Product"), 150),
        Column("campaign", _("Campaign"), 150),
        Column("created_at", _("Reported at"), 140, show=moment),
    )


class TicketsPage(Page):
    """Looks every two seconds while it is seen, so that a new report appears by itself."""

    NOUNS = ("tickets", "people", "campaigns")

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, _("Tickets"), _("What people say does not work"))
        self._shown: tuple[Any, ...] | None = None
        self.model = TableModel(columns())
        self.table = RecordTable(self.model, "tickets", _("Tickets"), desk.preferences)
        self.table.opened.connect(self._opened)
        self.search = SearchBox(_("Reference code, number or name"))
        self.search.searched.connect(self._searched)
        self.states = Chips([("open", _("To answer")), ("overdue", _("Overdue")), ("closed", _("Answered"))])
        self.states.chosen.connect(self._searched)
        self.none = EmptyState("ok", _("Nobody waits for an answer. What people report on their page appears here."))
        self.nothing = EmptyState("search", _("No ticket matches."), _("Clear the filter"), self._clear)
        self.views = QStackedWidget()
        for view in (self.table, self.none, self.nothing):
            self.views.addWidget(view)
        self.body.addWidget(holder(row(self.search, self.states, None, spacing=12)))
        self.body.addWidget(self.views, 1)
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self.refresh)
        find = QShortcut(QKeySequence.StandardKey.Find, self, context=Qt.ShortcutContext.WidgetWithChildrenShortcut)
        find.activated.connect(self.search.setFocus)

    def refresh(self) -> None:
        """Loads list and counts again."""
        now, read = self.desk.ctx.clock.now(), self.desk.background.read
        read(tickets.counts, self._count, self._quiet, key="counts", now=now)
        read(tickets.tickets, self._show, self._quiet, key="tickets", now=now, state=self.states.value(),
             search=self.search.text())  # fmt: skip

    def show_target(self, *, reference: str = "", **_target: Any) -> None:
        """Shows the tickets of one reference code."""
        if reference:
            self.search.setText(reference)
            self.refresh()

    def showEvent(self, event: QShowEvent) -> None:
        """Begins to look."""
        super().showEvent(event)
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody looks: nothing is asked."""
        super().hideEvent(event)
        self._timer.stop()

    def _count(self, found: tickets.TicketCounts) -> None:
        for key in ("open", "overdue", "closed"):
            self.states.set_count(key, getattr(found, key))

    def _show(self, found: tuple[tickets.TicketRow, ...]) -> None:
        now = self.desk.ctx.clock.now()
        rows = tuple(_row(one, now) for one in found)
        if rows != self._shown:
            chosen = {line[-1].id for line in self.table.selected()}
            self._shown = rows
            self.model.replace(rows)
            kept = next((at for at, line in enumerate(rows) if line[-1].id in chosen), -1)
            if kept >= 0:
                self.table.select_row(kept)
        filtered = bool(self.search.text().strip()) or self.states.value() != "open"
        self.views.setCurrentWidget(self.table if rows else self.nothing if filtered else self.none)

    def _quiet(self, _error: Exception) -> None:
        """The next look asks again."""

    def _searched(self, _text: str) -> None:
        self.refresh()

    def _clear(self) -> None:
        self.search.clear()
        self.states.choose("open")
        self.refresh()

    def _opened(self, found: Any) -> None:
        self.desk.open_drawer(TicketDrawer(self.desk, found[-1]))


def _row(found: tickets.TicketRow, now: int) -> tuple[Any, ...]:
    return (
        found.due_at, ticket_state(found.state, overdue=found.overdue(now)), spaced(found.reference), found.person,
        ticket_kind(found.kind), found.product, found.campaign, found.created_at, found,
    )  # fmt: skip
