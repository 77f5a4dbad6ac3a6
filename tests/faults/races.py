"""Clients that claim at the same time: everybody wants the same few codes, and every grant is claimed by several."""

from __future__ import annotations

import random
import threading
from dataclasses import dataclass

from tests.faults.checker import History
from tests.support.world import World
from welfare_desk.errors import WelfareError
from welfare_desk.services import claims
from welfare_desk.services.claims import ClaimRequest, Outcome

CLIENTS = 8


@dataclass(frozen=True)
class Race:
    """A campaign with fewer codes than people."""

    grants: list[int]
    codes: int


def prepare(world: World, *, people: int = 60, codes: int = 50) -> Race:
    """A short campaign: the last codes are fought over."""
    product = world.product()
    world.stock(product, codes)
    _campaign, grants = world.campaign(product, world.people(people), reserved={product: codes}, verify="none")
    return Race(grants, codes)


def run(world: World, race: Race, *, seed: int = 1) -> History:
    """Every client claims every grant in an order of its own, in batches of three."""
    history = History()
    lock = threading.Lock()

    def client(number: int) -> None:
        mine = random.Random(seed * 100 + number).sample(race.grants, len(race.grants))
        for start in range(0, len(mine), 3):
            batch = [ClaimRequest(grant, 0) for grant in mine[start : start + 3]]
            try:
                outcomes = _insist(world, batch)
            except WelfareError as error:
                with lock:
                    history.errors.append(str(error))
                continue
            except Exception as error:  # noqa: BLE001 - part of the history
                with lock:
                    history.errors.append(type(error).__name__)
                continue
            with lock:
                _note(history, outcomes)

    threads = [threading.Thread(target=client, args=(number,)) for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return history


def _insist(world: World, batch: list[ClaimRequest]) -> list[Outcome]:
    answers: list[Outcome] = []
    while batch:
        outcomes = world.ctx.write(claims.settle, requests=batch)
        answers += [outcome for outcome in outcomes if not outcome.retry]
        batch = [request for request, outcome in zip(batch, outcomes, strict=True) if outcome.retry]
    return answers


def _note(history: History, outcomes: list[Outcome]) -> None:
    for outcome in outcomes:
        if outcome.units:
            history.saw(outcome.grant_id, frozenset(unit.code_id or 0 for unit in outcome.units))
        else:
            history.refused[outcome.verdict.reason] += 1
