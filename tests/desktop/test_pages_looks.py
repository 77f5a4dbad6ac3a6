"""Every page, drawer and step: names for screen readers, one primary button, nothing clipped, in both languages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from tests.support import looks
from tests.support.desk import DeskWorld, open_desk, shown
from tests.support.import_lists import messy_list
from welfare_desk.desktop.pages.bundle_form import BundleForm
from welfare_desk.desktop.pages.campaign_detail import CampaignPage
from welfare_desk.desktop.pages.campaign_wizard import CampaignWizardPage
from welfare_desk.desktop.pages.campaigns import CampaignsPage
from welfare_desk.desktop.pages.extend_form import ExtendForm
from welfare_desk.desktop.pages.import_people import RESULT, ImportPage
from welfare_desk.desktop.pages.imports_drawer import ImportsDrawer
from welfare_desk.desktop.pages.order_form import OrderForm
from welfare_desk.desktop.pages.people import PeoplePage
from welfare_desk.desktop.pages.person_drawer import PersonDrawer
from welfare_desk.desktop.pages.person_form import PersonForm
from welfare_desk.desktop.pages.product_editor import ProductEditor
from welfare_desk.desktop.pages.purchasing import PurchasingPage
from welfare_desk.desktop.pages.shelf import ShelfPage
from welfare_desk.desktop.pages.supplier_form import SupplierForm
from welfare_desk.desktop.pages.suppliers_drawer import SuppliersDrawer
from welfare_desk.desktop.widgets.page import scrolled
from welfare_desk.i18n import set_language
from welfare_desk.queries import campaigns, shelf

DRAWER = (416, 640)
PAGES = (PeoplePage, ImportPage, ShelfPage, PurchasingPage, CampaignsPage, CampaignWizardPage)
Make = Callable[[DeskWorld, Any], QWidget]
DRAWERS: dict[str, Make] = {
    "person": lambda world, ids: PersonDrawer(world.desk, ids.person),
    "new person": lambda world, ids: PersonForm(world.desk),
    "product": lambda world, ids: ProductEditor(world.desk, world.desk.ctx.read(shelf.products)[0]),
    "bundle": lambda world, ids: BundleForm(world.desk, world.desk.ctx.read(shelf.products)),
    "new supplier": lambda world, ids: SupplierForm(world.desk),
    "suppliers": lambda world, ids: SuppliersDrawer(world.desk),
    "imports": lambda world, ids: ImportsDrawer(world.desk),
    "order": lambda world, ids: OrderForm(world.desk),
    "extend": lambda world, ids: ExtendForm(
        world.desk, world.desk.ctx.read(campaigns.campaigns, now=world.world.clock.now())[0]
    ),
}


class Ids:
    """What the world was filled with."""

    person = 0
    campaign = 0


@pytest.fixture(params=["zh_CN", "en"])
def world(qtbot: QtBot, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[DeskWorld]:
    set_language(request.param)
    with open_desk(tmp_path / "data") as made:
        yield made


@pytest.fixture
def ids(world: DeskWorld) -> Ids:
    """A product with stock, three people and a running campaign."""
    made = Ids()
    product = world.world.product()
    world.world.stock(product, 4)
    people = world.world.people(3)
    made.person = people[0]
    made.campaign, _grants = world.world.campaign(product, people, reserved={product: 3}, channels=["email"])
    return made


def nameless(widget: QWidget) -> list[str]:
    found = []
    for one in widget.findChildren(QWidget):
        if not one.isVisible() or one.focusPolicy() == Qt.FocusPolicy.NoFocus or one.objectName().startswith("qt_"):
            continue
        spoken = QAccessible.queryAccessibleInterface(one)
        if spoken is not None and not spoken.text(QAccessible.Text.Name):
            found.append(f"{type(one).__name__} {one.objectName()}")
    return found


def primaries(widget: QWidget) -> list[str]:
    buttons = widget.findChildren(QPushButton)
    return [one.text() for one in buttons if one.isVisible() and one.property("kind") == "primary"]


def fine(widget: QWidget, *, most: int = 1) -> None:
    assert nameless(widget) == []
    assert looks.problems(widget) == []
    assert len(primaries(widget)) <= most, primaries(widget)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.__name__)
def test_empty_pages(qtbot: QtBot, world: DeskWorld, page: Any) -> None:
    made = shown(qtbot, page(world.desk))
    world.settle()
    fine(made, most=2 if page is CampaignWizardPage else 1)
    assert primaries(made)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.__name__)
def test_filled_pages(qtbot: QtBot, world: DeskWorld, ids: Ids, page: Any) -> None:
    made = shown(qtbot, page(world.desk))
    world.settle()
    fine(made)


@pytest.mark.parametrize("name", DRAWERS)
def test_drawers(qtbot: QtBot, world: DeskWorld, ids: Ids, name: str) -> None:
    made = shown(qtbot, scrolled(DRAWERS[name](world, ids)))
    made.resize(*DRAWER)
    world.settle()
    assert made.widget().width() <= DRAWER[0], "wider than the drawer"
    assert made.widget().minimumSizeHint().width() <= DRAWER[0], "wider than the drawer"
    fine(made)


def test_the_steps_of_an_import(qtbot: QtBot, world: DeskWorld, tmp_path: Path) -> None:
    page = shown(qtbot, ImportPage(world.desk))
    page.show_target(path=str(messy_list(tmp_path / "list.csv")))
    for _step in range(3):
        world.settle()
        fine(page)
        page.changes.without.setChecked(True)
        page.wizard.next.click()
    world.settle()
    assert page.wizard.index() == RESULT
    fine(page)


def test_the_steps_of_a_campaign(qtbot: QtBot, world: DeskWorld, ids: Ids) -> None:
    page = shown(qtbot, CampaignWizardPage(world.desk))
    world.settle()
    page.what.cards.buttons()[0].click()
    for _step in range(5):
        world.settle()
        fine(page)
        if page.wizard.index() < 4:
            page.wizard.next.click()


def test_a_campaign(qtbot: QtBot, world: DeskWorld, ids: Ids) -> None:
    page = shown(qtbot, CampaignPage(world.desk))
    page.show_target(campaign_id=ids.campaign)
    world.settle()
    page.people.table.selectRow(0)
    world.settle()
    fine(page)
