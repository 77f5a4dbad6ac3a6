"""The rows of a list, kept as the lines they came in: a million rows in some tens of MiB, decoded where looked at."""

from __future__ import annotations

import json
import zlib
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, overload

CHUNK_ROWS = 1000
PLAIN_BYTES = 24 * 2**20
DECODED = 8

Cells = list[Any]


class Chunks(Sequence[Cells]):
    """Rows in order. Lines are JSON arrays of `CHUNK_ROWS` rows each (the last one may have fewer), as bytes.

    The first 24 MiB stay as they are, later lines are compressed; a few decoded chunks are kept.
    """

    def __init__(self, rows: Iterable[Cells] = ()) -> None:
        self._lines: list[bytes] = []
        self._packed: set[int] = set()
        self._bytes = 0
        self._size = 0
        self._decoded: OrderedDict[int, list[Cells]] = OrderedDict()
        self.extend(rows)

    def append_line(self, line: bytes, count: int | None = None) -> None:
        """Adds a line of `count` rows (None: `CHUNK_ROWS`), unread; only the last one may have fewer: see `end`."""
        if self._size != len(self._lines) * CHUNK_ROWS:
            self.extend(json.loads(line))
            return
        if self._bytes > PLAIN_BYTES:
            self._packed.add(len(self._lines))
            line = zlib.compress(line, 1)
        self._bytes += len(line)
        self._lines.append(line)
        self._size += CHUNK_ROWS if count is None else count

    def lines(self) -> int:
        """How many lines there are."""
        return len(self._lines)

    def end(self, total: int) -> None:
        """Says how many rows there are in all: the last line may be shorter. Raises ValueError when that cannot be."""
        if not (len(self._lines) - 1) * CHUNK_ROWS < total <= len(self._lines) * CHUNK_ROWS and (total or self._lines):
            raise ValueError(total)
        self._size = total

    def extend(self, rows: Iterable[Cells]) -> None:
        """Adds rows one after another."""
        waiting = list(rows)
        begun = self._size % CHUNK_ROWS
        if begun and waiting:
            last = len(self._lines) - 1
            waiting = [*self._chunk(last), *waiting]
            self._drop(last, begun)
        for start in range(0, len(waiting), CHUNK_ROWS):
            part = waiting[start : start + CHUNK_ROWS]
            self.append_line(json.dumps(part, ensure_ascii=False, separators=(",", ":")).encode(), len(part))

    def append(self, row: Cells) -> None:
        """Adds one row."""
        self.extend([row])

    def __len__(self) -> int:
        return self._size

    @overload
    def __getitem__(self, at: int) -> Cells: ...
    @overload
    def __getitem__(self, at: slice) -> list[Cells]: ...
    def __getitem__(self, at: int | slice) -> Cells | list[Cells]:
        if isinstance(at, slice):
            return self._slice(*at.indices(self._size))
        index = at + self._size if at < 0 else at
        if not 0 <= index < self._size:
            raise IndexError(at)
        return self._chunk(index // CHUNK_ROWS)[index % CHUNK_ROWS]

    def __iter__(self) -> Iterator[Cells]:
        for at in range(len(self._lines)):
            yield from self._chunk(at)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and len(self) == len(other) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]  # as lists: equal by content, growing

    def __repr__(self) -> str:
        return f"<{self._size} rows>"

    def _slice(self, start: int, stop: int, step: int) -> list[Cells]:
        if step != 1:
            return [self[index] for index in range(start, stop, step)]
        found: list[Cells] = []
        while start < stop:
            at, inside = divmod(start, CHUNK_ROWS)
            part = self._chunk(at)[inside : inside + stop - start]
            found += part
            start += len(part)
        return found

    def _chunk(self, at: int) -> list[Cells]:
        found = self._decoded.get(at)
        if found is None:
            line = self._lines[at]
            found = json.loads(zlib.decompress(line) if at in self._packed else line)
            if len(found) != min(CHUNK_ROWS, self._size - at * CHUNK_ROWS):
                raise ValueError(f"line {at} has {len(found)} rows")
            self._decoded[at] = found
            while len(self._decoded) > DECODED:
                self._decoded.popitem(last=False)
        else:
            self._decoded.move_to_end(at)
        return found

    def _drop(self, at: int, count: int) -> None:
        self._bytes -= len(self._lines.pop())
        self._packed.discard(at)
        self._decoded.pop(at, None)
        self._size -= count
