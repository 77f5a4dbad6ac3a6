"""A full outbox and senders that are killed: nobody is missed, and a kill repeats at most the message under way."""

from __future__ import annotations

import random
import time
from collections import Counter
from typing import Any

from tests.faults.checker import History
from tests.faults.ground import Forks, folder, fork_server, new_world, sqlite_in
from tests.faults.result import Result
from tests.support.mail import Sink, mail_sink
from tests.support.world import HOUR, World
from welfare_desk.db.models.shelf import Product
from welfare_desk.domain.plans import Audience, Plan
from welfare_desk.services import launching, settings

PER_ROUND = 12
MOST_MESSAGES = 6_000
LEASES_MS = 200_000
DRAIN_S = 120.0


def restarted(rounds: int, seed: int, mutant: str = "") -> Result:
    """Kills the sending process that many times at work; the last one drains the outbox."""
    history, opened, chance = History(), 0, random.Random(seed)
    with folder() as data, mail_sink() as sink:
        world = new_world(sqlite_in(data), data)
        people = min(MOST_MESSAGES, rounds * PER_ROUND + PER_ROUND)
        _fill(world, people)
        sink.answers = _Slow()
        with fork_server(data, str(world.ctx.engine.url), kind="jobs", mutant=mutant,
                         WELFARE_DESK_SMTP=sink.address()) as forks:  # fmt: skip
            for number in range(rounds):
                opened += _kill_at_work(forks, sink, number, chance)
            child = forks.start(str(LEASES_MS * rounds))
            _drain(forks, child)
        got = Counter(sink.recipients())
        history.lost_answers = opened
        world.ctx.engine.dispose()
    repeats = sum(count - 1 for count in got.values())
    found = [f"{people - len(got)} messages are lost"] if len(got) < people else []
    if repeats > rounds + 1 or any(count > 1 + opened for count in got.values()):
        found.append(f"{repeats} messages came again after {rounds} kills")
    result = Result.of("sender killed, outbox full (SQLite, SMTP)", rounds, history, found, opened)
    result.acknowledged = sum(got.values())
    return result


class _Slow(dict[str, str]):
    """A mail server that thinks a moment about every recipient."""

    def get(self, key: str, default: Any = None) -> Any:
        """The answer, later."""
        time.sleep(0.003)
        return super().get(key, default)


def _fill(world: World, people: int) -> None:
    changed = {"public_url": "http://10.0.0.5:8080", "company_name": "星河科技", "hr_contact": "王芳 8001"}
    world.ctx.write(settings.change, values=changed)
    product = world.product("top_up")
    world.people(people)
    key = world.ctx.read(lambda session: session.get_one(Product, product).key)
    now = world.clock.now()
    plan = Plan("中秋福利", key, Audience("all"), now - HOUR, now + 10_000 * HOUR, channels=("email",))
    launching.launch(world.ctx, plan=plan, again=True)


def _kill_at_work(forks: Forks, sink: Sink, number: int, chance: random.Random) -> bool:
    """Starts a sender whose clock is past every lease of the last one, and kills it between two of its mails."""
    before, child = len(sink.mails), forks.start(str(LEASES_MS * number))
    deadline = time.monotonic() + 20
    wanted = before + chance.randrange(1, PER_ROUND)
    while len(sink.mails) < wanted and time.monotonic() < deadline and not forks.shared[1]:
        time.sleep(0.0005)
    time.sleep(chance.uniform(0, 0.01))
    forks.kill(child)
    return forks.open_now()


def _drain(forks: Forks, child: int) -> None:
    deadline = time.monotonic() + DRAIN_S
    while not forks.shared[1] and not forks.ended(child) and time.monotonic() < deadline:
        time.sleep(0.01)
