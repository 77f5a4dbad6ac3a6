"""What one row of a list is by itself, given the people known: somebody new, changed, the same, or out of order."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from welfare_desk.domain import people, people_plan, rows
from welfare_desk.domain.people_plan import Directory, Known, Manner
from welfare_desk.domain.rows import Refusal, Row

SKIPPED, STRANGER, REJECTED, SEVERAL, DUPLICATE, JOIN, CHANGE, SAME, LEAVE = range(9)
STATE, OTHERS, SHARED, STILL_LEFT, RENAMED = 15, 16, 32, 64, 128
KINDS = 256


class Facts(NamedTuple):
    """What a row is by itself. `state` supposes that no row above means the same person (`token`)."""

    state: int
    flags: int = 0
    token: int = 0
    addresses: tuple[int, ...] = ()
    covers: Sequence[Known] = ()
    row: Row | Refusal = rows.SKIPPED
    known: Known | None = None
    after: Known | None = None


def patterns(states: Iterable[int], flags: int = 0) -> re.Pattern[bytes]:
    """Finds rows in one of these states, or with one of these flags."""
    wanted = set(states)
    signs = bytes(kind for kind in range(KINDS) if kind & STATE in wanted or kind & flags)
    return re.compile(b"[" + re.escape(signs) + b"]", re.DOTALL)


def judge(row: Row | Refusal, directory: Directory, manner: Manner) -> Facts:
    """What a row is, with the people known."""
    if isinstance(row, Refusal):
        return Facts(REJECTED if row.problems else SKIPPED, covers=directory.mentioned(row), row=row)
    known, several = directory.meant(row)
    token = hash(row.key) if known is None else hash((known.id,))
    if several:
        return Facts(SEVERAL, 0, token, covers=several, row=row)
    if known is None and row.status == "left":
        return Facts(STRANGER, 0, token, row=row)
    addresses = tuple(hash(value) for value in (row.phone, row.email) if value)
    flags = OTHERS if addresses and any(directory.others(row, known)) else 0
    if known is None:
        return Facts(JOIN, flags, token, addresses, (), row)
    return _known(row, known, flags, token, addresses, manner)


def _known(row: Row, known: Known, flags: int, token: int, addresses: tuple[int, ...], manner: Manner) -> Facts:
    state, after = SAME, people_plan.merged(row, known, manner)
    if after != known:
        state = LEAVE if known.status == "active" and after.status == "left" else CHANGE
    if after.status == "left" and row.status is None:
        flags |= STILL_LEFT
    if not people.same_name(row.name, known.name):
        flags |= RENAMED
    return Facts(state, flags, token, addresses, (known,), row, known, after)
