"""Power cuts on a real file system: what has not reached the block device at that moment is gone.

Database and claim journal lie on ext4 on a loop device. A cut is a copy of the device, taken while the service stands
still; it is mounted in the device's place, as after a restart. What `kill -9` cannot see, this does: pages that only
the page cache held are lost. A drive that lies about its own cache is not part of it.
"""

from __future__ import annotations

import os
import random
import signal
import time
from functools import partial
from pathlib import Path

from tests.faults import block_device
from tests.faults.block_device import Device, NotHere, until
from tests.faults.checker import check, check_journal
from tests.faults.ground import Clients, Forks, folder, fork_server, ground, kept_keys, sqlite_in
from tests.faults.result import Result

NAME = "power cut (SQLite and journal on ext4)"
SIZE = 48 << 20
GRANTS_PER_ROUND = 60
MOST_GRANTS = 6_000


def cut(rounds: int, seed: int, mutant: str = "") -> Result:
    """Cuts the power that many times while clients claim over HTTP."""
    try:
        with folder() as place, block_device.device(place, SIZE) as disk:
            return _run(disk, place, rounds, seed, mutant)
    except NotHere as reason:
        return Result(NAME, 0, skipped=str(reason))


def _run(device: Device, place: Path, rounds: int, seed: int, mutant: str) -> Result:
    data, chance, opened = device.mounted / "data", random.Random(seed), 0
    on = ground(sqlite_in(data), data, min(MOST_GRANTS, rounds * GRANTS_PER_ROUND))
    on.world.ctx.engine.dispose()
    os.sync()
    with fork_server(data, on.database, mutant=mutant, flags=place) as forks:
        clients = Clients(on, forks.port, seed)
        clients.start()
        for _round in range(rounds):
            before, child = clients.answered(), forks.start()
            if not clients.wait_for_more(before, partial(forks.ended, child)) and forks.ended(child):
                clients.history.errors.append("a service refused to serve what the cut left")
                break
            time.sleep(chance.uniform(0, 0.3))
            opened += _cut(device, forks, child)
        clients.stop()
        for child in forks.children:
            forks.kill(child)
        until(lambda: all(map(forks.ended, forks.children)))
    found = on.world.ctx.read(check, history=clients.history)
    found += check_journal(data, kept_keys()[0], history=clients.history)
    on.world.ctx.engine.dispose()
    return Result.of(NAME, rounds, clients.history, found, opened)


def _cut(device: Device, forks: Forks, child: int) -> bool:
    forks.kill(child, signal.SIGSTOP)
    was_open = forks.open_now()
    device.copy()
    forks.kill(child)
    until(lambda: forks.ended(child))
    device.restart()
    return was_open
