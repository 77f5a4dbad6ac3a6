"""Orders and stock: what was bought, what arrived, what is left. No code is ever shown here."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QStackedWidget

from welfare_desk.desktop.desk import Desk
from welfare_desk.desktop.formats import moment, money, number
from welfare_desk.desktop.pages.order_form import OrderForm
from welfare_desk.desktop.pages.person_drawer import PersonDrawer
from welfare_desk.desktop.pages.stock_tables import (
    batch_columns,
    batch_row,
    stock_columns,
    stock_row,
    top_up_columns,
    top_up_row,
)
from welfare_desk.desktop.pages.words import order_state, word_text, word_tone
from welfare_desk.desktop.table_model import Column, TableModel
from welfare_desk.desktop.widgets.banner import Banner
from welfare_desk.desktop.widgets.basic import primary
from welfare_desk.desktop.widgets.chips import Chips
from welfare_desk.desktop.widgets.empty_state import EmptyState
from welfare_desk.desktop.widgets.page import Page
from welfare_desk.desktop.widgets.record_table import RecordTable
from welfare_desk.errors import WelfareError
from welfare_desk.i18n import _, error_text, language, ntext
from welfare_desk.queries import fulfilments, purchasing, shelf, stock

LOOK_MS = 1500
SETTLED = purchasing.SETTLED


def order_columns() -> tuple[Column, ...]:
    """What the list shows of an order."""
    return (
        Column("at", _("Ordered at"), 140, show=moment),
        Column("name", _("Product"), 150),
        Column("supplier", _("Supplier"), 90),
        Column("quantity", _("Ordered"), 80, show=number, number=True),
        Column("received", _("Arrived"), 75, show=number, number=True),
        Column("total", _("Paid"), 100, number=True),
        Column("state", _("State"), 150, show=word_text, tone=word_tone),
        Column("trouble", _("Note"), 130),
        Column("order", _("Order number"), 190, mono=True),
    )


class PurchasingPage(Page):
    """Three views of the same goods: orders, stock by product, batches."""

    NOUNS = ("orders", "stock", "products", "claims", "campaigns")

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, _("Orders and stock"), _("What was bought, what arrived, what is left"))
        self.order = primary(_("Order stock"), self.ask_order, icon="stock")
        self.header.add(self.order)
        self.order.hide()  # the empty view has its own
        self._names: dict[str, tuple[str, str]] = {}
        self._arrived: int | None = None
        self.banner = Banner()
        self.tabs = Chips([
            ("orders", _("Orders")), ("stock", _("Stock")), ("batches", _("Batches")), ("top_ups", _("Top-ups")),
        ])  # fmt: skip
        self.tabs.chosen.connect(self._pick)
        self.models = {
            "orders": TableModel(order_columns()), "stock": TableModel(stock_columns()),
            "batches": TableModel(batch_columns()), "top_ups": TableModel(top_up_columns()),
        }  # fmt: skip
        self.tables = {
            "orders": RecordTable(self.models["orders"], "orders", _("Orders"), desk.preferences),
            "stock": RecordTable(self.models["stock"], "stock", _("Stock"), desk.preferences),
            "batches": RecordTable(self.models["batches"], "batches", _("Batches"), desk.preferences),
            "top_ups": RecordTable(self.models["top_ups"], "top_ups", _("Top-ups"), desk.preferences),
        }
        self.tables["stock"].opened.connect(self._to_product)
        self.tables["top_ups"].opened.connect(self._to_person)
        self.empty = EmptyState(
            "stock", _("Order codes from a supplier: they arrive sealed and are counted here."), _("Order stock"),
            self.ask_order,
        )  # fmt: skip
        self.none = EmptyState("phone", _("Top-ups are ordered when somebody claims one; they are followed here."))
        self.views = QStackedWidget()
        for view in (*self.tables.values(), self.empty, self.none):
            self.views.addWidget(view)
        self.body.addWidget(self.banner)
        self.body.addWidget(self.tabs)
        self.body.addWidget(self.views, 1)
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self._look)

    def refresh(self) -> None:
        """Loads orders, stock, batches and top-ups again."""
        self._look()
        read = self.desk.background.read
        read(shelf.products, self._show_products, key="products")
        read(stock.batches, self._show_batches, key="batches")
        read(fulfilments.top_ups, self._show_top_ups, key="top_ups")

    def _look(self) -> None:
        self.desk.background.read(purchasing.orders, self._show_orders, key="orders")

    def show_target(
        self, *, product: str = "", order: str = "", ask: bool = False, tab: str = "", **_target: Any
    ) -> None:
        """Opens the order form for a product, marks one order, or shows a tab."""
        if tab in self.tables:
            self.tabs.choose(tab)
            self._pick(tab)
        if ask or product:
            self.ask_order(product)
        elif order:
            self.tabs.choose("orders")
            self._pick("orders")
            self.tables["orders"].select_row(self.models["orders"].find(order, -2))

    def ask_order(self, product: str = "") -> None:
        """Opens the order form."""
        self.desk.open_drawer(OrderForm(self.desk, product))

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody looks: nothing is asked."""
        super().hideEvent(event)
        self._timer.stop()

    def _show_products(self, found: tuple[Any, ...]) -> None:
        rows = [stock_row(one) for one in found if one.stock is not None and one.stock.in_stock is not None]
        rows = [one for one in rows if any(one[2:7])] or rows
        self.models["stock"].replace(rows)
        self.tabs.set_count("stock", len(rows))
        self._pick(self.tabs.value())

    def _show_orders(self, found: tuple[Any, ...]) -> None:
        arrived = sum(one.received for one in found)
        if arrived != self._arrived and self._arrived is not None:
            self.desk.changed.emit("stock")  # codes came: whoever shows stock counts again
        self._arrived = arrived
        self.models["orders"].replace([_order_row(one) for one in found])
        self.tabs.set_count("orders", len(found))
        unknown = sum(one.state == "unknown" for one in found)
        if unknown:
            self.banner.say(
                ntext(language(), "{n} order is unknown: the supplier is being asked, nothing is ordered twice.",
                      "{n} orders are unknown: the supplier is being asked, nothing is ordered twice.", unknown),
                "warn",
            )  # fmt: skip
        else:
            self.banner.say("")
        if any(one.state not in SETTLED for one in found) and self.isVisible():
            self._timer.start()
        else:
            self._timer.stop()
        self._pick(self.tabs.value())

    def _show_batches(self, found: tuple[Any, ...]) -> None:
        self.models["batches"].replace([batch_row(one) for one in found])
        self.tabs.set_count("batches", len(found))
        self._pick(self.tabs.value())

    def _show_top_ups(self, found: tuple[Any, ...]) -> None:
        self.models["top_ups"].replace([top_up_row(one) for one in found])
        self.tabs.set_count("top_ups", len(found))
        self._pick(self.tabs.value())

    def _pick(self, tab: str) -> None:
        filled = bool(self.models[tab].rows)
        empty = self.none if tab == "top_ups" else self.empty
        self.order.setVisible(filled or empty is self.none)
        self.views.setCurrentWidget(self.tables[tab] if filled else empty)

    def _to_person(self, found: Any) -> None:
        self.desk.open_drawer(PersonDrawer(self.desk, found[-1]))

    def _to_product(self, found: Any) -> None:
        self.desk.go("shelf", product=found[-1])


def _order_row(found: Any) -> tuple[Any, ...]:
    note = error_text(language(), WelfareError(found.trouble)) if found.trouble else ""
    return (
        found.created_at, found.name, found.supplier or "", found.quantity, found.received,
        money(found.total_minor, found.currency), order_state(found.state), note, found.order, found.id,
    )  # fmt: skip
