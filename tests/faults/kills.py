"""SIGKILL of the service under load on SQLite."""

from __future__ import annotations

import random
import signal
import time
from functools import partial

from tests.faults.checker import check, check_journal
from tests.faults.ground import Clients, folder, fork_server, ground, kept_keys, sqlite_in
from tests.faults.result import Result, sliced

GRANTS_PER_ROUND = 40
MOST_GRANTS = 12_000
SLICE = 500  # rounds after which everything may have been claimed


def kill_service(rounds: int, seed: int, mutant: str = "") -> Result:
    """Kills a service that many times while clients claim over HTTP; then the checker looks at everything."""
    return sliced(_kill_service, SLICE)(rounds, seed, mutant)


def _kill_service(rounds: int, seed: int, mutant: str) -> Result:
    opened = 0
    with folder() as data:
        on = ground(sqlite_in(data), data, min(MOST_GRANTS, rounds * GRANTS_PER_ROUND))
        with fork_server(data, on.database, mutant=mutant) as forks:
            clients = Clients(on, forks.port, seed)
            clients.start()
            chance = random.Random(seed)
            for done in range(rounds):
                before = clients.answered()
                child = forks.start()
                if not clients.wait_for_more(before, partial(forks.ended, child)) and forks.ended(child):
                    clients.history.errors.append("a service refused to serve what the last one left")
                    rounds = done
                    break
                time.sleep(chance.uniform(0, 0.03))
                forks.kill(child, signal.SIGSTOP)  # it stands still while we look
                opened += forks.open_now()
                forks.kill(child)
            if not clients.history.errors:
                before, last = clients.answered(), forks.start()
                if not clients.wait_for_more(before, partial(forks.ended, last), 30.0) and forks.ended(last):
                    clients.history.errors.append("the last service refused to serve")
            clients.stop()
        found = on.world.ctx.read(check, history=clients.history)
        found += check_journal(data, kept_keys()[0], history=clients.history)
        on.world.ctx.engine.dispose()
    return Result.of("service killed (SQLite, HTTP)", rounds, clients.history, found, opened)
