"""The last codes: 64 claimants at the same moment, two processes on one PostgreSQL; and races in one process."""

from __future__ import annotations

import http.client
import random
import threading
from contextlib import closing
from dataclasses import dataclass, field

from sqlalchemy import Connection, text

from tests.faults import mutants, races
from tests.faults.checker import History, check
from tests.faults.ground import PATIENT_S, Forks, folder, fork_server, links, new_world, note, post, serves, sqlite_in
from tests.faults.postgres_kills import postgres_for
from tests.faults.result import Result
from tests.support.world import World

CLAIMANTS = 64
PEOPLE = (48, 32)  # some of them with two devices, or all
CODES = 20
ASK_AGAIN = 40


def over_http(rounds: int, seed: int, mutant: str = "") -> Result:
    """48 or 32 people on 64 devices want 20 codes at once: 20 get one, the rest hears the truth, nobody gets two."""
    server = postgres_for(f"race-{seed}")
    history, found = History(), []
    try:
        with folder() as data:
            world = new_world(server.create("faults"), data)
            if "no UNIQUE" in mutant:
                with world.ctx.engine.begin() as connection:
                    drop_constraints(connection)
            with fork_server(data, str(world.ctx.engine.url), mutant=mutant) as forks:
                crowd = _Crowd(world, forks, history)
                forks.start()
                forks.start()
                assert serves(forks.port)
                for number in range(rounds):
                    found += crowd.race(random.Random(seed * 1000 + number))
                    found += world.ctx.read(check, history=history) if found or number == rounds - 1 else []
                    if found:
                        break
            world.ctx.engine.dispose()
    finally:
        server.delete()
    return Result.of("last code, 64 claimants, 2 processes (PostgreSQL, HTTP)", rounds, history, found)


def drop_constraints(connection: Connection) -> None:
    """Takes away every constraint that stands behind the locks."""
    tables = "'claim', 'fulfilment'"
    found = connection.execute(text(f"""SELECT conrelid::regclass::text, conname FROM pg_constraint
        WHERE conrelid::regclass::text IN ({tables}) AND contype IN ('p', 'u', 'f') ORDER BY contype"""))  # fmt: skip
    for table, name in found.all():
        connection.execute(text(f'ALTER TABLE {table} DROP CONSTRAINT IF EXISTS "{name}" CASCADE'))
    indexes = connection.execute(text(f"""SELECT indexname FROM pg_indexes
        WHERE tablename IN ({tables}) AND indexdef LIKE '%UNIQUE%'"""))  # fmt: skip
    for (name,) in indexes.all():
        connection.execute(text(f'DROP INDEX "{name}"'))


@dataclass
class _Crowd:
    """64 devices with a connection each."""

    world: World
    forks: Forks
    history: History
    lock: threading.Lock = field(default_factory=threading.Lock)

    def race(self, chance: random.Random) -> list[str]:
        """One campaign, everybody at once; what is wrong with its end."""
        product = self.world.product()
        self.world.stock(product, CODES)
        people = self.world.people(chance.choice(PEOPLE))
        _campaign, grants = self.world.campaign(product, people, reserved={product: CODES}, verify="none")
        tokens = links(self.world, grants)
        devices = [*grants, *chance.sample(grants, CLAIMANTS - len(grants))]
        chance.shuffle(devices)
        ready = threading.Barrier(CLAIMANTS)
        threads = [threading.Thread(target=self._claim, args=(grant, tokens[grant], ready), daemon=True)
                   for grant in devices]  # fmt: skip
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(2 * PATIENT_S)
        given = sum(grant in self.history.given for grant in grants)
        return [] if given == CODES else [f"{given} people got something, there were {CODES} codes"]

    def _claim(self, grant: int, token: str, ready: threading.Barrier) -> None:
        try:
            with closing(http.client.HTTPConnection("127.0.0.1", self.forks.port, timeout=PATIENT_S)) as connection:
                connection.connect()
                ready.wait(PATIENT_S)
                for _again in range(ASK_AGAIN):
                    page = post(connection, token)
                    if page.state != "pending":
                        break
        except (OSError, http.client.HTTPException, threading.BrokenBarrierError) as error:
            with self.lock:
                self.history.errors.append(f"no answer: {type(error).__name__}")
            return
        with self.lock:
            note(self.history, self.world.codes, grant, page)
            if page.state == "unavailable":
                self.history.errors.append("unavailable")


def in_process(rounds: int, seed: int, mutant: str = "") -> Result:
    """Eight threads settle overlapping batches over the last codes of one SQLite file."""
    history, found = History(), []
    with folder() as data, mutants.living(mutant):
        world = new_world(sqlite_in(data), data)
        for number in range(rounds):
            race = races.prepare(world)
            seen = races.run(world, race, seed=seed * 1000 + number)
            merge(history, seen)
            found += world.ctx.read(check, history=seen)
            if len(seen.given) != race.codes:
                found.append(f"{len(seen.given)} people got something, there were {race.codes} codes")
            if found:
                break
        world.ctx.engine.dispose()
    return Result.of("last code, 8 settlers (SQLite)", rounds, history, found)


def merge(into: History, seen: History) -> None:
    """Adds one history to another."""
    for grant, answers in seen.given.items():
        into.given.setdefault(grant, []).extend(answers)
    into.refused.update(seen.refused)
    into.unknown |= seen.unknown
    into.lost_answers += seen.lost_answers
