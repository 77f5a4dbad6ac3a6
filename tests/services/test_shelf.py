"""The shelf: catalogues become products, bundles of fixed parts, and what may stand there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.world import World, open_world
from welfare_desk.errors import Conflict, NotFound, Refused
from welfare_desk.integrations.suppliers.base import AccountField, Balance, Offer
from welfare_desk.queries import shelf as queries
from welfare_desk.queries import suppliers as supplier_queries
from welfare_desk.services import shelf, suppliers

CONFIG = {"url": "http://127.0.0.1:1", "user_id": "1", "key": "SECRET-KEY"}
CARD = Offer("1", "视频月卡", "card_secret", 2150, "CNY")
PHONE = Offer("2", "话费", "top_up", 4960, "CNY", account_field=AccountField("手机号", "phone"))
QQ = Offer("3", "会员", "top_up", 860, "CNY", account_field=AccountField("QQ号", "qq"))


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> Iterator[World]:
    world = open_world(database_url, tmp_path)
    world.ctx.write(suppliers.add_supplier, name="sim", kind="kasushou", config=CONFIG)
    sync(world, CARD, PHONE, QQ)
    yield world
    world.ctx.engine.dispose()


def sync(world: World, *offers: Offer) -> None:
    world.clock.moment += 1_000
    supplier = world.ctx.read(supplier_queries.suppliers)[0].id
    seen_at = world.clock.moment
    world.ctx.write(suppliers.store_offers, supplier_id=supplier, offers=offers, seen_at=seen_at)
    world.ctx.write(suppliers.finish_sync, supplier_id=supplier, seen_at=seen_at, balance=Balance(5, "CNY"))


def row(world: World, product: str) -> queries.ProductRow:
    found = world.ctx.read(queries.product, product=product)
    assert found is not None
    return found


def test_every_offer_is_one_product_off_the_shelf(world: World) -> None:
    rows = world.ctx.read(queries.products)
    assert [item.product for item in rows] == ["sim-1", "sim-2", "sim-3"]
    assert not any(item.on_shelf for item in rows)
    assert (rows[1].account_kind, rows[1].price_minor, rows[1].supplier) == ("phone", 4960, "sim")
    sync(world, CARD, PHONE, QQ)
    assert len(world.ctx.read(queries.products)) == 3


def test_products_follow_their_offer_but_keep_a_name_of_our_own(world: World) -> None:
    world.ctx.write(shelf.edit_product, product="sim-1", name="  中秋 月卡 ", how_to="打开应用，兑换。")
    sync(world, Offer("1", "视频月卡（新）", "card_secret", 2300, "CNY"), Offer("2", "话费五十", "top_up", 4970, "CNY"))
    assert (row(world, "sim-1").name, row(world, "sim-1").price_minor) == ("中秋 月卡", 2300)
    assert (row(world, "sim-2").name, row(world, "sim-2").price_minor) == ("话费五十", 4970)
    offers = {offer.ref: offer for offer in world.ctx.read(supplier_queries.offers)}
    assert not offers["3"].on_sale
    assert world.ctx.read(supplier_queries.suppliers)[0].balance_minor == 5


def test_on_and_off(world: World) -> None:
    assert world.ctx.write(shelf.set_on_shelf, product="sim-1", on=True).on_shelf
    assert row(world, "sim-1").on_shelf
    assert world.ctx.read(queries.products, on_shelf=True)[0].product == "sim-1"
    assert not world.ctx.write(shelf.set_on_shelf, product="sim-1", on=False).on_shelf
    with pytest.raises(NotFound, match="product_unknown"):
        world.ctx.write(shelf.set_on_shelf, product="nothing", on=True)


def test_a_top_up_nobody_sells_stays_off(world: World) -> None:
    sync(world, CARD)
    with pytest.raises(Refused, match="shelf_off_sale"):
        world.ctx.write(shelf.set_on_shelf, product="sim-2", on=True)


def test_a_bundle_of_codes_and_a_top_up(world: World) -> None:
    made = world.ctx.write(shelf.add_bundle, name="中秋 礼包", parts=[("sim-1", 2), ("sim-2", 1)])
    bundle = row(world, made.product)
    assert (bundle.product, bundle.kind, bundle.price_minor) == ("中秋-礼包", "bundle", 2 * 2150 + 4960)
    assert bundle.account_kind == "phone"
    assert [(part.product, part.quantity) for part in bundle.parts] == [("sim-1", 2), ("sim-2", 1)]
    assert bundle.stock is not None
    assert bundle.stock.in_stock is None
    with pytest.raises(Refused, match="shelf_part_off") as caught:
        world.ctx.write(shelf.set_on_shelf, product=made.product, on=True)
    assert caught.value.params["parts"] == "sim-1, sim-2"
    for product in ("sim-1", "sim-2", made.product):
        world.ctx.write(shelf.set_on_shelf, product=product, on=True)
    again = world.ctx.write(shelf.add_bundle, name="中秋 礼包", parts=[("sim-1", 1)])
    assert again.product == "中秋-礼包-2"


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ([], "bundle_empty"),
        ([("sim-1", 0)], "bundle_quantity"),
        ([("sim-1", 21)], "bundle_large"),
        ([("sim-1", 1), ("sim-1", 1)], "bundle_part_twice"),
        ([("sim-2", 1), ("sim-3", 1)], "bundle_accounts"),
        ([("own", 1)], "bundle_currencies"),
        ([("nothing", 1)], "product_unknown"),
        ([("inner", 1)], "bundle_in_bundle"),
    ],
)
def test_bundles_that_cannot_be(world: World, parts: list[tuple[str, int]], code: str) -> None:
    world.ctx.write(shelf.add_bundle, name="inner", parts=[("sim-1", 1)])
    world.ctx.write(shelf.add_product, name="own", kind="coupon", price_minor=1, currency="USD")
    listed = [*parts, ("sim-1", 1)] if code == "bundle_currencies" else parts
    with pytest.raises((Refused, NotFound), match=code):
        world.ctx.write(shelf.add_bundle, name="x", parts=listed)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"kind": "top_up"}, "product_kind"),
        ({"name": " "}, "product_name"),
        ({"price_minor": -1}, "product_price"),
        ({"key": "sim-1"}, "product_exists"),
    ],
)
def test_products_that_cannot_be(world: World, changes: dict[str, Any], code: str) -> None:
    values = {"name": "券", "kind": "coupon", "price_minor": 100, **changes}
    with pytest.raises((Refused, Conflict), match=code):
        world.ctx.write(shelf.add_product, **values)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"name": "a b"}, "supplier_name"),
        ({"name": "sim"}, "supplier_exists"),
        ({"kind": "nobody"}, "supplier_kind_unknown"),
        ({"config": {"url": "http://x", "user_id": "1"}}, "supplier_config_missing"),
        ({"config": {**CONFIG, "more": 1}}, "supplier_config_unknown"),
    ],
)
def test_suppliers_that_cannot_be(world: World, changes: dict[str, Any], code: str) -> None:
    values = {"name": "other", "kind": "kasushou", "config": CONFIG, **changes}
    with pytest.raises((Refused, Conflict), match=code):
        world.ctx.write(suppliers.add_supplier, **values)
