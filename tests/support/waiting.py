"""Wait for a condition instead of sleeping for a guess."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

POLL_SECONDS = 0.02


def wait_until(condition: Callable[[], T], timeout: float = 10.0, what: str = "") -> T:
    """Return the first truthy value of `condition`, asked every 20 ms.

    Raises AssertionError after `timeout` seconds, naming `what` or the condition.
    """
    pause = threading.Event()
    deadline = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() >= deadline:
            name = what or getattr(condition, "__qualname__", repr(condition))
            raise AssertionError(f"not within {timeout:g} s: {name} (last value: {value!r})")
        pause.wait(POLL_SECONDS)
