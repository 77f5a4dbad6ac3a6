"""Laws 1 and 2 hold in a race, and the race has teeth: with a law broken, it must say so."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, insert, text
from sqlalchemy.exc import IntegrityError

from tests.faults import races
from tests.faults.checker import check
from tests.support.world import World, open_world
from welfare_desk.db import claim_sql, engine
from welfare_desk.db.models.claims import Claim, Fulfilment
from welfare_desk.errors import Unavailable
from welfare_desk.services import claims, rollups
from welfare_desk.services.claims import ClaimRequest


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> Iterator[World]:
    made = open_world(database_url, tmp_path)
    yield made
    made.ctx.engine.dispose()


@pytest.fixture
def on_sqlite(sqlite_database: str, tmp_path: Path) -> Iterator[World]:
    made = open_world(sqlite_database, tmp_path)
    yield made
    made.ctx.engine.dispose()


@pytest.fixture
def on_postgres(postgres_database: str, tmp_path: Path) -> Iterator[World]:
    made = open_world(postgres_database, tmp_path)
    yield made
    made.ctx.engine.dispose()


def broken_promises(world: World, rounds: int = 1) -> list[str]:
    """What the checker finds after races on this world."""
    found: list[str] = []
    for seed in range(rounds):
        race = races.prepare(world)
        history = races.run(world, race, seed=seed)
        found += world.ctx.read(check, history=history)
        if len(history.given) != race.codes:
            found.append(f"{len(history.given)} people got something, there were {race.codes} codes")
        if found:
            break
    return found


def test_a_race_breaks_no_promise(world: World) -> None:
    assert broken_promises(world) == []


def test_mutant_statements_that_commit_one_by_one(on_sqlite: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from sqlalchemy import event

    event.remove(on_sqlite.ctx.engine, "begin", engine._begin_sqlite)
    assert broken_promises(on_sqlite, rounds=5)


def test_mutant_transactions_that_begin_as_readers(on_sqlite: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "_patiently", lambda begin: None)
    assert broken_promises(on_sqlite, rounds=5)


@pytest.mark.postgres
def test_mutant_grants_read_without_a_lock(on_postgres: World, monkeypatch: pytest.MonkeyPatch) -> None:
    real = claim_sql.lock_grants
    monkeypatch.setattr(claim_sql, "lock_grants", lambda *given, lock=True: real(*given, lock=False))
    assert broken_promises(on_postgres, rounds=5)


@pytest.mark.postgres
def test_mutant_codes_chosen_before_they_are_taken(on_postgres: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def choose_then_take(connection: Connection, product_id: int, count: int, now: int) -> list[Any]:
        values = {"product": product_id, "now": now, "count": count}
        chosen = connection.execute(text("""SELECT id FROM code WHERE product_id = :product AND shelf_order > :now
            ORDER BY shelf_order, id LIMIT :count"""), values).scalars().all()  # fmt: skip
        return list(connection.execute(text("""UPDATE code SET shelf_order = NULL, state = 'issued'
            WHERE id = ANY(:ids) RETURNING id, batch_id, product_id, sealed, cost_minor, expires_at"""),
            {"ids": list(chosen)}).all())  # fmt: skip

    monkeypatch.setattr(claim_sql, "take_codes", choose_then_take)
    assert broken_promises(on_postgres, rounds=5)


@pytest.mark.postgres
def test_mutant_sold_out_said_while_others_hold_the_last_codes(
    on_postgres: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the last code held by a transaction that will roll back, the next person is asked to wait, not sent away."""
    product = on_postgres.product()
    on_postgres.stock(product, 1)
    _campaign, grants = on_postgres.campaign(product, on_postgres.people(2), reserved={product: 1}, verify="none")

    def answer_while_held() -> bool:
        with on_postgres.ctx.engine.connect() as other:
            claim_sql.take_codes(other, product, 1, on_postgres.clock.now())
            [outcome] = on_postgres.ctx.write(claims.settle, requests=[ClaimRequest(grants[0])])
            other.rollback()
        return outcome.retry

    assert answer_while_held()
    monkeypatch.setattr(claim_sql, "free_remain", lambda *given: False)
    assert not answer_while_held()


def test_unique_stands_behind_the_locks(world: World) -> None:
    race = races.prepare(world, people=2, codes=2)
    world.ctx.write(claims.settle, requests=[ClaimRequest(race.grants[0])])

    def bind_again(ctx: Any, session: Any) -> None:
        code = session.query(Fulfilment.code_id).scalar()
        [campaign] = session.query(Claim.campaign_id).one()
        session.execute(insert(Claim).values(grant_id=race.grants[1], campaign_id=campaign, at=1, via="", cost_minor=0))
        session.execute(insert(Fulfilment).values(
            grant_id=race.grants[1], part=0, unit=0, campaign_id=campaign, product_id=1, code_id=code,
            state="revealed", account_masked=None, cost_minor=0, changed_at=1))  # fmt: skip

    with pytest.raises((IntegrityError, Unavailable)):
        world.ctx.write(bind_again)


def test_sqlite_writes_survive_power_cuts_by_configuration(on_sqlite: World) -> None:
    """kill -9 cannot see NORMAL; this reads what every connection was told: WAL and FULL (2)."""

    def told(url_options: dict[str, str]) -> tuple[str, int]:
        made = engine.open_engine(str(on_sqlite.ctx.engine.url), **url_options)  # type: ignore[arg-type]
        with made.connect() as connection:
            mode = connection.exec_driver_sql("PRAGMA journal_mode").scalar_one()
            level = connection.exec_driver_sql("PRAGMA synchronous").scalar_one()
        made.dispose()
        return mode, level

    assert told({}) == ("wal", 2)
    assert told({"synchronous": "NORMAL"}) != ("wal", 2)


def test_a_settlement_needs_few_round_trips(world: World) -> None:
    """Law 2: at most six round trips with the commit, however many claims are in the batch."""
    from sqlalchemy import event

    race = races.prepare(world, people=40, codes=40)
    statements: list[str] = []
    event.listen(world.ctx.engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
    world.ctx.write(claims.settle, requests=[ClaimRequest(grant) for grant in race.grants])
    if world.ctx.engine.dialect.name == "postgresql":
        assert len(statements) + 1 <= 6, statements


def test_rollups_are_merged_in_key_order() -> None:
    rows = [("grants", 2, 1, "b", 1, 1), ("claimed", 9, 1, "a", 1, 1), ("grants", 2, 1, "a", 1, 1),
            ("claimed", 9, 1, "a", 1, 2)]  # fmt: skip
    assert rollups.summed(rows) == [("claimed", 9, 1, "a", 1, 3), ("grants", 2, 1, "a", 1, 1),
                                    ("grants", 2, 1, "b", 1, 1)]  # fmt: skip
