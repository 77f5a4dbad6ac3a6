"""SIGKILL of a whole PostgreSQL server under settlements; and servers of a campaign's own."""

from __future__ import annotations

import random
import signal
import threading
import time
from collections.abc import Callable

import psutil
from sqlalchemy.exc import SQLAlchemyError

from tests.faults import mutants
from tests.faults.checker import History, check
from tests.faults.ground import Ground, folder, ground
from tests.faults.result import Result, sliced
from tests.support.postgres import PostgresServer, run_folder
from welfare_desk.errors import WelfareError
from welfare_desk.services import claims
from welfare_desk.services.claims import ClaimRequest

SETTLERS = 6
GRANTS_PER_ROUND = 80
MOST_GRANTS = 12_000
SLICE = 100  # rounds after which everything may have been claimed
AS_SHIPPED = {"max_connections": "60"}  # fsync and synchronous_commit stay on
MUTANT_SETTINGS = {
    "asynchronous commit": AS_SHIPPED | {"synchronous_commit": "off", "wal_writer_delay": "2000"},
    "fsync off": AS_SHIPPED | {"fsync": "off"},
}


def kill_postgres(rounds: int, seed: int, mutant: str = "") -> Result:
    """Kills every process of the database server that many times under settlements; it then recovers from its log."""
    return sliced(_kill_postgres, SLICE)(rounds, seed, mutant)


def _kill_postgres(rounds: int, seed: int, mutant: str) -> Result:
    server = PostgresServer(run_folder(f"-kill-{seed}"), MUTANT_SETTINGS.get(mutant, AS_SHIPPED))
    opened = 0
    try:
        server.ensure_running()
        with folder() as data, mutants.living("" if mutant in MUTANT_SETTINGS else mutant):
            on = ground(server.create("faults"), data, min(MOST_GRANTS, rounds * GRANTS_PER_ROUND))
            settlers = Settlers(on, seed)
            settlers.start()
            chance = random.Random(seed)
            for _round in range(rounds):
                settlers.wait_for_more()
                time.sleep(chance.uniform(0, 0.05))
                opened += any(settlers.busy)
                halt(server)
                start_again(server)
            settlers.wait_for_more()
            settlers.stop()
            found = on.world.ctx.read(check, history=settlers.history)
            on.world.ctx.engine.dispose()
    finally:
        server.delete()
    return Result.of("server killed (PostgreSQL)", rounds, settlers.history, found, opened)


def halt(server: PostgresServer, meanwhile: Callable[[], None] = lambda: None) -> None:
    """The postmaster and everybody it started, at once: what no process has written is gone.

    They stand still `meanwhile`.
    """
    main = psutil.Process(server.pid())
    family = [main, *main.children(recursive=True)]
    for one in family:
        one.send_signal(signal.SIGSTOP)
    meanwhile()
    for one in family:
        one.kill()
    psutil.wait_procs(family, timeout=10)


def start_again(server: PostgresServer, within_s: float = 60.0) -> None:
    """Starts a server that was killed; it recovers from its log."""
    deadline = time.monotonic() + within_s
    while True:
        try:
            server.start()
            return
        except RuntimeError:  # the kernel has not taken the shared memory back yet
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


class Settlers:
    """Threads that settle small batches as service processes do; `busy` says who is in a transaction."""

    def __init__(self, on: Ground, seed: int) -> None:
        self.on, self.history = on, History()
        self.busy = [0] * SETTLERS
        self._lock, self._stop = threading.Lock(), threading.Event()
        self._threads = [threading.Thread(target=self._settle, args=(at, random.Random(seed * 77 + at)), daemon=True)
                         for at in range(SETTLERS)]  # fmt: skip

    def start(self) -> None:
        """Begins to settle."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Ends all of them."""
        self._stop.set()
        for thread in self._threads:
            thread.join(30)

    def wait_for_more(self, within_s: float = 15.0) -> None:
        """Waits until a few settlements came through."""
        before, deadline = self._answers(), time.monotonic() + within_s
        while self._answers() < before + 3 and time.monotonic() < deadline:
            time.sleep(0.002)

    def _answers(self) -> int:
        with self._lock:
            return sum(map(len, self.history.given.values())) + sum(self.history.refused.values())

    def _settle(self, at: int, chance: random.Random) -> None:
        grants = list(self.on.tokens)
        while not self._stop.is_set():
            batch = [ClaimRequest(grant) for grant in chance.sample(grants, 4)]
            self.busy[at] = 1
            try:
                outcomes = self.on.world.ctx.write(claims.settle, requests=batch)
            except (WelfareError, SQLAlchemyError):
                self.busy[at] = 0
                with self._lock:
                    self.history.unknown.update(request.grant_id for request in batch)
                    self.history.lost_answers += 1
                time.sleep(0.1)
                continue
            self.busy[at] = 0
            with self._lock:
                for outcome in outcomes:
                    if outcome.units:
                        self.history.saw(outcome.grant_id, frozenset(unit.code_id or 0 for unit in outcome.units))
                    elif not outcome.retry:
                        self.history.refused[outcome.verdict.reason] += 1


def postgres_for(name: str) -> PostgresServer:
    """A server of a campaign's own, fast, for campaigns that do not kill it."""
    server = PostgresServer(run_folder(f"-{name}"))
    server.ensure_running()
    return server
