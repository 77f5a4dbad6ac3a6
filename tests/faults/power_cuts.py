"""Power cuts on a real file system: what has not reached the block device at that moment is gone.

Database and claim journal lie on ext4 on a loop device. A cut is a copy of the device, taken while the service stands
still; it is mounted in the device's place, as after a restart. What `kill -9` cannot see, this does: pages that only
the page cache held are lost. A drive that lies about its own cache is not part of it.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from tests.faults.checker import check, check_journal
from tests.faults.ground import Clients, Forks, folder, fork_server, ground, kept_keys, sqlite_in
from tests.faults.result import Result

NAME = "power cut (SQLite and journal on ext4)"
SIZE = 48 << 20
GRANTS_PER_ROUND = 60
MOST_GRANTS = 6_000
OPTIONS = "loop,commit=300,noatime"  # the file system itself syncs nothing meanwhile


class NotHere(Exception):
    """This machine does not let us mount; the text says why."""


def cut(rounds: int, seed: int, mutant: str = "") -> Result:
    """Cuts the power that many times while clients claim over HTTP."""
    try:
        with folder() as place, _device(place) as device:
            return _run(device, place, rounds, seed, mutant)
    except NotHere as reason:
        return Result(NAME, 0, skipped=str(reason))


def _run(device: _Device, place: Path, rounds: int, seed: int, mutant: str) -> Result:
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
        _until(lambda: all(map(forks.ended, forks.children)))
    found = on.world.ctx.read(check, history=clients.history)
    found += check_journal(data, kept_keys()[0], history=clients.history)
    on.world.ctx.engine.dispose()
    return Result.of(NAME, rounds, clients.history, found, opened)


def _cut(device: _Device, forks: Forks, child: int) -> bool:
    forks.kill(child, signal.SIGSTOP)
    was_open = forks.open_now()
    device.copy()
    forks.kill(child)
    _until(lambda: forks.ended(child))
    device.restart()
    return was_open


class _Device:
    """An image with a file system, mounted; and its state at the last cut."""

    def __init__(self, place: Path) -> None:
        self.image, self.left, self.mounted = place / "disk", place / "disk.left", place / "mounted"
        self.mounted.mkdir()

    def make(self) -> None:
        """Makes and mounts it. Raises NotHere."""
        if not hasattr(os, "geteuid") or os.geteuid() != 0:
            reason = "mounting a loop device needs root"
            raise NotHere(reason)
        with self.image.open("wb") as file:
            file.truncate(SIZE)
        _call("mkfs.ext4", "-q", "-F", str(self.image))
        self.mount()

    def mount(self) -> None:
        """As after switching on: the file system replays its own journal."""
        _call("mount", "-o", OPTIONS, str(self.image), str(self.mounted))

    def copy(self) -> None:
        """Keeps what the device holds at this moment; again if something was still being written meanwhile."""
        for _attempt in range(20):
            before = self._written()
            shutil.copyfile(self.image, self.left)
            if self._written() == before:
                return

    def restart(self) -> None:
        """Puts the device as it was at the cut in the place of the one that lived on."""
        self.unmount()
        self.left.replace(self.image)
        self.mount()

    def unmount(self) -> None:
        """Takes it away."""
        _until(lambda: subprocess.run(["umount", str(self.mounted)], capture_output=True, check=False).returncode == 0)

    def _written(self) -> str:
        number = os.stat(self.mounted).st_dev  # noqa: PTH116 - the device itself, not the path
        fields = Path(f"/sys/dev/block/{os.major(number)}:{os.minor(number)}/stat").read_text().split()
        return f"{fields[4]} {fields[8]}"  # writes done, requests in flight


@contextmanager
def _device(place: Path) -> Iterator[_Device]:
    device = _Device(place)
    device.make()
    try:
        yield device
    finally:
        device.unmount()


def _call(*command: str) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        reason = f"there is no {command[0]}"
        raise NotHere(reason) from error
    if done.returncode:
        reason = f"{command[0]}: {done.stderr.strip()}"
        raise NotHere(reason)


def _until(done: Callable[[], bool], within_s: float = 20.0) -> None:
    deadline = time.monotonic() + within_s
    while not done():
        if time.monotonic() > deadline:
            raise TimeoutError(within_s)
        time.sleep(0.01)
