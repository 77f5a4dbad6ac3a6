"""Clocks that jump: a moment that a process has told the database does not come back, so no window opens twice."""

from __future__ import annotations

import random
from collections.abc import Iterator

from tests.faults import mutants
from tests.faults.checker import History, check
from tests.faults.ground import folder, new_world, sqlite_in
from tests.faults.postgres_kills import postgres_for
from tests.faults.result import Result
from tests.support.world import HOUR, World
from welfare_desk.db.clock import read_now
from welfare_desk.services import claims, processes
from welfare_desk.services.claims import ClaimRequest, Outcome

STEPS = 30
JUMPS = (-26 * HOUR, -3 * HOUR, -HOUR, -60_000, -1, 0, 1, 60_000, HOUR // 2, HOUR, 2 * HOUR)


def on_sqlite(rounds: int, seed: int, mutant: str = "") -> Result:
    """Claims, heartbeats and jumps in random order; every answer is compared with the time that had to be known."""
    with folder() as data, mutants.living(mutant):
        return _jumping("clock jumps (SQLite)", new_world(sqlite_in(data), data), rounds, seed)


def on_postgres(rounds: int, seed: int, mutant: str = "") -> Result:
    """The same on PostgreSQL, with the clock of the service instead of the server's own."""
    server = postgres_for(f"clock-{seed}")
    try:
        with folder() as data, mutants.living(mutant):
            return _jumping("clock jumps (PostgreSQL)", new_world(server.create("faults"), data), rounds, seed)
    finally:
        server.delete()


def _jumping(name: str, world: World, rounds: int, seed: int) -> Result:
    history, found = History(), []
    for number in range(rounds):
        found += _round(world, history, random.Random(seed * 1000 + number))
        if found:
            break
    found += world.ctx.read(check, history=history)
    world.ctx.engine.dispose()
    return Result.of(name, rounds, history, found)


def _round(world: World, history: History, chance: random.Random) -> Iterator[str]:
    """One window of two hours that begins an hour after the latest moment anybody told the database."""
    product = world.product()
    world.clock.moment = world.ctx.write(_told)
    world.stock(product, STEPS)
    opens = world.clock.moment + HOUR
    _campaign, grants = world.campaign(
        product, world.people(STEPS), reserved={product: STEPS}, verify="none", opens_at=opens,
        closes_at=opens + 2 * HOUR,
    )  # fmt: skip
    own = world.ctx.write(processes.register, role="web")
    told = world.clock.moment
    for grant in grants:
        world.clock.moment = max(opens - 30 * HOUR, world.clock.moment + chance.choice(JUMPS))
        if chance.random() < 0.4:
            world.ctx.write(processes.heartbeat, number=own.number, nonce=own.nonce)
            told = max(told, world.clock.moment)
        now = max(told, world.clock.moment)
        [outcome] = world.ctx.write(claims.settle, requests=[ClaimRequest(grant)])
        _note(history, outcome)
        inside = opens <= now < opens + 2 * HOUR
        if bool(outcome.units) != inside:
            yield f"grant {grant}: {outcome.verdict.reason} {(now - opens) / HOUR:+.2f} h from the opening"
    world.ctx.write(processes.stop, number=own.number, nonce=own.nonce)


def _told(ctx: object, session: object) -> int:
    return read_now(session, ctx.clock)  # type: ignore[arg-type,attr-defined]


def _note(history: History, outcome: Outcome) -> None:
    if outcome.units:
        history.saw(outcome.grant_id, frozenset(unit.code_id or 0 for unit in outcome.units))
    else:
        history.refused[outcome.verdict.reason] += 1
