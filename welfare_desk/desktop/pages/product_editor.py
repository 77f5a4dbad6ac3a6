"""One product in the drawer: what it is, its stock, its name and how it is used."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QGridLayout, QPlainTextEdit, QVBoxLayout, QWidget

from welfare_desk.desktop import theme
from welfare_desk.desktop.desk import Desk
from welfare_desk.desktop.formats import money, number
from welfare_desk.desktop.pages.words import kind_word
from welfare_desk.desktop.widgets.banner import Banner
from welfare_desk.desktop.widgets.basic import badge, button, label, primary, row, rule
from welfare_desk.desktop.widgets.fields import Form
from welfare_desk.i18n import _, error_text, language
from welfare_desk.services import shelf

UNSTOCKED = ("top_up", "bundle")


class ProductEditor(QWidget):
    """Facts above, the two things HR may change below."""

    def __init__(self, desk: Desk, product: Any) -> None:
        super().__init__()
        self.desk = desk
        self.product = product
        self.setWindowTitle(product.name)
        self.banner = Banner()
        self.form = Form()
        self.form.add_line("name", _("Product name"), product.name, hint=_("As people see it on the claim page"))
        how_to = QPlainTextEdit(product.how_to)
        how_to.setMaximumHeight(theme.px(140))
        how_to.setTabChangesFocus(True)
        self.form.add("how_to", _("How to use it"), how_to, hint=_("Shown below the code, one step a line"))
        self.save = primary(_("Save"), self._save)
        self.switch = button(_("Take off the shelf") if product.on_shelf else _("Put on the shelf"), self._switch)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, theme.px(8), 0)
        layout.setSpacing(theme.px(12))
        on = (_("On the shelf"), "ok") if product.on_shelf else (_("Off the shelf"), "plain")
        layout.addLayout(row(badge(kind_word(product.kind), "info"), badge(*on), None))
        layout.addWidget(self._facts())
        layout.addLayout(row(self.switch, None))
        layout.addLayout(row(*self._ways(), None))
        layout.addWidget(rule())
        layout.addWidget(self.banner)
        layout.addWidget(self.form)
        layout.addLayout(row(self.save, button(_("Cancel"), self._cancel), None))
        layout.addStretch(1)

    def _ways(self) -> list[QWidget]:
        ways: list[QWidget] = []
        if self.product.kind not in UNSTOCKED and self.product.supplier:
            ways.append(button(_("Order stock"), self._order, icon="stock"))
        if self.product.on_shelf:
            ways.append(button(_("Start a campaign"), self._give, icon="campaign"))
        return ways

    def _facts(self) -> QWidget:
        product, stock = self.product, self.product.stock
        facts = [(_("Price"), money(product.price_minor, product.currency)), (_("Supplier"), product.supplier or "–")]
        if product.kind not in UNSTOCKED and stock is not None:
            facts += [
                (_("Free"), number(stock.free)), (_("Reserved"), number(stock.reserved)),
                (_("Issued"), number(stock.issued)), (_("Expired"), number(stock.expired)),
            ]  # fmt: skip
        elif product.kind == "top_up":
            facts.append((_("Stock"), _("Ordered when it is claimed")))
        facts += [(_("Part"), f"{part.name} × {part.quantity}") for part in product.parts]
        facts.append((_("Product key"), product.product))
        inner = QWidget()
        grid = QGridLayout(inner)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(theme.px(16))
        grid.setVerticalSpacing(theme.px(4))
        for at, (name, value) in enumerate(facts):
            grid.addWidget(label(name, "muted"), at, 0)
            grid.addWidget(label(value, wrap=True, selectable=True), at, 1)
        grid.setColumnStretch(1, 1)
        return inner

    def _save(self) -> None:
        self.form.clear_errors()
        self.save.setEnabled(False)
        values = self.form.values()
        self.desk.background.write(
            shelf.edit_product, self._saved, self._refused, product=self.product.product, name=values["name"],
            how_to=values["how_to"],
        )  # fmt: skip

    def _switch(self) -> None:
        self.desk.background.write(
            shelf.set_on_shelf, self._saved, self._refused, product=self.product.product,
            on=not self.product.on_shelf,
        )  # fmt: skip

    def _saved(self, changed: Any) -> None:
        self.desk.open_drawer(None)
        self.desk.changed.emit("products")
        self.desk.toast(_("{name} is saved", name=changed.name))

    def _refused(self, error: Exception) -> None:
        self.save.setEnabled(True)
        if not self.form.show_error(error):
            self.banner.say(error_text(language(), error), "bad")

    def _order(self) -> None:
        self.desk.go("purchasing", product=self.product.product, ask=True)

    def _give(self) -> None:
        self.desk.go("campaign_wizard", product=self.product.product)

    def _cancel(self) -> None:
        self.desk.open_drawer(None)
