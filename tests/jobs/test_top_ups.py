"""Top-ups at claim time: placed once, credited within moments, failed ones once more under a new key."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.support.supplier import connect, practice
from tests.support.world import World, open_world
from welfare_desk.context import AppContext
from welfare_desk.db.models.claims import Claim, Fulfilment, LedgerEntry
from welfare_desk.db.models.purchasing import PurchaseOrder
from welfare_desk.db.models.shelf import Product
from welfare_desk.jobs import top_ups
from welfare_desk.services.claims import ClaimRequest, settle

pytestmark = pytest.mark.logs
PHONE = "13800138000"


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> Iterator[World]:
    world = open_world(database_url, tmp_path)
    yield world
    world.ctx.engine.dispose()


def product_id(world: World, key: str = "sim-20001") -> int:
    def find(session: Session) -> int:
        return session.scalars(select(Product.id).where(Product.key == key)).one()

    return world.ctx.read(find)


def claim(world: World, grants: list[int], account: str = PHONE) -> list[str]:
    requests = [ClaimRequest(grant_id, 0, "", account) for grant_id in grants]
    return [outcome.verdict.reason for outcome in world.ctx.write(settle, requests=requests)]


def granted(world: World, product: int, people: int = 1) -> tuple[int, list[int]]:
    return world.campaign(product, world.people(people), verify="none")


def sweep_until(world: World, state: str, *, sweeps: int = 40) -> None:
    """Sweeps until every unit is in that state; the clock moves on between two of them."""
    pause = threading.Event()
    for _sweep in range(sweeps):
        top_ups.sweep(world.ctx, threading.Event())
        if set(states(world)) == {state}:
            return
        world.clock.moment += 1_000
        pause.wait(0.1)
    raise AssertionError(states(world))


def states(world: World) -> list[str]:
    def read(session: Session) -> list[str]:
        return list(session.scalars(select(Fulfilment.state).order_by(Fulfilment.grant_id)))

    return world.ctx.read(read)


def orders(world: World) -> list[Any]:
    def read(session: Session) -> list[Any]:
        return list(session.scalars(select(PurchaseOrder).order_by(PurchaseOrder.id)))

    return world.ctx.read(read)


def test_credited_and_booked(world: World) -> None:
    with practice() as site:
        connect(world, site.config)
        campaign, grants = granted(world, product_id(world), 5)
        assert set(claim(world, grants)) == {"pending"}
        sweep_until(world, "credited")
        assert site.orders() == 5
        assert {order.account for order in site.site.book._orders.values()} == {PHONE}

    def check(session: Session) -> None:
        assert session.scalar(select(func.sum(LedgerEntry.amount_minor))) == 0
        used = select(func.sum(LedgerEntry.amount_minor)).where(LedgerEntry.account == f"campaign:{campaign}")
        assert session.scalar(used) == 5 * 4960
        assert session.scalar(select(func.sum(Claim.cost_minor))) == 5 * 4960
        assert session.scalar(select(func.sum(Fulfilment.cost_minor))) == 5 * 4960

    world.ctx.read(check)
    assert claim(world, grants) == ["credited"] * 5
    assert top_ups.sweep(world.ctx, threading.Event()) == 0


@pytest.mark.parametrize(
    "fault", ["buy:500-after-accept*1", "buy:timeout-after-accept=2*1,info:rubbish*2", "info:cut*3"]
)
def test_an_unknown_top_up_is_asked_about_and_placed_once(world: World, fault: str) -> None:
    with practice(fault) as site:
        connect(world, site.config)
        _campaign, grants = granted(world, product_id(world))
        claim(world, grants)
        sweep_until(world, "credited")
        assert site.orders() == 1
        assert len(orders(world)) == 1


def test_a_refused_account_fails_and_another_is_a_new_attempt(world: World) -> None:
    with practice("order:cancel*1") as site:
        connect(world, site.config)
        _campaign, grants = granted(world, product_id(world))
        claim(world, grants)
        sweep_until(world, "failed")
        assert orders(world)[0].trouble == "supplier_cancelled"
        assert claim(world, grants, "13900139000") == ["pending"]
        sweep_until(world, "credited")
        first, second = orders(world)
        assert first.order_key != second.order_key
        assert (first.state, second.state) == ("failed", "received")
        assert site.orders() == 2


def test_a_product_that_nobody_sells_any_more_fails_and_can_be_tried_again(world: World) -> None:
    """Not pending for ever: the person may try again, and gets it once there is an offer again."""
    with practice() as site:
        connect(world, site.config)
        product = product_id(world)
        _campaign, grants = granted(world, product)
        offer = world.ctx.write(lambda _ctx, session: _sell(session, product, None))
        assert claim(world, grants) == ["pending"]
        sweep_until(world, "failed")
        [order] = orders(world)
        assert (order.state, order.trouble, order.next_at) == ("failed", "supplier_no_offer", None)
        world.ctx.write(lambda _ctx, session: _sell(session, product, offer))
        assert claim(world, grants) == ["pending"]
        sweep_until(world, "credited")


def _sell(session: Session, product: int, offer: int | None) -> int | None:
    row = session.get_one(Product, product)
    was, row.offer_id = row.offer_id, offer
    return was


def test_never_placed_while_nobody_knows_the_first_outcome(world: World) -> None:
    with practice("buy:timeout=2*1") as site:
        connect(world, site.config)
        _campaign, grants = granted(world, product_id(world))
        claim(world, grants)
        top_ups.sweep(world.ctx, threading.Event())
        assert states(world) == ["unknown"]
        assert claim(world, grants, "13900139000") == ["pending"]
        assert len(orders(world)) == 1
        assert site.orders() == 0


def test_a_crash_while_sending_is_asked_about_after_its_lease(world: World) -> None:
    with practice() as site:
        connect(world, site.config)
        _campaign, grants = granted(world, product_id(world))
        claim(world, grants)

        def crash(ctx: AppContext, session: Session) -> None:
            row = session.scalars(select(PurchaseOrder)).one()
            row.state, row.sent_at, row.lease_until = "sent", ctx.clock.now(), ctx.clock.now() + top_ups.LEASE_MS

        world.ctx.write(crash)
        assert top_ups.sweep(world.ctx, threading.Event()) == 0
        world.clock.moment += top_ups.LEASE_MS + 1
        assert top_ups.sweep(world.ctx, threading.Event()) == 1
        assert states(world) == ["unknown"]
        assert site.orders() == 0
