"""A block device of a campaign's own: a mounted image with ext4 that can be copied as it is at a power cut."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

OPTIONS = "loop,commit=300,noatime"  # the file system itself syncs nothing meanwhile


class NotHere(Exception):
    """This machine does not let us mount; the text says why."""


class Device:
    """An image with a file system, mounted; and its state at the last cut."""

    def __init__(self, place: Path) -> None:
        self.image, self.left, self.mounted = place / "disk", place / "disk.left", place / "mounted"
        self.mounted.mkdir()

    def make(self, size: int) -> None:
        """Makes and mounts it. Raises NotHere."""
        if not hasattr(os, "geteuid") or os.geteuid() != 0:
            reason = "mounting a loop device needs root"
            raise NotHere(reason)
        with self.image.open("wb") as file:
            file.truncate(size)
        _call("mkfs.ext4", "-q", "-F", "-m", "0", str(self.image))  # all room is everybody's
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
        until(lambda: subprocess.run(["umount", str(self.mounted)], capture_output=True, check=False).returncode == 0)

    def _written(self) -> str:
        number = os.stat(self.mounted).st_dev  # noqa: PTH116 - the device itself, not the path
        fields = Path(f"/sys/dev/block/{os.major(number)}:{os.minor(number)}/stat").read_text().split()
        return f"{fields[4]} {fields[8]}"  # writes done, requests in flight


@contextmanager
def device(place: Path, size: int) -> Iterator[Device]:
    """A device of `size` bytes below `place`, mounted inside the block. Raises NotHere."""
    made = Device(place)
    made.make(size)
    try:
        yield made
    finally:
        made.unmount()


def _call(*command: str) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        reason = f"there is no {command[0]}"
        raise NotHere(reason) from error
    if done.returncode:
        reason = f"{command[0]}: {done.stderr.strip()}"
        raise NotHere(reason)


def until(done: Callable[[], bool], within_s: float = 20.0) -> None:
    """Waits for it."""
    deadline = time.monotonic() + within_s
    while not done():
        if time.monotonic() > deadline:
            raise TimeoutError(within_s)
        time.sleep(0.01)
