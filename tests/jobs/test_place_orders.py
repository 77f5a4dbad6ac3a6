"""Orders for stock against a supplier that fails in every way: unknown, asked about, never placed twice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.support.supplier import Practice, carry_out, connect, order, practice, step
from tests.support.world import World, at_desk, open_world
from welfare_desk.context import AppContext
from welfare_desk.db.models.claims import LedgerEntry
from welfare_desk.db.models.purchasing import Batch, Code, PurchaseOrder
from welfare_desk.db.models.shelf import Supplier
from welfare_desk.errors import NotFound, Refused
from welfare_desk.jobs import place_orders
from welfare_desk.queries import purchasing, stock
from welfare_desk.services import order_steps
from welfare_desk.services import purchasing as services

pytestmark = pytest.mark.logs


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> Iterator[World]:
    world = open_world(database_url, tmp_path)
    yield world
    world.ctx.engine.dispose()


@pytest.fixture
def small(sqlite_database: str, tmp_path: Path) -> Iterator[World]:
    world = open_world(sqlite_database, tmp_path)
    yield world
    world.ctx.engine.dispose()


def ready(world: World, site: Practice) -> None:
    connect(world, site.config)


def books(world: World) -> None:
    """Every batch is counted and every transaction sums to zero."""

    def check(ctx: AppContext, session: Session) -> None:
        for batch in session.scalars(select(Batch)):
            rows = session.execute(
                select(func.count(), func.sum(Code.cost_minor)).where(Code.batch_id == batch.id)
            ).one()
            assert tuple(rows) == (batch.received, batch.total_minor)
        sums = select(func.sum(LedgerEntry.amount_minor)).group_by(LedgerEntry.transaction_id)
        assert set(session.scalars(sums)) <= {0}

    world.ctx.write(check)


def test_an_order_becomes_stock(world: World) -> None:
    with practice() as site:
        ready(world, site)
        asked = order(world, quantity=7)
        row = carry_out(world, asked)
        assert (row.state, row.received, row.total_minor, row.trouble) == ("received", 7, 7 * 2150, None)
        assert site.orders() == 1
    units = world.ctx.read(stock.stock, products=["sim-10001"])[0]
    assert (units.in_stock, units.free, units.reserved, units.issued) == (7, 7, 0, 0)
    batch = world.ctx.read(stock.batches)[0]
    assert (batch.received, batch.total_minor, batch.supplier, batch.label) == (7, 15050, "sim", row.order)
    books(world)


def test_codes_are_sealed_to_their_row(small: World) -> None:
    with practice() as site:
        ready(small, site)
        carry_out(small, order(small, quantity=2))
        secrets = {
            card["card_password"]
            for card in site.site.book.row(next(iter(site.site.book._orders.values())))["card_list"]
        }
    assert small.ctx.keys is not None

    def look(session: Session) -> list[Code]:
        return list(session.scalars(select(Code)))

    found = set()
    for code in small.ctx.read(look):
        opened = small.ctx.keys.open_code(
            code.sealed, product_id=code.product_id, batch_id=code.batch_id, code_id=code.id
        )
        found.add(opened[1])
    assert found == secrets
    raw = b"".join(path.read_bytes() for path in small.ctx.data.glob("desk.db*"))
    assert not any(secret.encode() in raw for secret in secrets)


def test_the_key_is_stored_sealed(small: World) -> None:
    with practice() as site:
        ready(small, site)
        key = site.config["key"]
    raw = b"".join(path.read_bytes() for path in small.ctx.data.glob("desk.db*"))
    assert key.encode() not in raw
    assert site.config["url"].encode() in raw


@pytest.mark.parametrize(
    "fault", ["500", "502", "timeout=2", "cut", "rubbish", "html", "empty", "huge", "code=7", "unlisted"]
)
def test_taken_but_not_confirmed_is_asked_about_and_placed_once(small: World, fault: str) -> None:
    kind, _, value = fault.partition("=")
    with practice(f"buy:{kind}-after-accept{'=' + value if value else ''}*1,info:rubbish*2") as site:
        ready(small, site)
        asked = order(small)
        first = step(small, asked)
        assert first.state == "unknown"
        assert first.trouble is not None
        row = carry_out(small, asked)
        assert (row.state, row.received) == ("received", 3)
        assert site.orders() == 1
    books(small)


def test_never_taken_fails_after_a_quarter_of_an_hour_and_is_not_sent_again(world: World) -> None:
    with practice("buy:timeout=2*1") as site:
        ready(world, site)
        asked = order(world)
        began = world.clock.moment
        row = carry_out(world, asked, turns=40)
        assert (row.state, row.trouble, row.received) == ("failed", "supplier_never_had_it", 0)
        assert world.clock.moment - began >= order_steps.NOT_FOUND_GRACE_MS
        assert site.orders() == 0


def test_one_not_found_after_a_long_silence_is_not_enough(small: World) -> None:
    with practice("buy:timeout=2*1,info:500*9") as site:
        ready(small, site)
        asked = order(small)
        for _turn in range(10):
            step(small, asked)
        small.clock.moment += order_steps.NOT_FOUND_GRACE_MS
        assert [step(small, asked).state for _turn in range(3)] == ["unknown", "unknown", "failed"]


def test_hidden_at_first_is_found_later(small: World) -> None:
    with practice("buy:502-after-accept*1,order:hidden=0.8*1") as site:
        ready(small, site)
        asked = order(small)
        step(small, asked)
        assert step(small, asked).state == "unknown"
        site.site.book._now = lambda: 4_000_000_000.0
        assert carry_out(small, asked).state == "received"
        assert site.orders() == 1


def test_down_is_unknown_and_goes_on_when_the_supplier_is_back(small: World) -> None:
    with practice() as site:
        ready(small, site)
    asked = order(small)
    for _turn in range(3):
        row = step(small, asked)
        assert (row.state, row.trouble) == ("unknown", "supplier_unreachable")
    port = int(site.config["url"].rsplit(":", 1)[1])
    with practice(port=port) as again:
        row = carry_out(small, asked)
        assert row.state == "received"
        assert again.orders() == 1


@pytest.mark.parametrize(
    ("fault", "trouble"),
    [
        ("no-balance", "supplier_refused_balance"),
        ("price-raised", "supplier_refused_price"),
        ("out-of-stock", "supplier_refused_stock"),
        ("signature", "supplier_signature"),
    ],
)
def test_a_refusal_fails_the_order(small: World, fault: str, trouble: str) -> None:
    with practice(f"buy:{fault}*1") as site:
        ready(small, site)
        row = carry_out(small, order(small))
        assert (row.state, row.trouble) == ("failed", trouble)
        assert site.orders() == 0


def test_a_duplicate_key_is_unknown(small: World) -> None:
    with practice("buy:duplicate-key*1") as site:
        ready(small, site)
        row = step(small, order(small))
        assert (row.state, row.trouble) == ("unknown", "supplier_unclear")


@pytest.mark.parametrize(
    ("fault", "state", "received", "notes"),
    [
        ("short=2", "partial", 3, {"short"}),
        ("duplicates=2", "partial", 3, {"duplicates"}),
        ("blank=1", "partial", 4, {"short"}),
        ("partial-refund", "received", 5, {"refunded"}),
        ("cancel", "failed", 0, {"refunded"}),
        ("numeric", "received", 5, set()),
        ("strings", "received", 5, set()),
        ("markup", "received", 5, set()),
        ("delay=0.6", "received", 5, set()),
    ],
)
def test_odd_deliveries(small: World, fault: str, state: str, received: int, notes: set[str]) -> None:
    with practice(f"order:{fault}*1") as site:
        ready(small, site)
        row = carry_out(small, order(small, quantity=5))
        assert (row.state, row.received) == (state, received)
        assert {note["kind"] for note in row.notes} == notes
        assert site.orders() == 1
    books(small)


def test_an_unlisted_state_stays_unknown(small: World) -> None:
    with practice("order:status=7") as site:
        ready(small, site)
        row = carry_out(small, order(small), turns=6)
        assert (row.state, row.trouble) == ("unknown", "supplier_state")
        assert site.orders() == 1


def test_refunded_before_we_asked_stores_nothing(small: World) -> None:
    with practice("buy:500-after-accept*1,order:refund=0*1") as site:
        ready(small, site)
        asked = order(small)
        step(small, asked)
        site.site.book._now = lambda: 4_000_000_000.0
        row = carry_out(small, asked)
        assert (row.state, row.trouble, row.received) == ("failed", "supplier_refunded", 0)
    assert small.ctx.read(stock.batches) == ()


def test_codes_of_an_earlier_order_are_quarantined(small: World) -> None:
    with practice("order:duplicates=1*1") as site:
        ready(small, site)
        carry_out(small, order(small, quantity=3))
    batch = small.ctx.read(stock.batches)[0]
    assert (batch.received, batch.in_stock, batch.quarantined) == (3, 2, 1)


def test_a_crash_after_sending_is_asked_about(small: World) -> None:
    with practice() as site:
        ready(small, site)
        asked = order(small)
        work = small.ctx.read(purchasing.order_work, order_id=asked.order_id)
        assert work is not None
        assert small.ctx.write(order_steps.mark_sent, order_id=asked.order_id)
        assert not small.ctx.write(order_steps.mark_sent, order_id=asked.order_id)
        row = step(small, asked)  # the process that sent it is gone; it never reached the supplier
        assert (row.state, site.orders()) == ("unknown", 0)


def test_an_interrupted_delivery_goes_on_where_it_stopped(small: World, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = place_orders.in_turns

    def first_turn_only(ctx: AppContext, service: object, rows: list[object], **kw: object) -> None:
        whole(ctx, service, rows[:2], **kw)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    with practice() as site:
        ready(small, site)
        asked = order(small, quantity=5)
        monkeypatch.setattr(place_orders, "in_turns", first_turn_only)
        with pytest.raises(KeyboardInterrupt):
            carry_out(small, asked)
        assert small.ctx.read(stock.batches)[0].received == 2
        monkeypatch.undo()
        row = carry_out(small, asked)
        assert (row.state, row.received, row.notes) == ("received", 5, ())
        assert len(small.ctx.read(stock.batches)) == 1
    books(small)


def test_what_cannot_be_ordered_is_refused(small: World) -> None:
    with practice() as site:
        ready(small, site)
    desk = at_desk(small)
    for product, quantity, code in (
        ("sim-20001", 1, "order_top_up"),
        ("sim-10001", 0, "order_quantity"),
        ("sim-10001", 100_001, "order_quantity"),
        ("nothing", 1, "product_unknown"),
    ):
        with pytest.raises((Refused, NotFound), match=code):
            desk.write(services.request_order, product=product, quantity=quantity)
    with pytest.raises(Refused, match="order_other_supplier"):
        desk.write(services.request_order, product="sim-10001", quantity=1, supplier="other")
    assert desk.read(purchasing.orders) == ()


def test_order_keys_suit_every_supplier(small: World) -> None:
    keys = [services.order_key(number) for number in (1, 2**40, 2**63 - 1)]
    assert all(20 <= len(key) <= 32 and key.isalnum() and key.upper() == key and key.isascii() for key in keys)
    assert keys == sorted(keys)
    assert services.order_key(1) != services.order_key(1)


def test_a_broken_connection_setting_fails_before_sending(small: World) -> None:
    with practice() as site:
        ready(small, site)

    def spoil(ctx: AppContext, session: Session) -> None:
        session.scalars(select(Supplier)).one().sealed_config = b"x"

    small.ctx.write(spoil)
    asked = order(small)
    row = step(small, asked)
    assert (row.state, row.trouble) == ("failed", "seal_broken")

    def sent(session: Session) -> int | None:
        return session.get_one(PurchaseOrder, asked.order_id).sent_at

    assert small.ctx.read(sent) is None
