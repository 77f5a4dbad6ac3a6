"""The claim journal: a second durable record of what was given, written after commit and before a code is revealed.

One append-only file per process and start in `journal/` of the data folder. A record is 4 bytes length, 8 bytes
position, then the sealed batch; one fsync covers a batch. The seal binds the record to its position, its first
8 bytes to its file, so records cannot be altered, moved or dropped from the middle without being noticed.
"""

from __future__ import annotations

import json
import os
import secrets
import struct
import sys
from binascii import a2b_base64, b2a_base64
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from welfare_desk.errors import Refused, Unavailable

if sys.platform == "darwin":
    import fcntl

FOLDER = "journal"
SUFFIX = ".claims"
HEAD = struct.Struct(">IQ")


class JournalKeys(Protocol):
    """What seals and opens records."""

    def seal_journal(self, plain: bytes, position: int) -> bytes: ...

    def open_journal(self, sealed: bytes, position: int) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Given:
    """One code that a grant was given: what a restore needs to know. `at` is epoch milliseconds.

    With the sealed code and what it is bound to, a code that arrived after the backup comes back too; a record of an
    earlier program has them not.
    """

    grant_id: int
    part: int
    unit: int
    code_id: int
    at: int
    product_id: int = 0
    batch_id: int = 0
    cost_minor: int = 0
    sealed: bytes = b""


class Journal:
    """One process's journal file, open for appending. Not for several threads at once."""

    def __init__(self, data: Path, keys: JournalKeys, name: str) -> None:
        """Makes `journal/<name>-<random>.claims` in the data folder. Raises Unavailable(`journal_unwritable`)."""
        self._keys = keys
        self._id = secrets.token_bytes(8)
        self._position = 0
        self._torn = False
        folder = data / FOLDER
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.path = folder / f"{name}-{self._id.hex()}{SUFFIX}"
            self._file = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
            _sync_folder(folder)
        except OSError as error:
            raise Unavailable("journal_unwritable", reason=error.strerror or str(error)) from error

    def append(self, given: Sequence[Given]) -> None:
        """Writes a batch and returns when it is on the disk. Raises Unavailable; then nothing may be revealed.

        A part written before a failure is cut off by the next append, which follows the last whole record.
        """
        if not given:
            return
        rows = [(row.grant_id, row.part, row.unit, row.code_id, row.at, row.product_id, row.batch_id, row.cost_minor,
                 b2a_base64(row.sealed, newline=False).decode()) for row in given]  # fmt: skip
        plain = self._id + json.dumps(rows, separators=(",", ":")).encode()
        sealed = self._keys.seal_journal(plain, self._position)
        record = HEAD.pack(len(sealed), self._position) + sealed
        try:
            self._mend()
            self._torn = True
            written = os.write(self._file, record)
            if written != len(record):
                raise OSError(0, "short write")
            _sync(self._file)
        except OSError as error:
            raise Unavailable("journal_unwritable", reason=error.strerror or str(error)) from error
        self._position += len(record)
        self._torn = False

    def _mend(self) -> None:
        if self._torn:
            os.ftruncate(self._file, self._position)
            os.lseek(self._file, self._position, os.SEEK_SET)

    def close(self) -> None:
        """Closes the file; an empty one is removed."""
        os.close(self._file)
        if not self._position:
            self.path.unlink(missing_ok=True)


def read(path: Path, keys: JournalKeys) -> Iterator[Given]:
    """Everything one journal file holds; a torn last record, which was never acknowledged, is left out.

    Raises Refused(`journal_broken`) when a record was altered or moved.
    """
    name = bytes.fromhex(path.name.removesuffix(SUFFIX).rsplit("-", 1)[-1])
    content = path.read_bytes()
    position = 0
    while position + HEAD.size <= len(content):
        size, says = HEAD.unpack_from(content, position)
        end = position + HEAD.size + size
        if says != position:
            raise Refused("journal_broken", file=path.name, position=position)
        if end > len(content):
            return
        plain = _open(keys, content[position + HEAD.size : end], position, path)
        if plain[:8] != name:
            raise Refused("journal_broken", file=path.name, position=position)
        yield from _rows(plain)
        position = end


def read_all(data: Path, keys: JournalKeys) -> Iterator[Given]:
    """Every journal of a data folder, file by file."""
    for path in sorted((data / FOLDER).glob(f"*{SUFFIX}")):
        yield from read(path, keys)


def newest(data: Path, keys: JournalKeys) -> tuple[Given, ...]:
    """The last whole batch of the journal file that was written last; empty when there is none."""
    files = sorted((data / FOLDER).glob(f"*{SUFFIX}"), key=lambda path: path.stat().st_mtime_ns)
    for path in reversed(files):
        content = path.read_bytes()
        position, found = 0, None
        while position + HEAD.size <= len(content):
            size, _says = HEAD.unpack_from(content, position)
            if position + HEAD.size + size > len(content):
                break
            found = (position, content[position + HEAD.size : position + HEAD.size + size])
            position += HEAD.size + size
        if found:
            plain = _open(keys, found[1], found[0], path)
            return tuple(_rows(plain))
    return ()


def _rows(plain: bytes) -> Iterator[Given]:
    for row in json.loads(plain[8:]):
        yield Given(*row[:8], *map(a2b_base64, row[8:]))


def _open(keys: JournalKeys, sealed: bytes, position: int, path: Path) -> bytes:
    try:
        return keys.open_journal(sealed, position)
    except Refused as error:
        raise Refused("journal_broken", file=path.name, position=position) from error


if sys.platform == "darwin":

    def _sync(file: int) -> None:
        fcntl.fcntl(file, fcntl.F_FULLFSYNC)  # fsync alone leaves data in the drive's own memory

else:
    _sync: Callable[[int], None] = getattr(os, "fdatasync", os.fsync)


def _sync_folder(folder: Path) -> None:
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
