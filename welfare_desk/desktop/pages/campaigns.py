"""All campaigns: where each stands, and how many have claimed."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QHideEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QStackedWidget

from welfare_desk.desktop import theme
from welfare_desk.desktop.desk import Desk
from welfare_desk.desktop.formats import moment, money, number
from welfare_desk.desktop.pages.words import phase_word, word_text, word_tone
from welfare_desk.desktop.table_model import Column, TableModel
from welfare_desk.desktop.widgets.basic import column, holder, primary, row
from welfare_desk.desktop.widgets.chips import Chips
from welfare_desk.desktop.widgets.claim_bar import ClaimBar, claims_text
from welfare_desk.desktop.widgets.empty_state import EmptyState
from welfare_desk.desktop.widgets.page import Page
from welfare_desk.desktop.widgets.record_table import RecordTable
from welfare_desk.desktop.widgets.search_box import SearchBox
from welfare_desk.i18n import _
from welfare_desk.queries import campaigns

CLAIMS = 3
LOOK_MS = 3000
LARGE = 125  # per cent; from here on filters take two lines
PHASES = {"open": ("open",), "upcoming": ("upcoming",), "paused": ("paused",), "over": ("ended", "closed")}


def columns() -> tuple[Column, ...]:
    """What the list shows of a campaign."""
    return (
        Column("name", _("Campaign"), 200),
        Column("product", _("Product"), 160),
        Column("state", _("State"), 100, show=word_text, tone=word_tone),
        Column("claims", _("Claimed of reached"), 230, show=claims_text),
        Column("grants", _("Grants"), 70, show=number, number=True),
        Column("window", _("Claim window"), 260),
        Column("cost", _("Cost at most"), 100, number=True),
    )


class CampaignsPage(Page):
    """The list; a campaign opens as a page of its own."""

    NOUNS = ("campaigns", "grants", "claims", "messages")

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, _("Campaigns"), _("Who can claim what, and until when"))
        self.new = primary(_("New campaign"), self.new_campaign, icon="plus")
        self.header.add(self.new)
        self.new.hide()  # the empty view has its own
        self._found: tuple[Any, ...] | None = None
        self.model = TableModel(columns())
        self.table = RecordTable(self.model, "campaigns", _("Campaigns"), desk.preferences)
        self.table.setItemDelegateForColumn(CLAIMS, ClaimBar(self.table))
        self.table.verticalHeader().setDefaultSectionSize(theme.px(36))
        self.table.opened.connect(self._opened)
        self.search = SearchBox(_("Campaign or product"))
        self.search.searched.connect(self._searched)
        self.phases = Chips([
            ("", _("All")), ("open", _("Running")), ("upcoming", _("Not open yet")), ("paused", _("Paused")),
            ("over", _("Over")),
        ])  # fmt: skip
        self.phases.chosen.connect(self._searched)
        if theme.scale() >= LARGE:
            self._filters = holder(column(row(self.search, None), row(self.phases, None), spacing=8))
        else:
            self._filters = holder(row(self.search, self.phases, None, spacing=12))
        self._none = EmptyState(
            "campaign", _("Give something to your people: choose what, to whom and until when; each gets a link."),
            _("New campaign"), self.new_campaign,
        )  # fmt: skip
        self._nothing = EmptyState("search", _("No campaign matches."), _("Clear the filter"), self._clear)
        self.views = QStackedWidget()
        for view in (self.table, self._none, self._nothing):
            self.views.addWidget(view)
        self.body.addWidget(self._filters)
        self.body.addWidget(self.views, 1)
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self.refresh)
        find = QShortcut(QKeySequence.StandardKey.Find, self, context=Qt.ShortcutContext.WidgetWithChildrenShortcut)
        find.activated.connect(self.search.setFocus)

    def refresh(self) -> None:
        """Loads all campaigns again; filtering them needs no further question."""
        self.desk.background.read(campaigns.campaigns, self._show, key="list", now=self.desk.ctx.clock.now())

    def show_target(self, *, campaign: Any = None, campaign_id: int | None = None, **_target: Any) -> None:
        """Goes on to one campaign, as the search asked."""
        if campaign_id is not None or campaign is not None:
            self.desk.go("campaign", campaign_id=campaign_id, campaign=campaign)

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody looks: nothing is asked."""
        super().hideEvent(event)
        self._timer.stop()

    def new_campaign(self) -> None:
        """Starts the wizard."""
        self.desk.go("campaign_wizard")

    def _show(self, found: tuple[Any, ...]) -> None:
        if self.isVisible() and any(campaign.phase == "open" for campaign in found):
            self._timer.start()
        if found == self._found:
            return
        self._found = found
        self.phases.set_count("", len(found))
        for key, phases in PHASES.items():
            self.phases.set_count(key, sum(campaign.phase in phases for campaign in found))
        self._filters.setVisible(bool(found))
        self.new.setVisible(bool(found))
        self._filter()

    def _searched(self, _text: str) -> None:
        self._filter()

    def _filter(self) -> None:
        wanted, text = self.phases.value(), self.search.text().strip().lower()
        rows = [
            _row(found)
            for found in self._found or ()
            if (not wanted or found.phase in PHASES[wanted])
            and (not text or text in f"{found.name} {found.product_name} {found.campaign}".lower())
        ]
        chosen = self.table.selected()
        self.model.replace(rows)
        if chosen:
            self.table.select_row(self.model.find(chosen[0][-1]))
        self.views.setCurrentWidget(self.table if rows else self._nothing if self._found else self._none)

    def _clear(self) -> None:
        self.search.clear()
        self.phases.choose("")
        self._filter()

    def _opened(self, found: Any) -> None:
        self.desk.go("campaign", campaign_id=found[-1])


def _row(found: Any) -> tuple[Any, ...]:
    window = f"{moment(found.opens_at, found.timezone)} – {moment(found.closes_at, found.timezone)}"
    return (
        found.name, found.product_name, phase_word(found.phase), (found.claimed, found.reached), found.grants, window,
        money(found.cost_minor, found.currency), found.id,
    )  # fmt: skip
