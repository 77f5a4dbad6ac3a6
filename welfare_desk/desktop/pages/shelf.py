"""The shelf: what we can give, what it costs, how much of it is free, and whether campaigns may use it."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QStackedWidget

from welfare_desk.desktop import theme
from welfare_desk.desktop.desk import Desk
from welfare_desk.desktop.formats import money, number
from welfare_desk.desktop.pages.bundle_form import BundleForm
from welfare_desk.desktop.pages.product_editor import ProductEditor
from welfare_desk.desktop.pages.supplier_form import SupplierForm
from welfare_desk.desktop.pages.suppliers_drawer import SuppliersDrawer
from welfare_desk.desktop.pages.words import kind_word
from welfare_desk.desktop.table_model import Column, TableModel
from welfare_desk.desktop.widgets.basic import button, holder, primary, row
from welfare_desk.desktop.widgets.chips import Chips
from welfare_desk.desktop.widgets.empty_state import EmptyState
from welfare_desk.desktop.widgets.page import Page
from welfare_desk.desktop.widgets.record_table import RecordTable
from welfare_desk.desktop.widgets.search_box import SearchBox
from welfare_desk.desktop.widgets.switch_cell import SwitchCell
from welfare_desk.i18n import _
from welfare_desk.queries import shelf, suppliers
from welfare_desk.services import shelf as shelf_service

ON_SHELF = 0


def switch_text(on: bool) -> str:
    """The switch in words, for copying and for screen readers."""
    return _("On the shelf") if on else _("Off the shelf")


def columns() -> tuple[Column, ...]:
    """What the list shows of a product."""
    return (
        Column("on", _("Shelf"), 72, show=switch_text),
        Column("name", _("Product"), 230),
        Column("kind", _("Kind"), 100, show=kind_word, tone=_kind_tone),
        Column("price", _("Price"), 100, number=True),
        Column("free", _("Free"), 90, number=True),
        Column("reserved", _("Reserved"), 90, number=True),
        Column("issued", _("Issued"), 90, number=True),
        Column("supplier", _("Supplier"), 130),
        Column("key", _("Product key"), 150, mono=True),
    )


def _kind_tone(_kind: str) -> str:
    return "info"


class ShelfPage(Page):
    """Products with their stock; a click on the switch puts one on the shelf or takes it off."""

    NOUNS = ("products", "stock", "suppliers", "orders", "campaigns", "claims")

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, _("Shelf"), _("What can be given, and how much of it is free"))
        self.suppliers = button(_("Suppliers"), self._suppliers, icon="globe")
        self.bundle = button(_("New bundle"), self._bundle, icon="plus")
        self.connect_ = primary(_("Connect a supplier"), self._connect_supplier, icon="link")
        self.order = primary(_("Order stock"), self._order, icon="stock")
        self.header.add(self.suppliers, self.bundle, self.connect_, self.order)
        for action in (self.suppliers, self.bundle, self.connect_, self.order):
            action.hide()  # until it is known which of them make sense
        self._found: tuple[Any, ...] = ()
        self._has_supplier: bool | None = None
        self._target = ""
        self.model = TableModel(columns())
        self.table = RecordTable(self.model, "shelf", _("Products"), desk.preferences)
        self.table.setItemDelegateForColumn(ON_SHELF, SwitchCell(self.table))
        self.table.verticalHeader().setDefaultSectionSize(theme.px(36))
        self.table.clicked.connect(self._clicked)
        self.table.opened.connect(self._opened)
        self.search = SearchBox(_("Product, key or supplier"))
        self.search.searched.connect(self._searched)
        self.chips = Chips([("", _("All")), ("on", _("On the shelf")), ("off", _("Off the shelf"))])
        self.chips.chosen.connect(self._searched)
        self._filters = holder(row(self.search, self.chips, None, spacing=12))
        self._build_views()
        inside = Qt.ShortcutContext.WidgetWithChildrenShortcut
        QShortcut(QKeySequence.StandardKey.Find, self, context=inside).activated.connect(self.search.setFocus)
        space = QShortcut(QKeySequence(Qt.Key.Key_Space), self.table, context=Qt.ShortcutContext.WidgetShortcut)
        space.activated.connect(self._switch_selected)

    def _build_views(self) -> None:
        self._none = EmptyState(
            "shelf", _("Connect a supplier, and its catalogue appears here, ready to be put on the shelf."),
            _("Connect a supplier"), self._connect_supplier,
        )  # fmt: skip
        self._no_catalogue = EmptyState(
            "shelf", _("A supplier is connected. Fetch its catalogue to see what it sells."), _("Fetch the catalogue"),
            self._suppliers,
        )  # fmt: skip
        self._nothing = EmptyState("search", _("No product matches."), _("Clear the filter"), self._clear)
        self.views = QStackedWidget()
        for view in (self.table, self._none, self._no_catalogue, self._nothing):
            self.views.addWidget(view)
        self.body.addWidget(self._filters)
        self.body.addWidget(self.views, 1)

    def refresh(self) -> None:
        """Loads all products with their stock; filtering them needs no further question."""
        self.desk.background.read(suppliers.suppliers, self._show_suppliers, key="suppliers")
        self.desk.background.read(shelf.products, self._show, key="list")

    def show_target(self, *, product: str = "", connect: bool = False, **_target: Any) -> None:
        """Opens one product by its key, or the form that connects a supplier."""
        if connect:
            self._connect_supplier()
        self._target = product
        self._open_target()

    def _show_suppliers(self, found: tuple[Any, ...]) -> None:
        self._has_supplier = bool(found)
        self._pick_view()

    def _show(self, found: tuple[Any, ...]) -> None:
        self._found = found
        on = sum(product.on_shelf for product in found)
        for key, count in (("", len(found)), ("on", on), ("off", len(found) - on)):
            self.chips.set_count(key, count)
        self._filter()
        self._open_target()

    def _searched(self, _text: str) -> None:
        self._filter()

    def _filter(self) -> None:
        wanted, text = self.chips.value(), self.search.text().strip().lower()
        rows = [
            _row(found)
            for found in self._found
            if (not wanted or found.on_shelf == (wanted == "on"))
            and (not text or text in f"{found.name} {found.product} {found.supplier or ''}".lower())
        ]
        chosen = self.table.selected()
        self.model.replace(rows)
        if chosen:
            self.table.select_row(next((at for at, one in enumerate(rows) if one[-1].id == chosen[0][-1].id), -1))
        self._pick_view()

    def _pick_view(self) -> None:
        self._filters.setVisible(bool(self._found))
        self.connect_.setVisible(self._has_supplier is False and bool(self._found))
        self.order.setVisible(bool(self._found) and self._has_supplier is not False)
        self.suppliers.setVisible(bool(self._has_supplier))
        self.bundle.setVisible(bool(self._found))
        empty = self._no_catalogue if self._has_supplier else self._none
        view = self.table if self.model.rows else self._nothing if self._found else empty
        self.views.setCurrentWidget(view)

    def _open_target(self) -> None:
        product = next((found for found in self._found if found.product == self._target), None)
        if product is not None and self._target:
            self._target = ""
            self.desk.open_drawer(ProductEditor(self.desk, product))

    def _clear(self) -> None:
        self.search.clear()
        self.chips.choose("")
        self._filter()

    def _clicked(self, index: QModelIndex) -> None:
        if index.column() == ON_SHELF:
            self._switch(self.model.row(index)[-1])

    def _switch_selected(self) -> None:
        for found in self.table.selected():
            self._switch(found[-1])

    def _switch(self, product: Any) -> None:
        self.desk.background.write(
            shelf_service.set_on_shelf, self._switched, product=product.product, on=not product.on_shelf
        )

    def _switched(self, changed: Any) -> None:
        text = _("{name} is on the shelf", name=changed.name) if changed.on_shelf else _(
            "{name} is off the shelf", name=changed.name)  # fmt: skip
        self.desk.toast(text)
        self.desk.changed.emit("products")

    def _opened(self, found: Any) -> None:
        self.desk.open_drawer(ProductEditor(self.desk, found[-1]))

    def _suppliers(self) -> None:
        self.desk.open_drawer(SuppliersDrawer(self.desk))

    def _connect_supplier(self) -> None:
        self.desk.open_drawer(SupplierForm(self.desk))

    def _bundle(self) -> None:
        self.desk.open_drawer(BundleForm(self.desk, self._found))

    def _order(self) -> None:
        chosen = self.table.selected()
        self.desk.go("purchasing", product=chosen[0][-1].product if chosen else "", ask=True)


def _row(found: Any) -> tuple[Any, ...]:
    stock = found.stock
    counts = (stock.free, stock.reserved, stock.issued) if stock is not None else (None, None, None)
    return (
        found.on_shelf, found.name, found.kind, money(found.price_minor, found.currency), *map(number, counts),
        found.supplier or "", found.product, found,
    )  # fmt: skip
