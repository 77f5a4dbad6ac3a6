"""Shelf, bundles, suppliers, orders and stock, as the window shows and changes them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from tests.support.desk import DeskWorld, open_desk, press, shown, words
from welfare_desk.desktop.pages.bundle_form import BundleForm
from welfare_desk.desktop.pages.order_form import OrderForm
from welfare_desk.desktop.pages.product_editor import ProductEditor
from welfare_desk.desktop.pages.purchasing import PurchasingPage
from welfare_desk.desktop.pages.shelf import ON_SHELF, ShelfPage
from welfare_desk.desktop.pages.supplier_form import SupplierForm
from welfare_desk.desktop.pages.suppliers_drawer import SuppliersDrawer
from welfare_desk.integrations.suppliers.base import Balance, Offer
from welfare_desk.queries import jobs, purchasing, shelf, suppliers
from welfare_desk.services import demo
from welfare_desk.services import shelf as shelf_service
from welfare_desk.services import suppliers as supplier_service

CONFIG = {"url": "https://cards.example.com", "user_id": "42", "key": "very secret"}


@pytest.fixture
def world(qtbot: QtBot, tmp_path: Path) -> Iterator[DeskWorld]:
    with open_desk(tmp_path / "data") as made:
        yield made


@pytest.fixture
def catalogue(world: DeskWorld) -> DeskWorld:
    """A connected supplier with two cards and a top-up, as after a sync."""
    ctx = world.world.ctx
    supplier = ctx.write(supplier_service.add_supplier, name="sim", kind="kasushou", config=CONFIG)
    offers = [
        Offer("1", "视频会员", "card_secret", 1500, "CNY", stock=500, min_quantity=5, max_quantity=100),
        Offer("2", "音乐会员", "card_secret", 900, "CNY"),
        Offer("3", "话费 30 元", "top_up", 2980, "CNY"),
    ]
    ctx.write(supplier_service.store_offers, supplier_id=supplier.id, offers=offers, seen_at=1)
    ctx.write(supplier_service.finish_sync, supplier_id=supplier.id, seen_at=1, balance=Balance(50_000, "CNY"))
    return world


def on_shelf(world: DeskWorld) -> list[str]:
    return [one.name for one in world.desk.ctx.read(shelf.products, on_shelf=True)]


def test_the_empty_shelf_asks_for_a_supplier(qtbot: QtBot, world: DeskWorld) -> None:
    page = shown(qtbot, ShelfPage(world.desk))
    world.settle()
    assert page.views.currentWidget().action.text() == "Connect a supplier"
    page.views.currentWidget().action.click()
    assert isinstance(world.heard["drawer_asked"][-1][0], SupplierForm)


def test_a_click_on_the_switch_puts_a_product_on_the_shelf(qtbot: QtBot, catalogue: DeskWorld) -> None:
    page = shown(qtbot, ShelfPage(catalogue.desk))
    catalogue.settle()
    assert len(page.model.rows) == 3
    page.table.clicked.emit(page.model.index(0, ON_SHELF))
    catalogue.settle()
    assert on_shelf(catalogue) == ["视频会员"]
    page.refresh()
    catalogue.settle()
    page.chips.choose("on")
    page.chips.chosen.emit("on")
    assert [row[1] for row in page.model.rows] == ["视频会员"]
    page.search.setText("nothing like it")
    page.search.returnPressed.emit()
    assert page.views.currentWidget().action.text() == "Clear the filter"


def test_a_bundle_is_made_of_parts_on_the_shelf(qtbot: QtBot, catalogue: DeskWorld) -> None:
    for product in catalogue.desk.ctx.read(shelf.products):
        catalogue.desk.ctx.write(shelf_service.set_on_shelf, product=product.product, on=True)
    form = shown(qtbot, BundleForm(catalogue.desk, catalogue.desk.ctx.read(shelf.products)))
    form.form.field("name").setText("中秋礼包")
    form.parts[1][2].setValue(2)
    assert form.price.text() == "¥33.00 each"
    form.save.click()
    catalogue.settle()
    made = next(one for one in catalogue.desk.ctx.read(shelf.products, kind="bundle"))
    assert made.on_shelf
    assert [(part.name, part.quantity) for part in made.parts] == [("视频会员", 1), ("音乐会员", 2)]


def test_a_bundle_needs_a_name(qtbot: QtBot, catalogue: DeskWorld) -> None:
    form = shown(qtbot, BundleForm(catalogue.desk, tuple(catalogue.desk.ctx.read(shelf.products))))
    assert not form.save.isEnabled()  # nothing is on the shelf yet
    assert form.banner.isVisible()


def test_name_and_how_to_of_a_product(qtbot: QtBot, catalogue: DeskWorld) -> None:
    product = catalogue.desk.ctx.read(shelf.products)[0]
    form = shown(qtbot, ProductEditor(catalogue.desk, product))
    form.form.field("name").setText("")
    form.save.click()
    catalogue.settle()
    assert form.form._rows["name"][1].text()
    form.form.field("name").setText("视频会员月卡")
    form.form.field("how_to").setPlainText("打开应用\n输入兑换码")
    form.save.click()
    catalogue.settle()
    saved = catalogue.desk.ctx.read(shelf.products)[0]
    assert (saved.name, saved.how_to) == ("视频会员月卡", "打开应用\n输入兑换码")


def test_a_supplier_is_connected_from_its_file(
    qtbot: QtBot, world: DeskWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "sim.json"
    path.write_text(json.dumps(CONFIG), encoding="utf-8")
    monkeypatch.setattr("welfare_desk.desktop.pages.supplier_form.ask_open", lambda *_asked: path)
    form = shown(qtbot, SupplierForm(world.desk))
    press(form, "Choose a file")
    world.settle()
    form.form.field("name").setText("sim")
    form.save.click()
    world.settle()
    [made] = world.desk.ctx.read(suppliers.suppliers)
    assert (made.name, made.address) == ("sim", CONFIG["url"])
    drawer = world.heard["drawer_asked"][-1][0]
    assert isinstance(drawer, SuppliersDrawer)
    [job] = world.desk.ctx.read(jobs.recent)
    assert job.kind == "sync_catalogue"
    assert "very secret" not in json.dumps(job.params)
    drawer._watch.stop()
    drawer.deleteLater()


def test_a_wrong_supplier_file_gets_a_sentence(
    qtbot: QtBot, world: DeskWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "not.json"
    path.write_text("hello", encoding="utf-8")
    monkeypatch.setattr("welfare_desk.desktop.pages.supplier_form.ask_open", lambda *_asked: path)
    form = shown(qtbot, SupplierForm(world.desk))
    press(form, "Choose a file")
    world.settle()
    assert "not.json" in form.banner.text()


def test_the_suppliers_name_balance_and_trouble(qtbot: QtBot, catalogue: DeskWorld) -> None:
    [supplier] = catalogue.desk.ctx.read(suppliers.suppliers)
    catalogue.world.ctx.write(
        supplier_service.note_check, supplier_id=supplier.id, balance=None, trouble="supplier_signature"
    )
    drawer = shown(qtbot, SuppliersDrawer(catalogue.desk))
    catalogue.settle()
    texts = words(drawer)
    assert "¥500.00" in texts
    assert "Trouble" in texts


def test_an_order_says_what_it_costs_and_keeps_to_the_limits(qtbot: QtBot, catalogue: DeskWorld) -> None:
    key = next(one.product for one in catalogue.desk.ctx.read(shelf.products) if one.name == "视频会员")
    form = shown(qtbot, OrderForm(catalogue.desk, key))
    catalogue.settle()
    assert (form.quantity.minimum(), form.quantity.maximum()) == (5, 100)
    assert form.product.findText("话费", flags=Qt.MatchFlag.MatchStartsWith) == -1
    form.quantity.setValue(20)
    assert form.cost.text() == "¥300.00"
    assert form.order.text() == "Order 20 for ¥300.00"
    form.quantity.setValue(40)
    assert not form.order.isEnabled()  # ¥600.00 against a balance of ¥500.00
    form.quantity.setValue(30)
    form.order.click()
    catalogue.settle()
    [order] = catalogue.desk.ctx.read(purchasing.orders)
    assert (order.quantity, order.state) == (30, "created")


def test_an_unknown_order_is_said_to_be_checked(
    qtbot: QtBot, catalogue: DeskWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = next(one.product for one in catalogue.desk.ctx.read(shelf.products) if one.name == "音乐会员")
    page = shown(qtbot, PurchasingPage(catalogue.desk))
    catalogue.settle()
    page.ask_order(key)
    form: Any = world_drawer(catalogue)
    catalogue.settle()
    form.order.click()
    catalogue.settle()
    form.deleteLater()
    original = purchasing.orders
    unknown = lambda session: tuple(replace(one, state="unknown") for one in original(session))  # noqa: E731
    monkeypatch.setattr(purchasing, "orders", unknown)
    page.refresh()
    catalogue.settle()
    assert "nothing is ordered twice" in page.banner.text()
    assert page.models["orders"].rows[0][6] == ("Unknown, being checked", "warn")
    page._timer.stop()


def test_stock_and_batches_count_and_show_no_code(qtbot: QtBot, world: DeskWorld) -> None:
    product = world.world.product()
    world.world.stock(product, 7)
    page = shown(qtbot, PurchasingPage(world.desk))
    world.settle()
    assert page.models["stock"].rows[0][2:6] == (7, 7, 0, 0)
    assert page.models["batches"].rows[0][4:7] == (7, 7, 0)
    seen = repr([model.rows for model in page.models.values()])
    assert not any(secret in seen for secret in world.world.codes)


def world_drawer(world: DeskWorld) -> Any:
    return world.heard["drawer_asked"][-1][0]


def test_top_ups_are_followed_in_the_list_and_at_the_person(qtbot: QtBot, world: DeskWorld) -> None:
    demo.load(world.world.ctx)
    page = shown(qtbot, PurchasingPage(world.desk))
    page.show_target(tab="top_ups")
    world.settle()
    rows = page.models["top_ups"].rows
    assert rows
    assert all("*" in row[4] for row in rows)  # no account in full
    states = {row[5][0] for row in rows}
    assert "Credited" in states
    page.tables["top_ups"].opened.emit(next(row for row in rows if row[5][0] == "Credited"))
    drawer = world_drawer(world)
    world.settle()
    assert "Credited" in words(drawer)
    assert "Code shown" in words(drawer)
    drawer.deleteLater()
