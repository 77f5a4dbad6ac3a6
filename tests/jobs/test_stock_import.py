"""Codes from a file: sealed at the desk, opened by the service alone, doubles left out, nothing taken in twice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.support.supplier import work
from tests.support.world import World, at_desk, open_world
from welfare_desk.db.models.claims import LedgerEntry
from welfare_desk.db.models.purchasing import Code, IntakeEnvelope
from welfare_desk.errors import NotFound, Refused, Unavailable
from welfare_desk.jobs import intake_codes
from welfare_desk.jobs.work import Work
from welfare_desk.queries import stock as queries
from welfare_desk.queries.jobs import job
from welfare_desk.services import shelf, stock
from welfare_desk.services.stock import request_import


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> Iterator[World]:
    world = open_world(database_url, tmp_path)
    world.ctx.write(shelf.add_product, name="面包券", kind="card_secret", price_minor=500)
    yield world
    world.ctx.engine.dispose()


def asked(world: World, codes: list[tuple[str, str]]) -> Work:
    """The job a desk asks for, as the runner would lease it."""
    job_id = at_desk(world).write(request_import, product="面包券", codes=codes, label="三月")
    row = world.ctx.read(job, job_id=job_id)
    assert row is not None
    blank = work(row.params)
    return Work(job_id, row.kind, row.params, "test", None, 1, blank.progress, lambda _seconds: None)


def count(world: World, table: type[Code | IntakeEnvelope]) -> int:
    def read(session: Session) -> int:
        return session.scalar(select(func.count()).select_from(table)) or 0

    return world.ctx.read(read)


def test_codes_become_stock_and_doubles_are_left_out(world: World) -> None:
    codes = [(f"N{number}", f"S-{number}") for number in range(1_200)] + [("N1", "S-1")]
    first = asked(world, codes)
    assert count(world, IntakeEnvelope) == 3
    assert intake_codes.run(world.ctx, first) == {"stored": 1_200, "duplicates": 1}
    assert count(world, IntakeEnvelope) == 0
    assert intake_codes.run(world.ctx, asked(world, [("N7", "S-7"), ("", "new")])) == {"stored": 1, "duplicates": 1}
    row = world.ctx.read(queries.stock, products=["面包券"])[0]
    assert (row.in_stock, row.free) == (1_201, 1_201)
    batch = next(batch for batch in world.ctx.read(queries.batches) if batch.received == 1_200)
    assert (batch.label, batch.total_minor, batch.supplier) == ("三月", 1_200 * 500, None)

    def balance(session: Session) -> int | None:
        return session.scalar(select(func.sum(LedgerEntry.amount_minor)))

    assert world.ctx.read(balance) == 0


def test_done_again_nothing_is_taken_in_twice(world: World) -> None:
    leased = asked(world, [("", f"S-{number}") for number in range(700)])
    intake_codes.run(world.ctx, leased)
    assert intake_codes.run(world.ctx, leased) == {"stored": 0, "duplicates": 0}
    assert count(world, Code) == 700


def test_only_the_service_opens_what_a_desk_sealed(world: World) -> None:
    leased = asked(world, [("", "PLANTED-SECRET")])
    with pytest.raises(Unavailable, match="keys_locked"):
        intake_codes.run(at_desk(world), leased)

    def sealed(session: Session) -> bytes:
        return session.scalars(select(IntakeEnvelope.sealed)).one()

    assert b"PLANTED-SECRET" not in world.ctx.read(sealed)


def test_an_envelope_moved_to_another_place_does_not_open(world: World) -> None:
    leased = asked(world, [("", f"S-{number}") for number in range(501)])
    moved = Work(
        leased.id, leased.kind, {**leased.params, "batch_id": 1}, "test", None, 1, leased.progress, leased.pause
    )
    with pytest.raises(Refused, match="seal_broken"):
        intake_codes.run(world.ctx, moved)
    assert count(world, Code) == 0


@pytest.mark.parametrize(
    ("product", "codes", "code"),
    [
        ("面包券", [], "stock_import_empty"),
        ("面包券", [("", "x" * 501)], "code_long"),
        ("nothing", [("", "x")], "product_unknown"),
        ("礼包", [("", "x")], "stock_not_counted"),
    ],
)
def test_what_cannot_be_imported_is_refused(
    world: World, product: str, codes: list[tuple[str, str]], code: str
) -> None:
    world.ctx.write(shelf.add_bundle, name="礼包", parts=[("面包券", 1)])
    with pytest.raises((Refused, NotFound), match=code):
        world.ctx.write(stock.request_import, product=product, codes=codes)
    assert count(world, IntakeEnvelope) == 0
