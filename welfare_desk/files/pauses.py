"""Keeping Python's cycle collector out of the way while very many plain rows are made (it cost a third of the time)."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def no_collections() -> Iterator[None]:
    """No cycle collection inside; rows of text and numbers have no cycles to find.

    What was made inside is not looked through afterwards either: that would stop every thread for a while.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    gc.unfreeze()
    try:
        yield
    finally:
        gc.freeze()
        if was_enabled:
            gc.enable()
