"""The proof of stock and money, and that it notices what is wrong, by name, with the batch."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from tests.support.world import HOUR, World, open_world
from welfare_desk.commands.reconcile import promise
from welfare_desk.db.models.campaigns import Campaign
from welfare_desk.queries import raw_figures, reconcile_money, reconcile_stock
from welfare_desk.queries.reconcile import Reconciliation, reconcile
from welfare_desk.services import claims, order_steps
from welfare_desk.services.claims import ClaimRequest


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> Iterator[World]:
    made = open_world(database_url, tmp_path)
    yield made
    made.ctx.engine.dispose()


@pytest.fixture
def used(world: World) -> tuple[World, int, int]:
    """A world in which four of six claimed from one batch and two from a bundle; (world, batch, other batch)."""
    card, other = world.product(), world.product(price=500)
    batch, second = world.stock(card, 8, cost=901), world.stock(other, 5, cost=450)
    _campaign, grants = world.campaign(card, world.people(6), reserved={card: 6})
    claim(world, *grants[:4])
    bundle = world.bundle([(other, 1)])
    _campaign, grants = world.campaign(bundle, world.people(3), reserved={other: 3})
    claim(world, *grants[:2])
    return world, batch, second


def claim(world: World, *grants: int, account: str = "") -> None:
    world.ctx.write(claims.settle, requests=[ClaimRequest(grant, account=account, trusted=True) for grant in grants])


def check(world: World) -> Reconciliation:
    return world.ctx.read(reconcile, now=world.clock.now())


def test_an_empty_desk_is_in_order(world: World) -> None:
    assert check(world) == Reconciliation(True, (), (), ())


def test_what_was_used_is_in_order(used: tuple[World, int, int]) -> None:
    world, batch, second = used
    found = check(world)
    assert found.differences == ()
    assert found.ok
    line, other = found.batches
    assert (line.batch, line.received, line.in_stock, line.issued, line.total_minor) == (batch, 8, 4, 4, 8 * 901)
    assert (other.batch, other.in_stock, other.issued) == (second, 3, 2)
    assert sorted(line.account_minor for line in found.budgets) == [2 * 450, 4 * 901]


def test_expired_stock_is_counted_as_expired(world: World) -> None:
    world.stock(world.product(), 3, expires_at=world.clock.now() + 1)
    assert check(world).batches[0].in_stock == 3
    world.clock.moment += 1
    found = check(world)
    assert (found.ok, found.batches[0].in_stock, found.batches[0].expired) == (True, 0, 3)


def test_top_ups_are_in_order_before_and_after_they_arrive(world: World) -> None:
    top_up = world.product("top_up", account="phone", price=3000)
    _campaign, grants = world.campaign(top_up, world.people(2))
    claim(world, *grants, account="13800138000")
    assert check(world).differences == ()
    for order_id in orders(world):
        world.ctx.write(order_steps.note_credited, order_id=order_id, supplier_no="S1", paid_minor=2990)
    found = check(world)
    assert found.differences == ()
    assert found.budgets[0].account_minor == 2 * 2990


def test_claims_that_go_on_meanwhile_are_no_differences(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    card = world.product()
    world.stock(card, 9)
    _campaign, grants = world.campaign(card, world.people(9), reserved={card: 9})
    claim(world, *grants[:3])
    waiting = iter(grants[3:])
    for module, name in ((reconcile_stock, "batches"), (reconcile_money, "budgets"), (raw_figures, "counted")):
        monkeypatch.setattr(module, name, claim_first(world, waiting, getattr(module, name)))
    found = check(world)
    assert found.differences == ()
    assert next(waiting) == grants[6]


def claim_first(world: World, waiting: Iterator[int], compare: Callable[..., Any]) -> Callable[..., Any]:
    """Somebody claims before the comparison."""

    def run(*args: Any, **options: Any) -> Any:
        claim(world, next(waiting))
        return compare(*args, **options)

    return run


def orders(world: World) -> list[int]:
    return world.ctx.read(lambda session: list(session.scalars(text("SELECT id FROM purchase_order"))))


# ---- planted faults

GRANT = "(SELECT min(f.grant_id) FROM fulfilment f JOIN code k ON k.id = f.code_id WHERE k.batch_id = :batch)"
LAST = "(SELECT max(f.grant_id) FROM fulfilment f JOIN code k ON k.id = f.code_id WHERE k.batch_id = :batch)"
CAMPAIGN = f"(SELECT campaign_id FROM fulfilment WHERE grant_id = {GRANT})"
FREE = "(SELECT min(id) FROM code WHERE batch_id = :batch AND state = 'stock')"
BOUND = f"(SELECT code_id FROM fulfilment WHERE grant_id = {GRANT})"
SUBJECT = f"subject = 'grant:' || cast({GRANT} AS varchar(20))"
TO_CAMPAIGN, FROM_STOCK = f"{SUBJECT} AND account LIKE 'campaign:%'", f"{SUBJECT} AND account LIKE 'stock:%'"
BATCH_SUBJECT = "subject = 'batch:' || cast(:batch AS varchar(20))"
PRODUCT = "(SELECT product_id FROM batch WHERE id = :batch)"

FAULTS: dict[str, tuple[list[str], set[str]]] = {
    "claim deleted": (
        [f"DELETE FROM claim WHERE grant_id = {GRANT}"],
        {"claim_missing", "rollup", "campaign_account"},
    ),
    "claim and units deleted": (
        [
            f"CREATE TABLE gone AS SELECT {GRANT} AS id",
            "DELETE FROM fulfilment WHERE grant_id = (SELECT id FROM gone)",
            "DELETE FROM claim WHERE grant_id = (SELECT id FROM gone)",
        ],
        {"code_unbound", "ledger_line", "rollup"},
    ),
    "unit deleted": (
        [f"DELETE FROM fulfilment WHERE grant_id = {GRANT}"],
        {"claim_without_units", "code_unbound"},
    ),
    "code bound twice": (
        ["UNBIND", f"UPDATE fulfilment SET code_id = {BOUND} WHERE grant_id = {LAST}"],
        {"code_twice", "code_unbound"},
    ),
    "bound code back in stock": (
        [f"UPDATE code SET state = 'stock', shelf_order = 1 WHERE id = {BOUND}"],
        {"code_not_issued", "stock_account"},
    ),
    "free code issued to nobody": (
        [f"UPDATE code SET state = 'issued', shelf_order = NULL WHERE id = {FREE}"],
        {"code_unbound", "stock_account"},
    ),
    "ledger line altered": (
        [f"UPDATE ledger_entry SET amount_minor = amount_minor + 1 WHERE {FROM_STOCK}"],
        {"ledger_unbalanced", "ledger_line", "stock_account"},
    ),
    "both ledger lines altered": (
        [
            f"UPDATE ledger_entry SET amount_minor = amount_minor + 1 WHERE {TO_CAMPAIGN}",
            f"UPDATE ledger_entry SET amount_minor = amount_minor - 1 WHERE {FROM_STOCK}",
        ],
        {"ledger_line", "stock_account", "campaign_account"},
    ),
    "ledger line deleted": (
        [f"DELETE FROM ledger_entry WHERE {TO_CAMPAIGN}"],
        {"ledger_unbalanced", "ledger_line", "campaign_account"},
    ),
    "ledger account altered": (
        [f"UPDATE ledger_entry SET account = 'campaign:1' WHERE {TO_CAMPAIGN}"],
        {"ledger_line", "campaign_account"},
    ),
    "purchase altered": (
        [f"UPDATE ledger_entry SET amount_minor = amount_minor * 2 WHERE {BATCH_SUBJECT}"],
        {"ledger_line", "stock_account"},
    ),
    "stock row gone": ([f"DELETE FROM code WHERE id = {FREE}"], {"batch_count", "batch_cost", "stock_account"}),
    "issued row gone": ([f"DELETE FROM code WHERE id = {BOUND}"], {"batch_count", "batch_cost", "unit_without_code"}),
    "cost of a code changed": (
        [f"UPDATE code SET cost_minor = cost_minor + 1 WHERE id = {BOUND}"],
        {"unit_cost", "batch_cost"},
    ),
    "cost of free stock changed": (
        [f"UPDATE code SET cost_minor = cost_minor + 1 WHERE id = {FREE}"],
        {"batch_cost", "stock_account"},
    ),
    "cost of a claim changed": (
        [f"UPDATE claim SET cost_minor = cost_minor + 1 WHERE grant_id = {GRANT}"],
        {"claim_cost", "campaign_account"},
    ),
    "cost of a unit changed": (
        [f"UPDATE fulfilment SET cost_minor = cost_minor + 1 WHERE grant_id = {GRANT}"],
        {"unit_cost", "claim_cost", "ledger_line"},
    ),
    "cost of a batch changed": (
        ["UPDATE batch SET total_minor = total_minor + 1 WHERE id = :batch"],
        {"batch_cost", "ledger_line"},
    ),
    "rollup off by one": (
        [f"UPDATE rollup SET value = value + 1 WHERE figure = 'claimed' AND campaign_id = {CAMPAIGN}"],
        {"rollup"},
    ),
    "rollup gone": ([f"DELETE FROM rollup WHERE figure = 'grants' AND campaign_id = {CAMPAIGN}"], {"rollup"}),
    "reserved too much": (
        [f"UPDATE reservation SET units = 100, needed = 600 WHERE product_id = {PRODUCT}"],
        {"reserved_over_stock"},
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("second", [False, True], ids=["card", "bundle"])
def test_a_planted_fault_is_named_with_its_batch(used: tuple[World, int, int], fault: str, second: bool) -> None:
    world, *batches = used
    batch = batches[second]
    statements, kinds = FAULTS[fault]
    plant(world, statements, batch)
    found = check(world)
    assert not found.ok
    named = {difference.kind for difference in found.differences if batch in difference.batches}
    assert kinds <= named
    assert all(difference.expected != difference.found for difference in found.differences)
    assert {difference.batch for difference in found.differences} <= {batch}


def plant(world: World, statements: list[str], batch: int) -> None:
    """Does what no program of ours may: around every constraint."""
    sqlite = world.ctx.engine.dialect.name == "sqlite"
    loose = LOOSE_SQLITE if sqlite else LOOSE_POSTGRES
    unbound = [part for statement in statements for part in (loose if statement == "UNBIND" else [statement])]
    if sqlite:
        with closing(sqlite3.connect(str(world.ctx.engine.url.database))) as connection, connection:
            for statement in unbound:
                connection.execute(statement, {"batch": batch})
        return
    with world.ctx.engine.begin() as session:
        session.exec_driver_sql("SET LOCAL session_replication_role = replica")
        for statement in unbound:
            session.execute(text(statement), {"batch": batch} if ":batch" in statement else {})


LOOSE_SQLITE = [
    "CREATE TABLE loose AS SELECT * FROM fulfilment",
    "DROP TABLE fulfilment",
    "ALTER TABLE loose RENAME TO fulfilment",
]
LOOSE_POSTGRES = ["ALTER TABLE fulfilment DROP CONSTRAINT uq_fulfilment_code_id"]


def test_codes_that_expire_under_a_campaign_are_named_and_no_difference(world: World) -> None:
    """Nothing is lost in the books: the campaign, what it will lack and where it went are said."""
    card = world.product()
    world.stock(card, 3)
    world.stock(card, 5, expires_at=world.clock.moment + HOUR)
    campaign, grants = world.campaign(
        card, world.people(6), reserved={card: 6}, closes_at=world.clock.moment + 9 * HOUR
    )
    claim(world, grants[0])
    assert check(world).uncovered == ()
    world.clock.moment += 2 * HOUR
    found = check(world)
    assert (found.ok, found.differences) == (True, ())
    [one] = found.uncovered
    assert (one.campaigns, one.reserved, one.in_stock, one.expired, one.missing) == (
        (world.ctx.read(lambda session: session.get_one(Campaign, campaign).key),), 5, 3, 4, 2,
    )  # fmt: skip
    assert promise(one).startswith(one.campaigns[0])
    world.stock(card, 2)
    assert check(world).uncovered == ()


def test_codes_that_had_expired_before_a_launch_explain_nothing(world: World) -> None:
    card = world.product()
    world.stock(card, 5, expires_at=world.clock.moment - HOUR)
    world.stock(card, 1)
    world.campaign(card, world.people(3), reserved={card: 3})
    assert {one.kind for one in check(world).differences} == {"reserved_over_stock"}
