"""Ordering stock: what, how many, at what cost, and whether the balance is enough. The order runs in the service."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QComboBox, QSpinBox, QVBoxLayout, QWidget

from welfare_desk.desktop import theme
from welfare_desk.desktop.desk import Desk
from welfare_desk.desktop.formats import money, number
from welfare_desk.desktop.widgets.banner import Banner
from welfare_desk.desktop.widgets.basic import button, card, label, primary, row
from welfare_desk.desktop.widgets.fields import Form
from welfare_desk.i18n import _, error_text, language, ntext
from welfare_desk.queries import stock, suppliers
from welfare_desk.services import purchasing

FIRST = 10


class OrderForm(QWidget):
    """In the drawer; `product` is the key to start with."""

    def __init__(self, desk: Desk, product: str = "") -> None:
        super().__init__()
        self.desk = desk
        self._wanted = product
        self._offers: dict[str, Any] = {}
        self._balances: dict[str, Any] = {}
        self._free: dict[str, int | None] = {}
        self.setWindowTitle(_("Order stock"))
        self.product = QComboBox()
        self.product.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.quantity = QSpinBox()
        self.quantity.setGroupSeparatorShown(True)
        self.quantity.setRange(1, 1)
        self.form = Form()
        self.form.add("product", _("Product"), self.product)
        self.form.add("quantity", _("Quantity"), self.quantity)
        self.limits = label("", "caption", wrap=True)
        self.cost = label("", "section")
        self.sums = label("", "muted", wrap=True)
        self.banner = Banner()
        self.order = primary(_("Order"), self._order)
        self.order.setEnabled(False)
        self.product.currentIndexChanged.connect(self._chose)
        self.quantity.valueChanged.connect(self._sum)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, theme.px(8), 0)
        layout.setSpacing(theme.px(12))
        for part in (self.banner, self.form, self.limits, card(self.cost, self.sums, margin=12)):
            layout.addWidget(part)
        layout.addLayout(row(self.order, button(_("Cancel"), self._cancel), None))
        layout.addStretch(1)
        desk.background.read(suppliers.suppliers, self._show_balances, key="balances")
        desk.background.read(stock.stock, self._show_stock, key="stock")
        desk.background.read(suppliers.offers, self._show_offers, key="offers")

    def _show_balances(self, found: tuple[Any, ...]) -> None:
        self._balances = {supplier.name: supplier for supplier in found}
        self._sum()

    def _show_stock(self, found: tuple[Any, ...]) -> None:
        self._free = {one.product: one.free for one in found}
        self._sum()

    def _show_offers(self, found: tuple[Any, ...]) -> None:
        offers = [one for one in found if one.product and one.on_sale and one.kind != "top_up"]
        offers.sort(key=lambda one: (not one.on_shelf, one.name))
        self._offers = {one.product: one for one in offers}
        self.product.clear()
        for one in offers:
            self.product.addItem(f"{one.name} · {money(one.price_minor, one.currency)} · {one.supplier}", one.product)
        at = self.product.findData(self._wanted)
        self.product.setCurrentIndex(max(0, at))
        if not offers:
            self.banner.say(_("No supplier sells anything that can be kept in stock. Top-ups are ordered when they "
                              "are claimed."), "warn")  # fmt: skip

    def _offer(self) -> Any:
        return self._offers.get(str(self.product.currentData() or ""))

    def _chose(self, _index: int) -> None:
        offer = self._offer()
        if offer is None:
            return
        self.quantity.setRange(offer.min_quantity, offer.max_quantity)
        self.quantity.setValue(max(FIRST, offer.min_quantity))
        left = number(offer.stock) if offer.stock is not None else _("not told")
        self.limits.setText(
            _("{least} to {most} in one order · {left} left at the supplier", least=number(offer.min_quantity),
              most=number(offer.max_quantity), left=left)
        )  # fmt: skip
        self._sum()

    def _sum(self, *_values: object) -> None:
        offer = self._offer()
        if offer is None:
            return
        count = self.quantity.value()
        whole = offer.price_minor * count
        self.cost.setText(money(whole, offer.currency))
        supplier = self._balances.get(offer.supplier)
        balance = supplier.balance_minor if supplier is not None else None
        self.sums.setText(
            _("{price} × {count}. Balance at {supplier}: {balance}. Free in stock now: {free}.",
              price=money(offer.price_minor, offer.currency), count=number(count), supplier=offer.supplier,
              balance=money(balance, offer.currency), free=number(self._free.get(offer.product)))
        )  # fmt: skip
        short = balance is not None and balance < whole
        if short:
            words = _("The balance at {supplier} is not enough for this order.", supplier=offer.supplier)
            self.banner.say(words, "warn")
        else:
            self.banner.say("")
        self.order.setText(
            _("Order {count} for {cost}", count=number(count), cost=money(whole, offer.currency))
        )  # fmt: skip
        self.order.setEnabled(not short)

    def _order(self) -> None:
        self.form.clear_errors()
        self.order.setEnabled(False)
        self.desk.background.write(
            purchasing.request_order, self._ordered, self._refused, product=self._offer().product,
            quantity=self.quantity.value(),
        )  # fmt: skip

    def _ordered(self, _requested: Any) -> None:
        count = self.quantity.value()
        self.desk.open_drawer(None)
        self.desk.changed.emit("orders")
        self.desk.toast(ntext(language(), "{count} is ordered; it appears in stock when it has arrived",
                              "{count} are ordered; they appear in stock when they have arrived", count,
                              count=number(count)))  # fmt: skip

    def _refused(self, error: Exception) -> None:
        self.order.setEnabled(True)
        if not self.form.show_error(error):
            self.banner.say(error_text(language(), error), "bad")

    def _cancel(self) -> None:
        self.desk.open_drawer(None)
