"""Which campaign, department and product the dashboard is about."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QWidget

from welfare_desk.desktop import theme
from welfare_desk.i18n import _
from welfare_desk.queries.dashboard import Choices
from welfare_desk.queries.reports import Scope


class Filters(QWidget):
    """Three lists; the first entry of each means everything."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._known: Choices | None = None
        self.campaign = self._list(_("Campaign"), _("All campaigns"), 190)
        self.department = self._list(_("Department"), _("All departments"), 170)
        self.product = self._list(_("Product"), _("All products"), 150)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.px(8))
        for found in (self.campaign, self.department, self.product):
            layout.addWidget(found)

    def scope(self) -> Scope:
        """What is chosen."""
        campaign, product = self.campaign.currentData(), self.product.currentData()
        return Scope(campaign_id=campaign, department=self.department.currentData() or "", product_id=product)

    def is_everything(self) -> bool:
        """Whether nothing is narrowed down."""
        return self.scope() == Scope()

    def title(self) -> str:
        """The choice in words."""
        chosen = [
            found.currentText() for found in (self.campaign, self.department, self.product) if found.currentIndex()
        ]
        return " · ".join(chosen) or _("All campaigns")

    def show_choices(self, choices: Choices) -> None:
        """Fills the lists and keeps what is chosen, where it still exists."""
        if choices == self._known:
            return
        self._known = choices
        _refill(self.campaign, choices.campaigns)
        _refill(self.department, tuple((path, path) for path in choices.departments))
        _refill(self.product, choices.products)

    def choose_campaign(self, campaign_id: int) -> None:
        """Narrows to one campaign."""
        _choose(self.campaign, campaign_id, str(campaign_id))

    def choose_department(self, path: str) -> None:
        """Narrows to one department and all below it."""
        _choose(self.department, path, path)

    def _list(self, name: str, everything: str, width: int) -> QComboBox:
        made = QComboBox()
        made.setAccessibleName(name)
        made.addItem(everything, None)
        made.setFixedWidth(theme.px(width))
        made.view().setMinimumWidth(theme.px(260))
        made.currentIndexChanged.connect(lambda _index: self.changed.emit())
        return made


def _choose(found: QComboBox, data: object, name: str) -> None:
    at = found.findData(data)
    if at < 0:
        found.addItem(name, data)
        at = found.count() - 1
    found.setCurrentIndex(at)


def _refill(found: QComboBox, entries: tuple[tuple[object, str], ...]) -> None:
    chosen = found.currentData()
    found.blockSignals(True)
    while found.count() > 1:
        found.removeItem(1)
    for data, name in entries:
        found.addItem(name, data)
    found.setCurrentIndex(max(0, found.findData(chosen)))
    found.blockSignals(False)
