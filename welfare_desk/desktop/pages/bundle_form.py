"""A bundle of fixed parts: one claim, several things."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QComboBox, QHBoxLayout, QSpinBox, QVBoxLayout, QWidget

from welfare_desk.desktop import theme
from welfare_desk.desktop.desk import Desk
from welfare_desk.desktop.formats import money
from welfare_desk.desktop.pages.words import kind_word
from welfare_desk.desktop.widgets.banner import Banner
from welfare_desk.desktop.widgets.basic import button, icon_button, label, primary, row
from welfare_desk.desktop.widgets.fields import Form
from welfare_desk.i18n import _, error_text, language
from welfare_desk.services import shelf

MOST_UNITS = 20


class BundleForm(QWidget):
    """A name and at least two parts; the price is their sum."""

    def __init__(self, desk: Desk, products: tuple[Any, ...]) -> None:
        super().__init__()
        self.desk = desk
        self._products = {found.product: found for found in products if found.kind != "bundle" and found.on_shelf}
        self.parts: list[tuple[QWidget, QComboBox, QSpinBox]] = []
        self.setWindowTitle(_("New bundle"))
        self.form = Form()
        self.form.add_line("name", _("Product name"), hint=_("As people see it on the claim page"))
        self._rows = QVBoxLayout()
        self._rows.setSpacing(theme.px(8))
        self.price = label("", "strong")
        self.banner = Banner()
        self.save = primary(_("Save and put on the shelf"), self._save)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, theme.px(8), 0)
        layout.setSpacing(theme.px(12))
        layout.addWidget(self.banner)
        layout.addWidget(self.form)
        layout.addWidget(label(_("Parts"), "strong"))
        layout.addLayout(self._rows)
        layout.addLayout(row(button(_("Add a part"), self.add_part, icon="plus"), None, self.price))
        layout.addLayout(row(self.save, button(_("Cancel"), self._cancel), None))
        layout.addStretch(1)
        if self._products:
            self.add_part()
            self.add_part()
        else:
            self.save.setEnabled(False)
            self.banner.say(_("Put the parts on the shelf first."), "warn")

    def add_part(self) -> None:
        """Adds a row for one more part; it starts with a product that is not in the bundle yet."""
        used = {box.currentData() for _line, box, _count in self.parts}
        box = QComboBox()
        box.setAccessibleName(_("Part"))
        box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        for key, found in self._products.items():
            box.addItem(f"{found.name} · {kind_word(found.kind)}", key)
        box.setCurrentIndex(next((at for at in range(box.count()) if box.itemData(at) not in used), 0))
        count = QSpinBox()
        count.setRange(1, MOST_UNITS)
        count.setAccessibleName(_("Quantity"))
        count.setFixedWidth(theme.px(72))
        line = QWidget()
        inside = QHBoxLayout(line)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(theme.px(8))
        inside.addWidget(box, 1)
        inside.addWidget(count)
        inside.addWidget(icon_button("close", _("Leave this part out"), lambda: self._remove(line)))
        self._rows.addWidget(line)
        self.parts.append((line, box, count))
        box.currentIndexChanged.connect(self._sum)
        count.valueChanged.connect(self._sum)
        self._sum()

    def _remove(self, line: QWidget) -> None:
        self.parts = [part for part in self.parts if part[0] is not line]
        line.hide()
        line.deleteLater()
        self._sum()

    def _chosen(self) -> list[tuple[str, int]]:
        return [(str(box.currentData()), count.value()) for _line, box, count in self.parts]

    def _sum(self, *_values: object) -> None:
        chosen = [(self._products[key], count) for key, count in self._chosen()]
        whole = sum(found.price_minor * count for found, count in chosen)
        currency = chosen[0][0].currency if chosen else "CNY"
        self.price.setText(_("{price} each", price=money(whole, currency)))
        self.save.setEnabled(bool(chosen))

    def _save(self) -> None:
        self.form.clear_errors()
        self.banner.say("")
        self.save.setEnabled(False)
        self.desk.background.write(
            add_on_shelf, self._saved, self._refused, name=self.form.values()["name"], parts=self._chosen()
        )

    def _saved(self, changed: Any) -> None:
        self.desk.open_drawer(None)
        self.desk.changed.emit("products")
        self.desk.toast(_("{name} is on the shelf", name=changed.name))

    def _refused(self, error: Exception) -> None:
        self.save.setEnabled(True)
        if not self.form.show_error(error):
            self.banner.say(error_text(language(), error), "bad")

    def _cancel(self) -> None:
        self.desk.open_drawer(None)


def add_on_shelf(ctx: Any, session: Any, *, name: str, parts: list[tuple[str, int]]) -> Any:
    """Makes the bundle and puts it on the shelf, in one transaction."""
    made = shelf.add_bundle(ctx, session, name=name, parts=parts)
    return shelf.set_on_shelf(ctx, session, product=made.product, on=True)
