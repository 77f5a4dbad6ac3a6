"""One campaign: how far it is, who has claimed, and everything that can still be changed."""

from __future__ import annotations

import time
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QHideEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout

from welfare_desk.desktop import theme
from welfare_desk.desktop.desk import Desk
from welfare_desk.desktop.dialogs import confirm
from welfare_desk.desktop.formats import moment, money, number, share
from welfare_desk.desktop.pages.campaign_people import LARGE, CampaignPeople
from welfare_desk.desktop.pages.extend_form import ExtendForm
from welfare_desk.desktop.pages.link_sheets import LinkSheets
from welfare_desk.desktop.pages.sending import Sending
from welfare_desk.desktop.pages.words import phase_word
from welfare_desk.desktop.widgets.banner import Banner
from welfare_desk.desktop.widgets.basic import ElidedLabel, badge, button, primary, row, set_badge
from welfare_desk.desktop.widgets.kpi import Kpi
from welfare_desk.desktop.widgets.page import Page
from welfare_desk.i18n import _, language, ntext
from welfare_desk.queries import campaigns as campaign_queries
from welfare_desk.services import campaigns

LOOK_MS = 1500
SHARE = 5  # a look that takes long is rare: at most a fifth of the time goes into looking
OVER = ("ended", "closed")


class CampaignPage(Page):
    """Reached from the list with `campaign_id`, from the search with the campaign's key."""

    NOUNS = ("campaigns", "grants", "claims", "messages", "people")

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, _("Campaign"))
        self._campaign_id: int | None = None
        self._detail: Any = None
        self._asked = 0.0
        self._build_header()
        self.banner = Banner()
        self.sending = Sending(desk)
        self.kpis = {
            "grants": Kpi(_("Granted")), "reached": Kpi(_("Reached")), "claimed": Kpi(_("Have claimed")),
            "unclaimed": Kpi(_("Unclaimed")), "cost": Kpi(_("Cost at most")),
        }  # fmt: skip
        cards = QHBoxLayout()
        cards.setSpacing(theme.px(12))
        for name, kpi in self.kpis.items():
            if name != "cost" or theme.scale() < LARGE:  # the list of campaigns has the cost too
                cards.addWidget(kpi, 1)
        self.people = CampaignPeople(desk)
        self.body.addWidget(self.banner)
        self.body.addLayout(cards)
        self.body.addWidget(self.sending)
        self.body.addWidget(self.people, 1)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.refresh)
        self._shortcuts()

    def _build_header(self) -> None:
        self.sheets = LinkSheets(self.desk, self)
        self.state = badge("", "plain")
        self.back = button(_("All campaigns"), self._back, kind="quiet", icon="back")
        self.pause = button(_("Pause"), self._pause, icon="pause")
        self.resume = button(_("Resume"), self._resume, icon="play")
        self.extend = button(_("Extend"), self._extend, icon="calendar")
        self.close_ = button(_("End now"), self._close, icon="stop")
        self.print = button(_("Print cards"), self._print, icon="print")
        self.export = primary(_("Export links"), self._export, icon="export")
        acts = (self.pause, self.resume, self.extend, self.close_, self.print, self.export)
        if theme.scale() >= LARGE:
            self.body.addLayout(row(None, *acts))
        else:
            self.header.add(*acts)
        self.about = ElidedLabel("", "muted")
        line = row(self.back, self.state, self.about, spacing=12)
        line.setStretch(2, 1)
        self.body.addLayout(line)

    def _shortcuts(self) -> None:
        inside = Qt.ShortcutContext.WidgetWithChildrenShortcut
        for keys, run in (("Ctrl+E", self._export), ("Ctrl+P", self._print), ("Ctrl+F", self.people.search.setFocus)):
            QShortcut(QKeySequence(keys), self, context=inside).activated.connect(run)

    def show_target(self, *, campaign_id: int | None = None, campaign: Any = None, **_target: Any) -> None:
        """Shows one campaign, by its id or by the key people see."""
        if campaign_id is None and isinstance(campaign, int):
            campaign_id = campaign
        if campaign_id is not None:
            self._load(campaign_id)
        elif campaign is not None:
            self.desk.background.read(campaign_queries.find, self._load, key="find", ref=str(campaign))

    def refresh(self) -> None:
        """Asks for the figures and the list again."""
        if self._campaign_id is not None:
            self._asked = time.monotonic()
            self.desk.background.read(
                campaign_queries.campaign, self._show, key="campaign", campaign_id=self._campaign_id,
                now=self.desk.ctx.clock.now(),
            )  # fmt: skip

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody looks: nothing is asked."""
        super().hideEvent(event)
        self._timer.stop()

    def _load(self, campaign_id: int) -> None:
        self._campaign_id = campaign_id
        self.people.show_campaign(campaign_id)
        self.refresh()

    def _show(self, detail: Any) -> None:
        first = self._detail is None or self._detail.row.id != detail.row.id
        before = None if first else (self._detail.row.claimed, self._detail.messages)
        self._detail = detail
        found = detail.row
        self.header.title.setText(found.name)
        window = f"{moment(found.opens_at, found.timezone)} – {moment(found.closes_at, found.timezone)}"
        self.about.setText(f"{found.product_name} · {window} ({found.timezone}) · {found.campaign}")
        set_badge(self.state, *phase_word(found.phase))
        self._show_figures(detail)
        self._show_actions(found.phase)
        self.sending.show_counts(found.id, detail.messages)
        closes = 0 if found.phase == "closed" else found.closes_at
        self.people.show_window(found.opens_at, closes, found.timezone)
        if before != (found.claimed, detail.messages):
            self.people.refresh()
        if found.phase not in OVER and self.isVisible():
            took = round(1000 * (time.monotonic() - self._asked))
            self._timer.start(max(LOOK_MS, SHARE * took))
        else:
            self._timer.stop()

    def _show_figures(self, detail: Any) -> None:
        found = detail.row
        revoked = ntext(language(), "{n} revoked", "{n} revoked", detail.revoked) if detail.revoked else ""
        self.kpis["grants"].show_value(number(found.grants), revoked or " ")
        self.kpis["reached"].show_value(
            number(found.reached), _("{share} of {whole}", share=share(found.reached, found.grants),
                                     whole=number(found.grants))
        )  # fmt: skip
        self.kpis["claimed"].show_value(
            number(found.claimed), _("{share} of {whole} reached", share=share(found.claimed, found.reached),
                                     whole=number(found.reached))
        )  # fmt: skip
        self.kpis["unclaimed"].show_value(
            number(found.grants - found.claimed - detail.revoked - detail.left),
            _("{count} units reserved", count=number(detail.reserved)),
        )
        self.kpis["cost"].show_value(money(found.cost_minor, found.currency), " ")

    def _show_actions(self, phase: str) -> None:
        over = phase in OVER
        self.pause.setVisible(phase in ("open", "upcoming"))
        self.resume.setVisible(phase == "paused")
        self.close_.setVisible(not over)
        self.extend.setVisible(phase != "closed")
        self.print.setVisible(not over)
        self.export.setVisible(not over)

    def _back(self) -> None:
        self.desk.go("campaigns")

    def _change(self, service: Any) -> None:
        self.desk.background.write(service, self._changed, campaign_id=self._campaign_id)

    def _pause(self) -> None:
        self._change(campaigns.pause)

    def _resume(self) -> None:
        self._change(campaigns.resume)

    def _close(self) -> None:
        text = _("Nobody can claim any more, and what is reserved becomes free. A closed campaign is not opened again.")
        if confirm(self, _("Close the campaign?"), text, _("Close the campaign"), danger=True):
            self._change(campaigns.close)

    def _changed(self, _result: Any) -> None:
        self.desk.changed.emit("campaigns")

    def _extend(self) -> None:
        self.desk.open_drawer(ExtendForm(self.desk, self._detail.row))

    def _export(self) -> None:
        if self._detail is not None and self.export.isVisible():
            self.sheets.export(self._detail.row.id, self._detail.row.name)

    def _print(self) -> None:
        if self._detail is not None and self.print.isVisible():
            self.sheets.print_cards(self._detail.row.id, self._detail.row.name)
