"""The dashboard: one sentence, five numbers, funnel, claim curve, departments and products, alive while it is seen."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QHideEvent, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from welfare_desk.desktop import dashboard_words, dialogs, formats, report_export, theme
from welfare_desk.desktop.dashboard_words import HOUR_MS, Picture, rate_words
from welfare_desk.desktop.desk import Desk
from welfare_desk.desktop.pages.dashboard_filters import Filters
from welfare_desk.desktop.table_model import Column, TableModel
from welfare_desk.desktop.widgets.basic import ElidedLabel, button, label
from welfare_desk.desktop.widgets.charts import Chart, DotChart
from welfare_desk.desktop.widgets.chips import Chips
from welfare_desk.desktop.widgets.empty_state import EmptyState
from welfare_desk.desktop.widgets.kpi import Kpi
from welfare_desk.desktop.widgets.page import Page, scrolled
from welfare_desk.desktop.widgets.record_table import RecordTable
from welfare_desk.i18n import _
from welfare_desk.queries import budgets as budget_queries
from welfare_desk.queries import dashboard as queries
from welfare_desk.queries import settings as settings_queries
from welfare_desk.queries.budgets import BudgetRow
from welfare_desk.queries.dashboard import Dashboard

EVERY_MS = 1000
MONEY_EVERY = 10  # refreshes
MINUTE_MS = 60_000


class DashboardPage(Page):
    """Asks once a second while it is seen; what did not change is not drawn again."""

    NOUNS = ("people", "products", "campaigns", "claims", "settings")

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, _("Dashboard"))
        self._board: Dashboard | None = None
        self._budgets: tuple[BudgetRow, ...] = ()
        self._drawn: tuple[object, ...] = ()
        self._picture: Picture | None = None
        self._company = ""
        self._rounds = 0
        self._build_header()
        self._build_body()
        self._timer = QTimer(self)
        self._timer.setInterval(EVERY_MS)
        self._timer.timeout.connect(self._tick)
        export = QShortcut(QKeySequence("Ctrl+E"), self)
        export.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        export.activated.connect(self.export)

    # ---- building

    def _build_header(self) -> None:
        self.filters = Filters()
        self.filters.changed.connect(self.refresh)
        self.as_table = button(_("Data table"), self._toggle_table, kind="quiet")
        self.as_table.setCheckable(True)
        self.save = button(_("Export"), self.export, icon="export")
        self.save.setToolTip(_("One page as PDF, PNG or Excel (Ctrl+E)"))
        self.header.add(self.filters, self.as_table, self.save)

    def _build_body(self) -> None:
        self.sentence = ElidedLabel("", "section")
        self.tiles = [Kpi(name) for name in dashboard_words.tile_names()]
        self.funnel = Chart(_("Funnel"))
        self.curve = Chart(_("Claims over time"))
        self.departments = DotChart(_("Claim rate by department"))
        self.departments.chosen.connect(self._drill)
        self.campaigns = _table("dashboard-campaigns", _("By campaign"), _claim_columns(_("Campaign")))
        self.campaigns.opened.connect(self._open_campaign)
        self.products = _table("dashboard-products", _("By product"), _claim_columns(_("Product")))
        self.figures = _table("dashboard-figures", _("Data table"), _figure_columns())
        self._views = QStackedWidget()
        self._views.addWidget(self._charts())
        self._views.addWidget(self.figures)
        full = QWidget()
        whole = QVBoxLayout(full)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(theme.px(12))
        whole.addWidget(self.sentence)
        whole.addLayout(_side_by_side(*self.tiles))
        whole.addWidget(self._views, 1)
        self._empty = EmptyState("dashboard", _("Figures appear here with the first campaign."), _("New campaign"),
                                 partial(self.desk.go, "campaign_wizard"))  # fmt: skip
        self._stack = QStackedWidget()
        area = scrolled(full)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)  # at 150 % of a small screen
        self._stack.addWidget(area)
        self._stack.addWidget(self._empty)
        self.body.addWidget(self._stack, 1)

    def _charts(self) -> QWidget:
        made = QWidget()
        rows = QVBoxLayout(made)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(theme.px(12))
        departments = _framed(_("Claim rate by department"), scrolled(self.departments))
        self.funnel.setMinimumHeight(theme.px(112))
        self.campaigns.setMinimumHeight(theme.px(140))
        upper = (_framed(_("Funnel"), self.funnel), _framed(_("Claims over time"), self.curve))
        rows.addLayout(_side_by_side(*upper), 8)
        rows.addLayout(_side_by_side(departments, self._tables()), 10)
        return made

    def _tables(self) -> QFrame:
        """Campaigns or products, chosen by chips."""
        views = QStackedWidget()
        views.addWidget(self.campaigns)
        views.addWidget(self.products)
        self.table_chips = Chips([("campaigns", _("By campaign")), ("products", _("By product"))], "campaigns")
        self.table_chips.chosen.connect(lambda key: views.setCurrentIndex(int(key == "products")))
        made = QFrame()
        made.setProperty("card", "true")
        whole = QVBoxLayout(made)
        whole.setContentsMargins(*(theme.px(edge) for edge in (14, 10, 14, 10)))
        whole.setSpacing(theme.px(6))
        whole.addWidget(self.table_chips)
        whole.addWidget(views, 1)
        return made

    # ---- asking

    def refresh(self) -> None:
        """Asks for figures, filters and money."""
        read = self.desk.background.read
        read(queries.choices, self.filters.show_choices, key="choices")
        read(settings_queries.shared, self._show_settings, key="settings")
        read(budget_queries.budgets, self._show_money, key="money", campaign_id=self.filters.scope().campaign_id)
        self._ask()

    def show_target(self, **target: object) -> None:
        """`campaign_id` shows one campaign."""
        campaign = target.get("campaign_id")
        if isinstance(campaign, int):
            self.filters.choose_campaign(campaign)

    def showEvent(self, event: QShowEvent) -> None:
        """Lives while it is seen."""
        super().showEvent(event)
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Asks nothing while nobody looks."""
        self._timer.stop()
        super().hideEvent(event)

    def _tick(self) -> None:
        self._rounds += 1
        if self._rounds % MONEY_EVERY == 0:
            scope = self.filters.scope()
            self.desk.background.read(
                budget_queries.budgets, self._show_money, key="money", campaign_id=scope.campaign_id
            )
        self._ask()

    def _ask(self) -> None:
        now = self.desk.ctx.clock.now()
        self.desk.background.read(queries.dashboard, self._show, key="figures", scope=self.filters.scope(), now=now)

    # ---- showing

    def _show_settings(self, shared: dict[str, object]) -> None:
        self._company = str(shared.get("company_name") or "")

    def _show_money(self, rows: tuple[BudgetRow, ...]) -> None:
        self._budgets = rows
        self._draw()

    def _show(self, board: Dashboard) -> None:
        self._board = board
        everything = self.filters.is_everything()
        self._stack.setCurrentIndex(1 if everything and not board.total.grants else 0)
        for widget in (self.filters, self.as_table, self.save):
            widget.setVisible(bool(board.total.grants) or not everything)
        self.header.set_subtitle(self._as_of())
        self._draw()

    def _as_of(self) -> str:
        return _("As of {time}", time=formats.moment(self.desk.ctx.clock.now(), seconds=True))

    def _draw(self) -> None:
        """Draws anew only what changed; the curve grows once a minute."""
        if self._board is None:
            return
        now = self.desk.ctx.clock.now()
        state = (self._board, self._budgets, now // MINUTE_MS, self.filters.title())
        if state == self._drawn:
            return
        self._drawn = state
        points = self._board.curve
        first, last = (points[0].at, points[-1].at) if points else (now, now)
        until = min(now, last + max(HOUR_MS, (last - first) // 4)) if self._board.running else last
        found = dashboard_words.picture(
            self._board, self._budgets, title=self.filters.title(), now=now, since=first, until=until
        )
        self._picture = found
        self._paint(found)

    def _paint(self, found: Picture) -> None:
        self.sentence.setText(found.sentence)
        for widget, tile in zip(self.tiles, found.tiles, strict=True):
            widget.show_value(tile.value, tile.note)
        self.funnel.show_funnel(found.bars)
        self.curve.show_line(found.line)
        self.departments.show_dots(found.dots, found.overall)
        _fill(self.campaigns, found.campaigns)
        _fill(self.products, found.products)
        _fill(self.figures, tuple((*row[:5], rate_words(row[4], row[3])) for row in found.table))

    # ---- acting

    def _drill(self, at: int) -> None:
        """A click on a department goes one level down, where there is one."""
        if self._board is not None and at < len(self._board.departments):
            chosen = self._board.departments[at]
            if chosen.path and chosen.deeper:
                self.filters.choose_department(chosen.path)

    def _open_campaign(self, row: Sequence[object]) -> None:
        self.show_target(campaign_id=row[-1])

    def _toggle_table(self) -> None:
        table = self.as_table.isChecked()
        self.as_table.setText(_("Charts") if table else _("Data table"))
        self._views.setCurrentIndex(int(table))

    def export(self) -> None:
        """Asks where to save and draws the page in the background."""
        if self._picture is None:
            return
        path = dialogs.ask_save(self, _("Export dashboard"), _("dashboard") + ".pdf",
                                "PDF (*.pdf);;PNG (*.png);;Excel (*.xlsx)")  # fmt: skip
        if path is not None:
            self.save_to(path)

    def save_to(self, path: Path) -> None:
        """Saves what is shown; the ending chooses PDF, PNG or xlsx."""
        self.desk.background.call(
            report_export.save,
            self._saved,
            path=path,
            picture=self._picture,
            company=self._company,
            as_of=self._as_of(),
        )

    def _saved(self, path: Path) -> None:
        self.desk.toast(_("Saved as {name}", name=path.name))


def _framed(title: str, inner: QWidget) -> QFrame:
    """A card with its heading above what it holds."""
    made = QFrame()
    made.setProperty("card", "true")
    whole = QVBoxLayout(made)
    whole.setContentsMargins(*(theme.px(edge) for edge in (14, 10, 14, 10)))
    whole.setSpacing(theme.px(6))
    whole.addWidget(label(title, "strong"))
    whole.addWidget(inner, 1)
    return made


def _side_by_side(*widgets: QWidget) -> QHBoxLayout:
    made = QHBoxLayout()
    made.setSpacing(theme.px(12))
    for widget in widgets:
        made.addWidget(widget, 1)
    return made


def _claim_columns(first: str) -> tuple[Column, ...]:
    heads = (("name", first, 170), ("grants", _("Grants"), 76), ("reached", _("Reached"), 86),
             ("claimed", _("Claims"), 76), ("rate", _("Claim rate"), 90))  # fmt: skip
    return tuple(Column(key, title, width, number=key != "name") for key, title, width in heads)


def _figure_columns() -> tuple[Column, ...]:
    counts = (("grants", _("Grants")), ("reached", _("Reached")), ("claimed", _("Claims")))
    return (
        Column("kind", _("Kind"), 110),
        Column("name", _("Item"), 320),
        *(Column(key, title, 110, show=formats.number, number=True) for key, title in counts),
        Column("rate", _("Claim rate"), 120, number=True),
    )


def _table(name: str, says: str, columns: tuple[Column, ...]) -> RecordTable:
    return RecordTable(TableModel(columns), name, says)


def _fill(table: RecordTable, rows: tuple[tuple[object, ...], ...]) -> None:
    model = table.model()
    if isinstance(model, TableModel) and [tuple(row) for row in model.rows] != list(rows):
        model.replace(rows)
