"""SIGKILL of the service under load on SQLite, and of the PostgreSQL server under settlements."""

from __future__ import annotations

import http.client
import mmap
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from tests.faults.checker import History, check
from tests.faults.result import Result
from tests.support.claim_page import ClaimPage
from tests.support.postgres import PostgresServer
from tests.support.world import World, open_world
from welfare_desk.context import SystemClock
from welfare_desk.db.engine import sqlite_url
from welfare_desk.db.migrate import upgrade
from welfare_desk.errors import WelfareError
from welfare_desk.security.keystore import OpenKeys
from welfare_desk.services import claims, epochs
from welfare_desk.services.claims import ClaimRequest
from welfare_desk.settings import save_machine

CLIENTS = 8
GRANTS_PER_ROUND = 40
MOST_GRANTS = 12_000
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass
class Ground:
    """A world with one campaign to claim from."""

    world: World
    tokens: dict[int, str]
    codes: dict[str, int]
    folder: Path
    database: str


def ground(database: str, folder: Path, grants: int) -> Ground:
    """A migrated database with a campaign of `grants` people, two thirds of which find a code."""
    world = open_world(database, folder)
    upgrade(world.ctx.engine)
    world.clock.moment = SystemClock().now()
    world.ctx.write(lambda ctx, session: epochs.settings.change(
        ctx, session, values={"intake_key": ctx.intake_key.hex()}))  # fmt: skip
    save_machine(folder, epoch=world.ctx.write(epochs.renew))
    product = world.product()
    world.stock(product, max(1, grants * 2 // 3))
    _campaign, ids = world.campaign(product, world.people(grants), reserved={product: grants * 2 // 3}, verify="none")
    keys = world.ctx.keys
    assert isinstance(keys, OpenKeys)
    return Ground(world, {grant: keys.mint_link(grant, 0) for grant in ids}, world.codes, folder, database)


def kill_service(rounds: int, seed: int, *, mutant: str = "") -> Result:
    """Kills a service that many times while clients claim over HTTP; then the checker looks at everything."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        on = ground(sqlite_url(folder / "desk.db"), folder, min(MOST_GRANTS, rounds * GRANTS_PER_ROUND))
        flag = folder / "flag"
        flag.write_bytes(b"\0")
        history, lock = History(), threading.Lock()
        command = [sys.executable, "-m", "tests.faults.fork_server", str(folder), on.database, str(flag), mutant]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as forks:
            assert forks.stdin is not None
            assert forks.stdout is not None
            port = int(forks.stdout.readline())
            with flag.open("r+b") as file:
                shared = mmap.mmap(file.fileno(), 1)
            stop = threading.Event()
            clients = [
                threading.Thread(
                    target=_client, daemon=True, args=(on, port, history, lock, stop, random.Random(seed * 1000 + at))
                )
                for at in range(CLIENTS)
            ]
            for client in clients:
                client.start()
            chance, opened = random.Random(seed), 0
            for _round in range(rounds):
                child = _fork(forks)
                _until_answered(history, lock)
                time.sleep(chance.uniform(0, 0.03))
                opened += shared[0]
                if not _kill(child):
                    history.errors.append("a service refused to serve what the last one left")
                    break
                shared[0] = 0
            stop.set()
            last = _fork(forks)
            for client in clients:
                client.join()
            _kill(last)
            forks.stdin.close()
        found = on.world.ctx.read(check, history=history)
        on.world.ctx.engine.dispose()
    return Result.of("service killed (SQLite, HTTP)", rounds, history, found, opened)


def _kill(child: int) -> bool:
    try:
        os.kill(child, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


def _fork(forks: subprocess.Popen[str]) -> int:
    assert forks.stdin is not None
    assert forks.stdout is not None
    forks.stdin.write("go\n")
    forks.stdin.flush()
    return int(forks.stdout.readline())


def _until_answered(history: History, lock: threading.Lock) -> None:
    """Waits until this service has answered somebody, so that it is killed at work and not at breakfast."""
    with lock:
        before = sum(map(len, history.given.values())) + sum(history.refused.values())
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with lock:
            if sum(map(len, history.given.values())) + sum(history.refused.values()) > before:
                return
        time.sleep(0.001)


def _client(
    on: Ground, port: int, history: History, lock: threading.Lock, stop: threading.Event, chance: random.Random
) -> None:
    """Claims random grants, asks again for some it was given, and starts anew when the service dies."""
    grants = list(on.tokens)
    connection: http.client.HTTPConnection | None = None
    while not stop.is_set():
        grant = chance.choice(grants)
        try:
            connection = connection or http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request(
                "POST", f"/C/{on.tokens[grant]}", "", {"Content-Type": "application/x-www-form-urlencoded"}
            )
            answer = connection.getresponse()
            page = ClaimPage(answer.status, "", answer.read().decode())
        except (OSError, http.client.HTTPException):
            connection = None
            with lock:
                history.unknown.add(grant)
                history.lost_answers += 1
            continue
        with lock:
            if page.codes:
                history.saw(grant, frozenset(on.codes[code] for code in page.codes))
            else:
                history.refused[page.state] += 1
    if connection:
        connection.close()


def kill_postgres(rounds: int, seed: int) -> Result:
    """Kills the database server that many times under settlements without HTTP."""
    server = PostgresServer(Path(tempfile.mkdtemp(prefix="wd-faults-pg-")))
    server.ensure_running()
    with tempfile.TemporaryDirectory() as name:
        on = ground(server.create("faults"), Path(name), min(MOST_GRANTS, rounds * GRANTS_PER_ROUND))
        history, lock, stop = History(), threading.Lock(), threading.Event()
        busy = [0] * CLIENTS
        clients = [
            threading.Thread(
                target=_settler, daemon=True, args=(on, history, lock, stop, random.Random(seed * 77 + at), busy, at)
            )
            for at in range(CLIENTS)
        ]
        for client in clients:
            client.start()
        chance, opened = random.Random(seed), 0
        for _round in range(rounds):
            time.sleep(chance.uniform(0.02, 0.1))
            opened += any(busy)
            pid = server.pid()
            if pid:
                os.kill(pid, signal.SIGKILL)
            while server.running():
                time.sleep(0.005)
            server.start()
        time.sleep(0.2)
        stop.set()
        for client in clients:
            client.join()
        found = on.world.ctx.read(check, history=history)
        on.world.ctx.engine.dispose()
    server.delete()
    return Result.of("PostgreSQL killed", rounds, history, found, opened)


def _settler(
    on: Ground, history: History, lock: threading.Lock, stop: threading.Event, chance: random.Random,
    busy: list[int], at: int,
) -> None:  # fmt: skip
    grants = list(on.tokens)
    while not stop.is_set():
        batch = [ClaimRequest(grant) for grant in chance.sample(grants, 4)]
        busy[at] = 1
        try:
            outcomes = on.world.ctx.write(claims.settle, requests=batch)
        except (WelfareError, SQLAlchemyError):
            with lock:
                history.unknown.update(request.grant_id for request in batch)
                history.lost_answers += 1
            time.sleep(0.01)
            continue
        finally:
            busy[at] = 0
        with lock:
            for outcome in outcomes:
                if outcome.units:
                    history.saw(outcome.grant_id, frozenset(unit.code_id or 0 for unit in outcome.units))
                elif not outcome.retry:
                    history.refused[outcome.verdict.reason] += 1
