"""Figures equal the rows behind them, whatever happened and in whatever order."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from tests.support.world import HOUR, World, open_world
from welfare_desk.context import AppContext
from welfare_desk.db.models.claims import Claim, Fulfilment, LedgerEntry, Rollup
from welfare_desk.queries import raw_figures, reports
from welfare_desk.queries.reconcile import reconcile
from welfare_desk.queries.reports import Scope
from welfare_desk.services import claims, rollups
from welfare_desk.services.claims import ClaimRequest

DAY = 24 * HOUR


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> Iterator[World]:
    made = open_world(database_url, tmp_path)
    yield made
    made.ctx.engine.dispose()


def stored(session: Session) -> dict[tuple[object, ...], int]:
    keys = (Rollup.figure, Rollup.campaign_id, Rollup.product_id, Rollup.department, Rollup.bucket)
    rows = session.execute(select(*keys, func.sum(Rollup.value)).group_by(*keys))
    return {tuple(row[:5]): int(row[5]) for row in rows if row[5]}


def add(ctx: AppContext, session: Session, *, rows: list[rollups.Row], writer: int) -> None:
    rollups.add(session, rows, writer)


def test_sums_merge_across_calls_and_writers(world: World) -> None:
    row = ("claimed", 1, 2, "总部/财务部'\"", 20261122)
    world.ctx.write(add, rows=[(*row, 1), ("grants", 1, 2, "", 20261122, 5), (*row, 2)], writer=3)
    world.ctx.write(add, rows=[(*row, 4)], writer=3)
    world.ctx.write(add, rows=[(*row, -1)], writer=0)
    world.ctx.write(add, rows=[], writer=0)
    assert world.ctx.read(stored) == {row: 6, ("grants", 1, 2, "", 20261122): 5}
    assert world.ctx.read(lambda session: session.scalar(select(func.count()).select_from(Rollup))) == 3


ROWS = st.tuples(
    st.sampled_from(["grants", "reached", "claimed"]), st.integers(1, 3), st.integers(1, 2),
    st.sampled_from(["", "a", "b"]), st.integers(20260101, 20260103), st.integers(-3, 5),
)  # fmt: skip


@given(st.lists(ROWS))
def test_summed_is_sorted_without_repeats_and_loses_nothing(rows: list[rollups.Row]) -> None:
    merged = rollups.summed(rows)
    keys = [row[:5] for row in merged]
    assert keys == sorted(set(keys))
    expected: Counter[object] = Counter()
    for row in rows:
        expected[row[:5]] += row[5]
    assert {row[:5]: row[5] for row in merged} == {key: value for key, value in expected.items() if value}


def act_at_random(world: World, seed: int) -> None:
    """Two campaigns in two zones, people of three departments, claims in batches over days."""
    chance = random.Random(seed)
    card, other = world.product(), world.product()
    world.stock(card, 12, cost=901)
    world.stock(other, 30, cost=333)
    bundle = world.bundle([(card, 1), (other, 1)])
    people = [id_ for name in ("总部/财务部", "总部", "工厂") for id_ in world.people(5, department=name)]
    zones = ("Asia/Shanghai", "America/New_York")
    started = [
        world.campaign(product, people, reserved={other: 15}, timezone=zone, closes_at=world.clock.now() + 30 * DAY)
        for product, zone in zip((bundle, other), zones, strict=True)
    ]
    grants = [grant for _campaign, ids in started for grant in ids]
    for _turn in range(12):
        world.clock.moment += chance.randrange(0, DAY)
        batch = chance.sample(grants, chance.randrange(1, 6))
        requests = [ClaimRequest(grant, trusted=True, via="page") for grant in batch]
        world.ctx.write(claims.settle, requests=requests)


@pytest.mark.parametrize("seed", range(4))
def test_figures_equal_the_rows_and_the_ledger_to_the_last_unit(world: World, seed: int) -> None:
    act_at_random(world, seed)
    assert world.ctx.read(stored) == dict(world.ctx.read(raw_figures.counted))
    assert world.ctx.read(reconcile, now=world.clock.now()).differences == ()
    total = world.ctx.read(reports.totals)
    claimed = world.ctx.read(lambda session: session.scalar(select(func.count()).select_from(Claim)))
    assert total.claimed == claimed > 0
    for by in ("department", "product", "day", "campaign", "channel"):
        rows = world.ctx.read(reports.claim_rates, by=by).rows
        assert [sum(getattr(row, name) for row in rows) for name in ("grants", "reached", "claimed")] == [
            total.grants, total.reached, total.claimed
        ]  # fmt: skip
    assert world.ctx.read(reports.curve)[-1].claimed == claimed
    assert world.ctx.read(money_used) == world.ctx.read(money_of_units)


def money_used(session: Session) -> int:
    used = select(func.sum(LedgerEntry.amount_minor)).where(LedgerEntry.account.like("campaign:%"))
    return int(session.scalar(used) or 0)


def money_of_units(session: Session) -> int:
    return int(session.scalar(select(func.sum(Fulfilment.cost_minor))) or 0)


def test_rebuilding_gives_the_same_numbers(world: World) -> None:
    act_at_random(world, 7)
    before = world.ctx.read(stored)

    def rebuild(ctx: AppContext, session: Session) -> None:
        session.execute(delete(Rollup).where(Rollup.figure == "claimed"))
        rollups.rebuild(session)

    world.ctx.write(rebuild)
    assert world.ctx.read(stored) == before


def test_a_department_means_all_below_it_and_nothing_beside_it(world: World) -> None:
    act_at_random(world, 1)
    head = world.ctx.read(reports.totals, scope=Scope(department="总部"))
    parts = {row.key: row for row in world.ctx.read(reports.claim_rates, by="department").rows}
    assert head.grants == parts["总部"].grants + parts["总部/财务部"].grants == 20
    assert world.ctx.read(reports.totals, scope=Scope(department="总")).grants == 0
    by_quarter = world.ctx.read(reports.curve, scope=Scope(department="总部"))
    assert by_quarter[-1].claimed == head.claimed
