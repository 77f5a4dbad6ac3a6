"""Restoring at random points: what was given after the backup comes back from the journal, the old database is dead."""

from __future__ import annotations

import dataclasses
import random
from collections import Counter
from pathlib import Path
from typing import Protocol
from unittest.mock import patch

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.faults import mutants
from tests.faults.checker import History, check
from tests.faults.ground import PASSWORD, folder, kept_keys, new_world, sqlite_in
from tests.faults.last_code import merge
from tests.faults.postgres_kills import postgres_for
from tests.faults.result import Result
from tests.support.world import HOUR, World
from welfare_desk.context import AppContext
from welfare_desk.db.engine import open_engine
from welfare_desk.db.ids import new_id
from welfare_desk.db.migrate import upgrade
from welfare_desk.db.models.operators import Operator
from welfare_desk.db.models.purchasing import Code, IntakeEnvelope
from welfare_desk.errors import Unavailable
from welfare_desk.security import keystore
from welfare_desk.security.journal import Journal
from welfare_desk.security.keystore import OpenKeys
from welfare_desk.services import backups, claims, epochs, restores, stock
from welfare_desk.services.claims import ClaimRequest
from welfare_desk.web import settler

GRANTS = 30
CODES = 24
LATER = 3


def on_sqlite(rounds: int, seed: int, mutant: str = "") -> Result:
    """Claims, a backup, more claims, process restarts, a torn journal, a restore, and everybody asks once more."""
    return _restoring("restore at random points (SQLite)", sqlite_in, rounds, seed, mutant)


def on_postgres(rounds: int, seed: int, mutant: str = "") -> Result:
    """The same from one PostgreSQL database into another."""
    server = postgres_for(f"restore-{seed}")
    try:
        empty = open_engine(server.create("empty"))
        upgrade(empty)
        empty.dispose()

        def fresh(data: Path, name: str = "desk.db") -> str:
            return server.create(f"{data.name}-{name}", template="empty")

        return _restoring("restore at random points (PostgreSQL)", fresh, rounds, seed, mutant)
    finally:
        server.delete()


class _Fresh(Protocol):
    def __call__(self, data: Path, name: str = "desk.db") -> str: ...


def _restoring(name: str, fresh: _Fresh, rounds: int, seed: int, mutant: str) -> Result:
    history, found = History(), []
    keys, _store = kept_keys()
    with patch.object(keystore, "open_store", lambda _folder, _passphrase: keys), mutants.living(mutant):
        for number in range(rounds):
            with folder() as data:
                seen = History()
                found += _round(data, fresh, seen, random.Random(seed * 1000 + number))
                merge(history, seen)
            if found:
                break
    return Result.of(name, rounds, history, found)


def _round(data: Path, fresh: _Fresh, seen: History, chance: random.Random) -> list[str]:
    world = new_world(fresh(data), data)
    world.ctx.write(lambda _ctx, session: session.add(
        Operator(id=1, name="admin", role="administrator", password_hash="", created_at=0)))  # fmt: skip
    product = world.product()
    world.stock(product, CODES)
    _campaign, grants = world.campaign(product, world.people(GRANTS), reserved={product: CODES}, verify="none")
    order = chance.sample(grants, len(grants))
    at, until = sorted(chance.sample(range(CODES), 2))
    _claim(world, seen, order[:at], chance)
    backups.write_backup(world.ctx, data / "backup.wdb")
    later = _arrives_later(world, product) if chance.random() < 0.8 else []
    _claim(world, seen, order[at:until], chance)
    if chance.random() < 0.5:
        _claim(world, History(), _launched_later(world, product), chance)
    _tear(data, chance)
    url = fresh(data, "again.db")
    made = restores.restore(data, data / "backup.wdb", database=url, passphrase=PASSWORD)
    found = (
        [] if made.replayed == until - at else [f"{made.replayed} of {until - at} claims came back, the rest is lost"]
    )
    again = World(dataclasses.replace(world.ctx, engine=open_engine(url)), world.clock)
    try:
        epochs.check(again.ctx, kept_keys()[0])
    except Unavailable as error:
        found.append(f"the restored database is refused: {error.code}")
    _serve_old(world, seen, order, chance)
    again.ctx.write(_import_once_more, product=product, secrets=later)
    found += again.ctx.read(_doubles, keys=kept_keys()[0])
    _claim(again, seen, chance.sample(grants, len(grants)), chance)
    found += again.ctx.read(check, history=seen)
    for one in (world, again):
        one.ctx.engine.dispose()
    return found


def _claim(world: World, seen: History, grants: list[int], chance: random.Random) -> None:
    """As the service: settle, journal, reveal; now and then it is a new process with a journal file of its own."""
    keys, _store = kept_keys()
    journal = Journal(world.ctx.data, keys, "web1")
    while grants:
        size = chance.randint(1, 6)
        batch, grants = grants[:size], grants[size:]
        outcomes = world.ctx.write(claims.settle, requests=[ClaimRequest(grant) for grant in batch])
        journal.append([given for outcome in outcomes for given in settler._given(outcome)])
        for outcome in outcomes:
            if outcome.units:
                seen.saw(outcome.grant_id, frozenset(unit.code_id or 0 for unit in outcome.units))
        if chance.random() < 0.1:
            journal.close()
            journal = Journal(world.ctx.data, keys, "web1")
    journal.close()


def _arrives_later(world: World, product: int) -> list[str]:
    """Codes that the backup does not have, and that are given first because they expire soon."""
    before = set(world.codes)
    world.stock(product, LATER, expires_at=world.clock.moment + 20 * HOUR)
    return sorted(set(world.codes) - before)


def _import_once_more(ctx: AppContext, session: Session, *, product: int, secrets: list[str]) -> None:
    """HR finds the list whose codes the restored database does not show, and imports it again."""
    if not secrets:
        return
    session.add(IntakeEnvelope(job_id=1, chunk=0, chunks=1, sealed=b""))
    session.flush()
    plan = stock.BatchPlan(new_id(), product, None, "", "CNY", "import:again")
    assert ctx.keys is not None
    rows = stock.seal_codes(ctx.keys, plan, [("", secret) for secret in secrets], 0)
    stock.take_in(ctx, session, job_id=1, chunk=0, rows=rows, plan=plan, expires_at=None)


def _doubles(session: Session, *, keys: OpenKeys) -> list[str]:
    """Secrets that lie in the database several times: each would be given once more."""
    opened = Counter(
        keys.open_code(code.sealed, product_id=code.product_id, batch_id=code.batch_id, code_id=code.id)
        for code in session.scalars(select(Code))
    )
    return [f"a code lies {count} times in stock" for count in opened.values() if count > 1]


def _launched_later(world: World, product: int) -> list[int]:
    """A campaign of which the backup knows nothing: its people cannot be known again, its codes must not come back."""
    return world.campaign(product, world.people(3), reserved={product: 3}, verify="none")[1]


def _tear(data: Path, chance: random.Random) -> None:
    """The machine died while a further record was written: the end of the newest file is half a record."""
    files = sorted((data / "journal").glob("*.claims"), key=lambda path: path.stat().st_mtime_ns)
    if files and chance.random() < 0.5:
        with files[-1].open("ab") as file:
            size = files[-1].stat().st_size
            file.write(((80).to_bytes(4) + size.to_bytes(8) + chance.randbytes(80))[: chance.randrange(1, 90)])


def _serve_old(world: World, seen: History, order: list[int], chance: random.Random) -> None:
    """Somebody starts the service on the database that was replaced: it must refuse, or it gives codes twice."""
    keys, _store = kept_keys()
    try:
        epochs.check(world.ctx, keys)
    except Unavailable:
        return
    _claim(world, seen, list(reversed(order)), chance)
