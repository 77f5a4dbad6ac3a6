"""Revoke against claim, leaving against claim: exactly one wins, and nobody claims after leaving."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from tests.faults import mutants
from tests.faults.checker import History, check
from tests.faults.ground import folder, new_world, sqlite_in
from tests.faults.postgres_kills import postgres_for
from tests.faults.result import Result
from tests.support.world import World
from welfare_desk.context import AppContext
from welfare_desk.db.models.campaigns import Grant
from welfare_desk.errors import Refused
from welfare_desk.services import claims, grants, people
from welfare_desk.services.claims import ClaimRequest, Outcome

HOLD_S = 0.01
PAIRS = 8


def on_sqlite(rounds: int, seed: int, mutant: str = "") -> Result:
    """Both contests on a SQLite file."""
    with folder() as data, mutants.living(mutant):
        return _contests("revoke and leave against claim (SQLite)", new_world(sqlite_in(data), data), rounds, seed)


def on_postgres(rounds: int, seed: int, mutant: str = "") -> Result:
    """Both contests on PostgreSQL."""
    server = postgres_for(f"contest-{seed}")
    try:
        with folder() as data, mutants.living(mutant):
            world = new_world(server.create("faults"), data)
            return _contests("revoke and leave against claim (PostgreSQL)", world, rounds, seed)
    finally:
        server.delete()


@dataclass
class _Contest:
    """One right, one who takes it away, one who claims it."""

    world: World
    person: int
    grant: int
    away: threading.Event = field(default_factory=threading.Event)
    went: bool = False
    too_late: bool = False
    outcome: Outcome | None = None
    errors: list[str] = field(default_factory=list)

    def revoke(self) -> None:
        """HR takes the right back, unless it was used."""
        try:
            self.world.ctx.write(grants.revoke, grant_id=self.grant)
            self.went = True
        except Refused:
            pass
        self.away.set()

    def leave(self) -> None:
        """The person leaves the company."""
        self.world.ctx.write(people.edit_person, person_id=self.person, changes={"status": "left"})
        self.went = True
        self.away.set()

    def claim(self) -> None:
        """The person claims; the transaction stays open a moment before it is committed."""

        def slowly(ctx: AppContext, session: Session) -> Outcome:
            was_away = self.away.is_set()
            [outcome] = claims.settle(ctx, session, requests=[ClaimRequest(self.grant)])
            if outcome.units and not was_away:
                self.away.wait(HOLD_S)
            self.too_late = bool(outcome.units) and self.went
            return outcome

        self.outcome = self.world.ctx.write(slowly)

    def verdict(self, kind: str) -> Iterator[str]:
        """What is wrong with how it ended."""
        given = self.outcome is not None and bool(self.outcome.units)
        yield from self.errors
        if self.too_late:
            yield f"grant {self.grant} was claimed after the {kind} was acknowledged"
        if kind == "revoke" and given == self.went:
            yield f"grant {self.grant}: claim {'and' if given else 'nor'} revoke won"
        state = self.world.ctx.read(lambda session: session.get_one(Grant, self.grant).state)
        wanted = ("revoked" if self.went else "open") if kind == "revoke" else "left"
        if state != wanted:
            yield f"grant {self.grant} is {state} after the {kind}"


def _contests(name: str, world: World, rounds: int, seed: int) -> Result:
    history, found = History(), []
    product = world.product()
    with _closing(world):
        for number in range(0, rounds, PAIRS):
            chance = random.Random(seed * 1000 + number)
            world.stock(product, PAIRS)
            persons = world.people(PAIRS)
            _campaign, ids = world.campaign(product, persons, reserved={product: PAIRS}, verify="none")
            for person, grant in zip(persons, ids, strict=True):
                kind = chance.choice(("revoke", "leave"))
                contest = _Contest(world, person, grant)
                _together(chance, contest.errors, contest.claim, getattr(contest, kind))
                found += contest.verdict(kind)
                if contest.outcome and contest.outcome.units:
                    history.saw(grant, frozenset(unit.code_id or 0 for unit in contest.outcome.units))
                elif contest.outcome:
                    history.refused[contest.outcome.verdict.reason] += 1
            found += world.ctx.read(check, history=history)
            if found:
                break
    won = len(history.given)
    if not found and not 0 < won < rounds:
        found.append(f"one side won always ({won} of {rounds}): no contest")
    return Result.of(name, rounds, history, found)


def _together(chance: random.Random, errors: list[str], *sides: Callable[[], Any]) -> None:
    """Both at once, either of them a little earlier."""
    first = threading.Barrier(2)
    delays = [chance.choice((0.0, 0.0, 0.001, 0.003)) for _side in sides]

    def run(side: Callable[[], Any], delay: float) -> None:
        first.wait()
        threading.Event().wait(delay)
        try:
            side()
        except Exception as error:  # noqa: BLE001 - part of the history
            errors.append(f"{side.__name__}: {type(error).__name__}: {error}")

    threads = [threading.Thread(target=run, args=given) for given in zip(sides, delays, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)


@contextmanager
def _closing(world: World) -> Iterator[None]:
    with ExitStack() as stack:
        stack.callback(world.ctx.engine.dispose)
        yield
