"""Step 1 of a campaign: what is given, how many of it, and what the campaign is called."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QGridLayout,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from welfare_desk.desktop import theme
from welfare_desk.desktop.desk import Desk
from welfare_desk.desktop.formats import money, number
from welfare_desk.desktop.pages.words import kind_word
from welfare_desk.desktop.widgets.basic import ElidedLabel, badge, clear, column, holder, label, row
from welfare_desk.desktop.widgets.empty_state import EmptyState
from welfare_desk.desktop.widgets.page import scrolled
from welfare_desk.desktop.widgets.search_box import SearchBox
from welfare_desk.i18n import _, language, ntext

ACROSS = 3
MOST = 60


class WhatStep(QWidget):
    """One card per product on the shelf."""

    changed = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self._products: tuple[Any, ...] = ()
        self._wanted = ""
        self._named = False
        self.search = SearchBox(_("Search the shelf"))
        self.search.searched.connect(self._draw)
        self.cards = QButtonGroup(self)
        self.cards.setExclusive(True)
        self.cards.buttonClicked.connect(self._chose)
        inner = QWidget()
        self._grid = QGridLayout(inner)
        self._grid.setContentsMargins(0, 0, theme.px(8), 0)
        self._grid.setSpacing(theme.px(12))
        self._empty = EmptyState(
            "shelf", _("Nothing is on the shelf yet. Put a product there first."), _("Go to the shelf"), self._shelf
        )
        self.views = QStackedWidget()
        self.views.addWidget(scrolled(inner))
        self.views.addWidget(self._empty)
        self.quantity = QSpinBox()
        self.quantity.setRange(1, 1000)
        self.quantity.setAccessibleName(_("Units for each person"))
        self.quantity.setFixedWidth(theme.px(96))
        self.quantity.valueChanged.connect(self.changed)
        self.name = QLineEdit()
        self.name.setMaxLength(120)
        self.name.setAccessibleName(_("Name of the campaign"))
        self.name.textEdited.connect(self._typed)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.px(12))
        layout.addLayout(row(self.search, None))
        layout.addWidget(self.views, 1)
        layout.addWidget(self._foot())

    def _foot(self) -> QWidget:
        named = column(label(_("Name of the campaign"), "strong"), self.name, spacing=4)
        counted = column(label(_("Units for each person"), "strong"), self.quantity, spacing=4)
        self.foot = holder(row(named, counted, spacing=16))
        return self.foot

    def show_products(self, products: tuple[Any, ...]) -> None:
        """Shows what is on the shelf."""
        self._products = products
        self._draw()

    def choose(self, key: str) -> None:
        """Chooses a product by its key."""
        self._wanted = key
        self._draw()

    def forget(self) -> None:
        """Starts anew."""
        self._wanted, self._named = "", False
        self.name.clear()
        self.quantity.setValue(1)
        self._draw()

    def product(self) -> Any:
        """The chosen product, or None."""
        return next((found for found in self._products if found.product == self._wanted), None)

    def document(self) -> dict[str, Any]:
        """This step's part of the plan."""
        return {"product": self._wanted, "quantity": self.quantity.value(), "name": self.name.text().strip()}

    def _draw(self, _text: str = "") -> None:
        for made in self.cards.buttons():
            self.cards.removeButton(made)
        clear(self._grid)
        wanted = self.search.text().strip().lower()
        found = [one for one in self._products if wanted in one.name.lower()][:MOST]
        for at, product in enumerate(found):
            card = product_card(product)
            card.setChecked(product.product == self._wanted)
            self.cards.addButton(card)
            self._grid.addWidget(card, at // ACROSS, at % ACROSS)
        for at in range(ACROSS):
            self._grid.setColumnStretch(at, 1)
        self._grid.setRowStretch(len(found) // ACROSS + 1, 1)
        self.views.setCurrentIndex(0 if self._products else 1)
        self.search.setVisible(len(self._products) > 2 * ACROSS)
        self.foot.setVisible(bool(self._products))
        self._name()

    def _chose(self, card: QPushButton) -> None:
        self._wanted = str(card.property("product"))
        self._name()
        self.changed.emit()

    def _name(self) -> None:
        product = self.product()
        if product is not None and not self._named:
            self.name.setText(product.name)

    def _typed(self, text: str) -> None:
        self._named = bool(text.strip())
        self.changed.emit()

    def _shelf(self) -> None:
        self.desk.go("shelf")


def product_card(product: Any) -> QPushButton:
    """A product as a card that can be chosen: name, kind, price and what is free."""
    made = _Card()
    made.setProperty("kind", "card")
    made.setProperty("product", product.product)
    made.setCheckable(True)
    made.setAutoDefault(False)
    price = money(product.price_minor, product.currency)
    stock = stock_words(product)
    made.setAccessibleName(f"{product.name}, {kind_word(product.kind)}, {price}, {stock}")
    inside = column(
        ElidedLabel(product.name, "strong"),
        row(badge(kind_word(product.kind), "info"), None, label(price, "strong")),
        ElidedLabel(stock, "caption"),
        spacing=6,
    )
    inside.setContentsMargins(*(theme.px(edge) for edge in (14, 10, 14, 10)))
    made.setLayout(inside)
    return made


class _Card(QPushButton):
    """A button as tall as what is laid out in it."""

    def sizeHint(self) -> QSize:
        """What the layout needs."""
        inside = self.layout()
        return inside.sizeHint() if inside is not None else super().sizeHint()


def stock_words(product: Any) -> str:
    """What is free of a product, in words; top-ups are ordered when they are claimed, bundles name their parts."""
    if product.parts:
        return " + ".join(part.name + (f" × {part.quantity}" if part.quantity > 1 else "") for part in product.parts)
    free = product.stock.free if product.stock is not None else None
    if free is None:
        return _("Ordered when it is claimed")
    return ntext(language(), "{count} free", "{count} free", free, count=number(free))
