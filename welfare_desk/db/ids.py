"""Ids made by whoever writes: 63 bits, time-ordered, with a random tail. No sequences, so tables can be sharded."""

from __future__ import annotations

import secrets
import threading
import time

EPOCH_MS = 1_700_000_000_000
TAIL_BITS = 21

_lock = threading.Lock()
_last = [0]


def new_id() -> int:
    """One id, larger than every id this process made before."""
    return new_ids(1)[0]


def new_ids(count: int) -> range:
    """`count` consecutive ids, larger than every id this process made before."""
    start = (int(time.time() * 1000) - EPOCH_MS) << TAIL_BITS | secrets.randbits(TAIL_BITS)
    with _lock:
        start = max(start, _last[0] + 1)
        _last[0] = start + count - 1
    return range(start, start + count)
