"""The disk under PostgreSQL: power cuts, which lose what only the page cache held, and no room in a transaction."""

from __future__ import annotations

import errno
import os
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.faults import block_device, mutants
from tests.faults.block_device import Device, NotHere
from tests.faults.checker import History, check
from tests.faults.disk_full import BATCH, GRANTS, claim, fresh_campaign
from tests.faults.ground import folder, ground, new_world
from tests.faults.postgres_kills import AS_SHIPPED, MUTANT_SETTINGS, Settlers, halt, start_again
from tests.faults.result import Result
from tests.support.postgres import PostgresServer
from tests.support.world import World

CUT, FULL = "power cut (PostgreSQL on ext4)", "disk full: server (PostgreSQL)"
SIZE = 288 << 20
SMALL_LOG = {"min_wal_size": "32MB", "max_wal_size": "64MB"}
GRANTS_PER_ROUND = 120
MOST_GRANTS = 6_000
BLOCK = 64 << 10
PAGE = 8 << 10  # what a table grows by
BATCHES = 24
MAY_SAY = ("database_full", "database_away")  # the server itself stops when its log has no room
TRIES = 20


def cut(rounds: int, seed: int, mutant: str = "") -> Result:
    """Cuts the power that many times under settlements; the server recovers from what the device holds."""
    history, opened = History(), 0
    try:
        with _server(seed, MUTANT_SETTINGS.get(mutant, AS_SHIPPED)) as (server, disk, data):
            on = ground(server.create("faults"), data, min(MOST_GRANTS, rounds * GRANTS_PER_ROUND))
            server.sql("CHECKPOINT")
            os.sync()
            settlers, chance = Settlers(on, seed), random.Random(seed)
            history = settlers.history
            settlers.start()
            for _round in range(rounds):
                settlers.wait_for_more()
                time.sleep(chance.uniform(0, 0.2))
                opened += any(settlers.busy)
                halt(server, disk.copy)
                disk.restart()
                start_again(server)
            settlers.wait_for_more()
            settlers.stop()
            found = on.world.ctx.read(check, history=history)
            on.world.ctx.engine.dispose()
    except NotHere as reason:
        return Result(CUT, 0, skipped=str(reason))
    except RuntimeError as error:  # it does not start from what the cut left
        found = [f"everything is lost: {str(error).splitlines()[-1]}"]
    return Result.of(CUT, rounds, history, found, opened)


@contextmanager
def _server(seed: int, settings: dict[str, str]) -> Iterator[tuple[PostgresServer, Device, Path]]:
    """A server whose files lie on a device of its own, and a data folder beside it."""
    with folder() as place:
        place.chmod(0o755)  # the server is another user
        with block_device.device(place, SIZE) as disk:
            server = PostgresServer(disk.mounted / f"pg{seed}", settings | SMALL_LOG)
            try:
                server.ensure_running()
                yield server, disk, place / "data"
            finally:
                if server.running():
                    halt(server)


def full(rounds: int, seed: int, mutant: str = "") -> Result:
    """The server's disk has no room left at a random point; then it has, and everybody asks again."""
    history, found, times = History(), [], 0
    try:
        with _server(seed, AS_SHIPPED) as (server, disk, data), mutants.living(mutant):
            world, ballast = new_world(server.create("faults"), data), _Ballast(disk.mounted / "ballast")
            for number in range(rounds):
                chance = random.Random(seed * 1000 + number)
                grants = fresh_campaign(world)
                server.sql("CHECKPOINT")
                ballast.fill(chance.randrange(BLOCK))
                times += _scarce(world, history, grants, chance, ballast)
                ballast.gone()
                if not server.running():
                    start_again(server)
                for start in range(0, GRANTS, BATCH):
                    batch = grants[start : start + BATCH]
                    if not any(claim(world, history, batch, MAY_SAY) or time.sleep(0.1) for _try in range(TRIES)):
                        found.append("the database stays full")
                found += world.ctx.read(check, history=history)
                if found:
                    break
            world.ctx.engine.dispose()
    except NotHere as reason:
        return Result(FULL, 0, skipped=str(reason))
    return Result.of(FULL, rounds, history, found, times)


def _scarce(world: World, history: History, grants: list[int], chance: random.Random, ballast: _Ballast) -> bool:
    """Claims while a few pages become free now and then, so that another statement finds no room each time."""
    refused = 0
    for _batch in range(BATCHES):
        refused += not claim(world, history, chance.sample(grants, BATCH), MAY_SAY)
        ballast.shrink(chance.randrange(2) * PAGE)
    return refused > 0


@dataclass
class _Ballast:
    """A file that takes the room."""

    path: Path

    def fill(self, left: int) -> None:
        """Takes all room but `left` bytes."""
        with self.path.open("wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(BLOCK))
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise
            file.truncate(max(0, file.tell() - left))
            os.fsync(file.fileno())

    def shrink(self, by: int) -> None:
        """Gives back some."""
        with self.path.open("r+b") as file:
            file.truncate(max(0, file.seek(0, os.SEEK_END) - by))
            os.fsync(file.fileno())

    def gone(self) -> None:
        """Gives it back."""
        self.path.unlink()
