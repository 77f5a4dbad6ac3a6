"""Today: what needs somebody now, three numbers, and the claims as they happen."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial

from PySide6.QtCore import QTimer
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from welfare_desk.desktop import formats, theme
from welfare_desk.desktop.desk import Desk
from welfare_desk.desktop.pages.backup import overdue_text
from welfare_desk.desktop.service_child import ServiceView
from welfare_desk.desktop.widgets.banner import Banner
from welfare_desk.desktop.widgets.basic import (
    ElidedLabel,
    button,
    card,
    clear,
    column,
    holder,
    icon_label,
    label,
    primary,
    row,
)
from welfare_desk.desktop.widgets.kpi import Kpi
from welfare_desk.desktop.widgets.page import Page, scrolled
from welfare_desk.i18n import _, language, ntext
from welfare_desk.queries import backups as backup_queries
from welfare_desk.queries import today as today_queries
from welfare_desk.queries.backups import BackupState
from welfare_desk.queries.today import Tick, Today, Todo

EVERY_MS = 1000
BACKUP_EVERY_MS = 60_000
TICKS = 12
TARGETS = {
    "orders_unknown": "purchasing", "orders_failed": "purchasing", "top_ups_failed": "purchasing",
    "stock_short": "purchasing", "stock_low": "purchasing", "messages_failed": "campaigns",
    "campaign_closing": "campaigns", "tickets": "tickets", "tickets_overdue": "tickets",
}  # fmt: skip
TONES = {
    "tickets_overdue": "bad", "orders_failed": "bad", "top_ups_failed": "bad", "messages_failed": "bad",
    "campaign_closing": "info",
}  # fmt: skip


class TodayPage(Page):
    """Asks once a second while it is seen; what did not change is not drawn again."""

    NOUNS = ("people", "products", "shelf", "campaigns", "orders", "stock", "settings", "tickets")

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, _("Today"))
        self.header.add(button(_("Tickets"), partial(desk.go, "tickets")))
        self._shown: Today | None = None
        self._news: set[tuple[int, int]] | None = None
        self.service_banner = Banner()
        self.body.addWidget(self.service_banner)
        self.backup_banner = Banner()
        self.body.addWidget(self.backup_banner)
        self._backup_seen = 0
        self._numbers()
        self._columns()
        self._timer = QTimer(self)
        self._timer.setInterval(EVERY_MS)
        self._timer.timeout.connect(self.refresh)
        if desk.service is not None:
            desk.service.changed.connect(self._show_service)

    def refresh(self) -> None:
        """Asks how things stand."""
        clock = self.desk.ctx.clock
        self.desk.background.read(
            today_queries.today, self._show, self._away, key="today", now=clock.now(), since=start_of_day(clock.now())
        )

    def _ask_backup(self) -> None:
        """Once a minute: whether there is a backup of this week."""
        now = self.desk.ctx.clock.now()
        if now - self._backup_seen >= BACKUP_EVERY_MS:
            self._backup_seen = now
            self.desk.background.read(backup_queries.state, self._show_backup, self._quiet, key="backup", now=now)

    def _show_backup(self, found: BackupState) -> None:
        now = self.desk.ctx.clock.now()
        shown = self._shown
        if found.overdue(now) and shown is not None and shown.campaigns:
            self.backup_banner.say(overdue_text(found.last, now), "warn", _("Back up now"), self._to_backup)
        else:
            self.backup_banner.say("")

    def _quiet(self, _error: Exception) -> None:
        """The next look asks again."""

    def _to_backup(self) -> None:
        self.desk.go("backup")

    def showEvent(self, event: QShowEvent) -> None:
        """Begins to ask once a second."""
        super().showEvent(event)
        self._backup_seen = 0
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Stops asking."""
        super().hideEvent(event)
        self._timer.stop()

    def _numbers(self) -> None:
        self.claimed = Kpi(_("Claimed today"), partial(self.desk.go, "dashboard"))
        self.waiting = Kpi(_("Not claimed yet"), partial(self.desk.go, "campaigns"))
        self.stock = Kpi(_("In stock"), partial(self.desk.go, "purchasing"))
        self.body.addLayout(row(self.claimed, self.waiting, self.stock, spacing=16))

    def _columns(self) -> None:
        self._todos = QVBoxLayout()
        self._todos.setSpacing(theme.px(8))
        todo_side = QWidget()
        todo_side.setLayout(column(self._todos, None))
        self.ticker = QVBoxLayout()
        self.ticker.setSpacing(theme.px(10))
        self._nothing_yet = label(_("Claims appear here as they happen."), "muted", wrap=True)
        self._list = scrolled(holder(column(self.ticker, None)))
        self.live = card(label(_("As it happens"), "section"), self._nothing_yet, self._list, spacing=12)
        self.live.layout().setStretch(2, 1)  # type: ignore[union-attr]
        self.live.setFixedWidth(theme.px(340))
        both = QHBoxLayout()
        both.setSpacing(theme.px(16))
        both.addWidget(scrolled(todo_side), 1)
        both.addWidget(self.live)
        self.body.addLayout(both, 1)

    def _show(self, found: Today) -> None:
        self._ask_backup()
        if found == self._shown:
            return
        before, self._shown = self._shown, found
        fresh = not (found.people and found.products_on_shelf and found.campaigns)
        self.claimed.show_value(formats.number(found.claimed_today), _("since midnight"))
        open_ones = ntext(language(), "in {n} open campaign", "in {n} open campaigns", found.open_campaigns)
        self.waiting.show_value(formats.number(found.unclaimed), open_ones)
        self.stock.show_value(formats.number(found.in_stock), _("codes not given yet"))
        if before is None or (before.todos, _steps(before)) != (found.todos, _steps(found)):
            clear(self._todos)
            if fresh:
                self._todos.addWidget(FirstSteps(self.desk, found))
            self._show_todos(found, fresh)
        if before is None or before.ticker != found.ticker:
            self._show_ticks(found.ticker)
        self._show_service(self.desk.service.view if self.desk.service is not None else ServiceView())

    def _show_todos(self, found: Today, fresh: bool) -> None:
        for at, todo in enumerate(found.todos):
            self._todos.addWidget(self._card(todo, first=at == 0 and not fresh))
        if not found.todos and not fresh:
            calm = label(_("Nothing needs you at the moment."), "muted")
            self._todos.addWidget(card(row(icon_label("ok", "success"), calm, None)))

    def _card(self, todo: Todo, *, first: bool) -> QWidget:
        text, act = words(todo)
        press = (primary if first else button)(act, partial(self._open, todo))
        line = label(text, wrap=True)
        line.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        return card(row(line, press, spacing=16), tone=TONES.get(todo.kind, "warn"), margin=12)

    def _open(self, todo: Todo) -> None:
        target = TARGETS.get(todo.kind, "today")
        if target == "campaigns" and todo.id:
            self.desk.go("campaign", campaign_id=todo.id)
        elif todo.kind == "top_ups_failed":
            self.desk.go("purchasing", tab="top_ups")
        elif target == "purchasing" and todo.key:
            self.desk.go("purchasing", **{"order" if todo.kind.startswith("orders") else "product": todo.key})
        else:
            self.desk.go(target)

    def _show_ticks(self, ticks: tuple[Tick, ...]) -> None:
        known, self._news = self._news, {(tick.campaign_id, tick.at) for tick in ticks}
        clear(self.ticker)
        self._nothing_yet.setVisible(not ticks)
        for tick in ticks[:TICKS]:
            self.ticker.addWidget(self._tick(tick))
        newest = ticks[0] if ticks else None
        if known is not None and newest is not None and (newest.campaign_id, newest.at) not in known:
            self.desk.toast(_("{name} has claimed", name=newest.person))

    def _tick(self, tick: Tick) -> QWidget:
        who = ElidedLabel(_("{name} has claimed", name=tick.person), "strong")
        local = datetime.fromtimestamp(tick.at / 1000).astimezone()
        today = tick.at >= start_of_day(self.desk.ctx.clock.now())
        when = label(local.strftime("%H:%M:%S" if today else "%m-%d %H:%M"), "caption")
        what = ElidedLabel(f"{tick.product} · {tick.campaign}", "caption")
        return holder(column(row(who, when), what, spacing=0))

    def _show_service(self, view: ServiceView) -> None:
        found, service = self._shown, self.desk.service
        needed = found is not None and found.open_campaigns > 0
        if service is None or not needed or view.state in ("running", "starting", "stopping"):
            self.service_banner.say("")
            return
        text = _(
            "The claim service is off: {n} people cannot claim.", n=formats.number(found.unclaimed if found else 0)
        )
        self.service_banner.say(f"{text} {view.why}".strip(), "bad", _("Start the claim service"), service.start)

    def _away(self, _error: Exception) -> None:
        self.service_banner.say(_("The database does not answer; trying again."), "warn")
        self._shown = None


class FirstSteps(QWidget):
    """Three steps for a desk that is still empty; the next one to do has the primary button."""

    def __init__(self, desk: Desk, found: Today) -> None:
        super().__init__()
        steps: list[tuple[bool, str, str, Callable[[], object]]] = [
            (bool(found.people), _("Import the people who may receive something"), _("Import people"),
             partial(desk.go, "import_people")),
            (bool(found.products_on_shelf), _("Connect a supplier and put products on the shelf"), _("Open the shelf"),
             partial(desk.go, "shelf")),
            (bool(found.campaigns), _("Launch a campaign: who gets what, and until when"), _("New campaign"),
             partial(desk.go, "campaign_wizard")),
        ]  # fmt: skip
        lines = []
        due = next((at for at, step in enumerate(steps) if not step[0]), -1)
        for at, (done, text, act, run) in enumerate(steps):
            mark = icon_label("ok" if done else "next", "success" if done else "muted")
            words_ = label(f"{at + 1}  {text}", "muted" if done else "")
            parts = [mark, words_, None]
            lines.append(row(*parts, primary(act, run) if at == due else button(act, run)))
        head = label(_("Three steps to the first benefit"), "section")
        self.setLayout(column(card(head, *lines, spacing=16, margin=24)))


def words(todo: Todo) -> tuple[str, str]:
    """The sentence of a to-do card and the word on its button."""
    tongue, n, name, when = language(), todo.count, todo.name, formats.moment(todo.at)
    match todo.kind:
        case "tickets_overdue":
            text = ntext(tongue, "{n} report should have been answered by now",
                         "{n} reports should have been answered by now", n)  # fmt: skip
            return text, _("Show tickets")
        case "tickets":
            text = ntext(tongue, "{n} report waits for an answer, due {when}",
                         "{n} reports wait for an answer, the next is due {when}", n, when=when)  # fmt: skip
            return text, _("Show tickets")
        case "orders_unknown":
            return _unknown(n), _("Show orders")
        case "orders_failed":
            return ntext(tongue, "{n} order did not work out", "{n} orders did not work out", n), _("Show orders")
        case "top_ups_failed":
            return ntext(tongue, "{n} top-up did not work out", "{n} top-ups did not work out", n), _("Show orders")
        case "stock_short":
            text = ntext(tongue, "{name}: {n} code is missing for open campaigns",
                         "{name}: {n} codes are missing for open campaigns", n, name=name)  # fmt: skip
            return text, _("Order more")
        case "stock_low":
            return ntext(tongue, "{name}: only {n} code left", "{name}: only {n} codes left", n, name=name), _(
                "Order more"
            )
        case "messages_failed":
            text = ntext(tongue, "{name}: {n} message could not be delivered",
                         "{name}: {n} messages could not be delivered", n, name=name)  # fmt: skip
            return text, _("Show recipients")
        case "campaign_closing":
            text = ntext(tongue, "{name} closes at {when}; {n} person has not claimed",
                         "{name} closes at {when}; {n} people have not claimed", n, name=name, when=when)  # fmt: skip
            return text, _("Open campaign")
    return name, _("Open")


def _unknown(n: int) -> str:
    return ntext(
        language(),
        "{n} order has an unknown outcome; it is being checked, do not order again",
        "{n} orders have an unknown outcome; they are being checked, do not order again",
        n,
    )


def start_of_day(now_ms: int) -> int:
    """Midnight of this computer's day, epoch milliseconds."""
    local = datetime.fromtimestamp(now_ms / 1000).astimezone()
    return int(local.replace(hour=0, minute=0, second=0, microsecond=0).timestamp() * 1000)


def _steps(found: Today) -> tuple[bool, bool, bool]:
    return bool(found.people), bool(found.products_on_shelf), bool(found.campaigns)
