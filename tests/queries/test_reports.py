"""Claim rates, funnel and curve as screens, commands and exports show them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.support.world import HOUR, World, open_world
from welfare_desk.queries import budgets, dashboard, reports, today
from welfare_desk.queries.reports import Scope
from welfare_desk.services import claims, order_steps
from welfare_desk.services.claims import ClaimRequest

QUARTER = HOUR // 4


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> Iterator[World]:
    made = open_world(database_url, tmp_path)
    yield made
    made.ctx.engine.dispose()


def claim(world: World, *grants: int, account: str = "") -> None:
    world.ctx.write(claims.settle, requests=[ClaimRequest(grant, account=account, trusted=True) for grant in grants])


def test_the_rate_is_null_when_nobody_was_reached(world: World) -> None:
    product = world.product()
    world.stock(product, 2)
    _campaign, grants = world.campaign(product, world.people(3), reserved={product: 2})
    [row] = world.ctx.read(reports.claim_rates, by="department").rows
    assert (row.grants, row.reached, row.claimed, row.rate) == (3, 0, 0, None)
    claim(world, grants[0])
    [row] = world.ctx.read(reports.claim_rates, by="department").rows
    assert (row.key, row.reached, row.claimed, row.rate) == ("总部/财务部", 1, 1, 1.0)
    channels = {row.key: (row.grants, row.rate) for row in world.ctx.read(reports.claim_rates, by="channel").rows}
    assert channels == {"claim": (1, 1.0), "none": (2, None)}


def test_the_day_is_the_campaigns_own(world: World) -> None:
    product = world.product()
    world.stock(product, 2)
    late = 1_795_017_600_000 - 1  # the last millisecond before midnight of 2026-11-19 in Shanghai
    world.clock.moment = late
    _campaign, grants = world.campaign(product, world.people(2), reserved={product: 2})
    claim(world, grants[0])
    world.clock.moment = late + 1
    claim(world, grants[1])
    first, second = world.ctx.read(reports.claim_rates, by="day").rows
    assert (second.id - first.id, first.claimed, second.claimed) == (1, 1, 1)
    assert (first.rate, second.rate) == (1.0, 1.0)


def test_the_funnel_says_what_was_lost_and_what_nobody_knows(world: World) -> None:
    top_up = world.product("top_up", account="phone")
    campaign, grants = world.campaign(top_up, world.people(4))
    claim(world, *grants[:3], account="13800138000")
    [first, second, _third] = world.ctx.read(
        lambda s: list(s.scalars(text("SELECT id FROM purchase_order ORDER BY id")))
    )
    world.ctx.write(order_steps.note_credited, order_id=first, supplier_no="1", paid_minor=2980)
    world.ctx.write(order_steps.note_failed, order_id=second, trouble="supplier_state")
    for scope in (Scope(), Scope(campaign_id=campaign), Scope(department="总部"), Scope(product_id=top_up)):
        steps = [(step.name, step.count, step.lost) for step in world.ctx.read(reports.funnel, scope=scope)]
        assert steps == [("granted", 4, None), ("reached", 3, 1), ("claimed", 3, 0), ("delivered", 1, 2),
                         ("redeemed", None, None)]  # fmt: skip


def test_the_curve_rises_at_each_quarter_of_an_hour(world: World) -> None:
    product = world.product()
    world.stock(product, 3)
    _campaign, grants = world.campaign(product, world.people(3), reserved={product: 3})
    start = world.clock.moment = world.clock.moment - world.clock.moment % QUARTER
    claim(world, grants[0])
    world.clock.moment = start + QUARTER - 1
    claim(world, grants[1])
    world.clock.moment = start + 2 * QUARTER
    claim(world, grants[2])
    for scope in (Scope(), Scope(department="总部")):
        points = [(point.at - start, point.claimed) for point in world.ctx.read(reports.curve, scope=scope)]
        assert points == [(0, 0), (QUARTER, 2), (3 * QUARTER, 3)]
    assert world.ctx.read(reports.curve, scope=Scope(campaign_id=1)) == ()


def test_the_budget_is_what_the_ledger_says(world: World) -> None:
    product = world.product()
    world.stock(product, 3, cost=901)
    _campaign, grants = world.campaign(product, world.people(3), reserved={product: 3}, cost_minor=3000)
    claim(world, *grants[:2])
    [row] = world.ctx.read(budgets.budgets)
    assert (row.committed_minor, row.used_minor, row.left_minor, row.currency) == (3000, 1802, 1198, "CNY")


def test_the_dashboard_is_one_read_and_narrows_down(world: World) -> None:
    product = world.product()
    world.stock(product, 8)
    people = [*world.people(5, department="总部/财务部"), *world.people(6, department="总部/研发部/平台组")]
    campaign, grants = world.campaign(product, people, reserved={product: 8})
    world.campaign(product, people[:2], closes_at=world.clock.now() + 90 * 24 * HOUR)
    claim(world, *grants[:4])
    board = world.ctx.read(dashboard.dashboard, scope=Scope(), now=world.clock.now())
    assert (board.total.grants, board.total.claimed, board.running, board.closing) == (13, 4, 2, 7)
    assert [(one.path, one.claimed, one.deeper) for one in board.departments] == [
        ("总部/财务部", 4, False), ("总部/研发部", 0, True),
    ]  # fmt: skip
    narrow = world.ctx.read(dashboard.dashboard, scope=Scope(campaign, "总部/研发部"), now=world.clock.now())
    assert (narrow.total.grants, [one.name for one in narrow.departments]) == (6, ["平台组"])
    choices = world.ctx.read(dashboard.choices)
    assert choices.departments == ("总部", "总部/研发部", "总部/研发部/平台组", "总部/财务部")
    assert len(choices.campaigns) == 2


def test_today_names_what_needs_somebody(world: World) -> None:
    now = world.clock.now()
    empty = world.ctx.read(today.today, now=now, since=now)
    assert (empty.todos, empty.people, empty.products_on_shelf, empty.campaigns) == ((), 0, 0, 0)
    product = world.product()
    world.stock(product, 4)
    _campaign, grants = world.campaign(product, world.people(5), reserved={product: 4})
    claim(world, *grants[:3])
    found = world.ctx.read(today.today, now=now, since=now - HOUR)
    assert (found.claimed_today, found.unclaimed, found.in_stock, found.open_campaigns) == (3, 2, 1, 1)
    assert {(todo.kind, todo.count) for todo in found.todos} == {("stock_short", 1), ("campaign_closing", 2)}
    assert all(tick.person.startswith("员工") for tick in found.ticker)
    assert len(found.ticker) == 3
