"""What the campaigns stand on: a world with a campaign to claim from, a fork server, clients that claim over HTTP."""

from __future__ import annotations

import http.client
import mmap
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.faults.checker import History
from tests.support.claim_page import ClaimPage
from tests.support.processes import ROOT, clean_environment
from tests.support.world import MovedClock, World
from welfare_desk.context import AppContext, SystemClock
from welfare_desk.db.engine import open_engine, sqlite_url
from welfare_desk.db.migrate import upgrade
from welfare_desk.security import keystore
from welfare_desk.security.keystore import OpenKeys
from welfare_desk.services import epochs, settings
from welfare_desk.settings import KEYS, save_machine

PASSWORD = "correct horse"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
PATIENCE_S = 5.0
PATIENT_S = 30.0


@dataclass
class Ground:
    """A world with one campaign to claim from; `tokens` are the links by grant, `codes` the ids by secret."""

    world: World
    tokens: dict[int, str]
    codes: dict[str, int]
    folder: Path
    database: str


@cache
def kept_keys() -> tuple[OpenKeys, bytes]:
    """Keys stretched once for all campaigns of this process, and their store."""
    with TemporaryDirectory() as name:
        keys, _recovery = keystore.create(Path(name) / KEYS, PASSWORD)
        return keys, (Path(name) / KEYS / keystore.STORE).read_bytes()


def new_world(database: str, folder: Path, *, pool_size: int = 20) -> World:
    """A migrated, empty database in its first epoch, the keys beside it; the clock stands at the real time."""
    keys, store = kept_keys()
    (folder / KEYS).mkdir(parents=True, exist_ok=True)
    (folder / KEYS / keystore.STORE).write_bytes(store)
    clock = MovedClock(SystemClock().now())
    ctx = AppContext(engine=open_engine(database, pool_size=pool_size), data=folder, clock=clock, keys=keys,
                     operator="test", writer=1, intake_key=keys.intake_public)  # fmt: skip
    upgrade(ctx.engine)
    ctx.write(lambda inner, session: settings.change(inner, session, values={"intake_key": ctx.intake_key.hex()}))
    save_machine(folder, epoch=ctx.write(epochs.renew))
    return World(ctx, clock)


@cache
def _empty_sqlite() -> bytes:
    with TemporaryDirectory() as name:
        path = Path(name) / "desk.db"
        engine = open_engine(sqlite_url(path))
        upgrade(engine)
        engine.dispose()
        return path.read_bytes()


def sqlite_in(folder: Path, name: str = "desk.db") -> str:
    """The address of a new SQLite database with the newest schema and nothing in it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(_empty_sqlite())
    return sqlite_url(folder / name)


def ground(database: str, folder: Path, grants: int) -> Ground:
    """A database with a campaign of `grants` people, two thirds of whom find a code."""
    world = new_world(database, folder)
    product, units = world.product(), max(1, grants * 2 // 3)
    world.stock(product, units)
    _campaign, ids = world.campaign(product, world.people(grants), reserved={product: units}, verify="none")
    return Ground(world, links(world, ids), world.codes, folder, database)


def links(world: World, grants: list[int]) -> dict[int, str]:
    """The link of every grant."""
    keys = world.ctx.keys
    assert isinstance(keys, OpenKeys)
    return {grant: keys.mint_link(grant, 0) for grant in grants}


@contextmanager
def folder() -> Iterator[Path]:
    """A folder that is gone afterwards, whatever still lies in it."""
    made = TemporaryDirectory(prefix="wd-faults-", ignore_cleanup_errors=True)
    try:
        yield Path(made.name)
    finally:
        shutil.rmtree(made.name, ignore_errors=True)
        made.cleanup()


@dataclass
class Forks:
    """A fork server; `open_now()` says whether the last child had work open."""

    process: subprocess.Popen[str]
    shared: mmap.mmap
    port: int
    children: list[int] = field(default_factory=list)

    def start(self, word: str = "go") -> int:
        """One more child; its process id."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(word + "\n")
        self.process.stdin.flush()
        self.children.append(int(self.process.stdout.readline()))
        self.shared[1] = 0
        return self.children[-1]

    def open_now(self) -> bool:
        """Whether a child was at work at this moment; forgets it."""
        was, self.shared[0] = self.shared[0], 0
        return bool(was)

    def ended(self, child: int) -> bool:
        """Whether a child is gone (the fork server does not keep the dead)."""
        try:
            os.kill(child, 0)
        except ProcessLookupError:
            return True
        return False

    def kill(self, child: int, number: int = signal.SIGKILL) -> bool:
        """Sends a signal; False when the child was gone already."""
        try:
            os.kill(child, number)
        except ProcessLookupError:
            return False
        return True


@contextmanager
def fork_server(
    data: Path, database: str, *, kind: str = "web", mutant: str = "", flags: Path | None = None, **more: str
) -> Iterator[Forks]:
    """A process that forks services (`kind` web) or senders of the outbox (jobs); none of them outlives the block.

    `flags`: where the shared bytes lie, if not in the data folder. `more` goes to the environment.
    """
    flag = (flags or data) / f"flag-{kind}"
    flag.write_bytes(b"\0\0")
    command = [sys.executable, "-m", "tests.faults.fork_server", str(data), database, str(flag), kind, mutant]
    said = subprocess.DEVNULL if mutant else None  # what a broken service says is expected
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": said, "cwd": ROOT,
             "env": clean_environment(more)}  # fmt: skip
    with subprocess.Popen(command, text=True, **pipes) as process:  # type: ignore[call-overload]
        with flag.open("r+b") as file:
            forks = Forks(process, mmap.mmap(file.fileno(), 2), int(process.stdout.readline()))
        try:
            yield forks
        finally:
            for child in forks.children:
                forks.kill(child)
            process.stdin.close()


def serves(port: int, within_s: float = PATIENT_S) -> bool:
    """Waits until the service answers."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        try:
            with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=1)) as connection:
                connection.request("GET", "/health")
                if connection.getresponse().status == 200:
                    return True
        except (OSError, http.client.HTTPException):
            time.sleep(0.02)
    return False


@dataclass
class Clients:
    """Threads that claim random grants over HTTP, asking again for some, until they are told to stop."""

    on: Ground
    port: int
    seed: int
    count: int = 8
    history: History = field(default_factory=History)
    lock: threading.Lock = field(default_factory=threading.Lock)
    _stop: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def start(self) -> None:
        """Begins to claim."""
        chances = [random.Random(self.seed * 1000 + at) for at in range(self.count)]
        self._threads = [threading.Thread(target=self._claim, args=(chance,), daemon=True) for chance in chances]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Ends all of them; those whose request hangs end with its time-out."""
        self._stop.set()
        for thread in self._threads:
            thread.join(2 * PATIENCE_S)

    def answered(self) -> int:
        """How many answers were received so far."""
        with self.lock:
            return sum(map(len, self.history.given.values())) + sum(self.history.refused.values())

    def wait_for_more(self, than: int, gone: Callable[[], bool], within_s: float = 10.0) -> bool:
        """Waits for an answer, so that a service is killed at work and not at breakfast; no longer if it is `gone`."""
        deadline = time.monotonic() + within_s
        while time.monotonic() < deadline:
            if self.answered() > than:
                return True
            if gone():
                return False
            time.sleep(0.001)
        return False

    def _claim(self, chance: random.Random) -> None:
        grants = list(self.on.tokens)
        connection: http.client.HTTPConnection | None = None
        while not self._stop.is_set():
            grant = chance.choice(grants)
            try:
                connection = connection or http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
                page = post(connection, self.on.tokens[grant])
            except (OSError, http.client.HTTPException):
                if connection:
                    connection.close()
                connection = None
                with self.lock:
                    self.history.unknown.add(grant)
                    self.history.lost_answers += 1
                continue
            with self.lock:
                note(self.history, self.on.codes, grant, page)
        if connection:
            connection.close()


def post(connection: http.client.HTTPConnection, token: str, method: str = "POST") -> ClaimPage:
    """One request for a link."""
    connection.request(method, f"/C/{token}", "", FORM)
    answer = connection.getresponse()
    return ClaimPage(answer.status, "", answer.read().decode())


def note(history: History, codes: dict[str, int], grant: int, page: ClaimPage) -> None:
    """Puts an answer into the history."""
    if page.codes:
        history.saw(grant, frozenset(codes[code] for code in page.codes))
    else:
        history.refused[page.state] += 1
