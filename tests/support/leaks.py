"""What a test leaves behind fails it: threads, child processes and unexpected warnings in the log."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator

import psutil
import pytest

GRACE_SECONDS = 5.0
# Threads that are not the test's own, with the reason.
ALLOWED_THREADS = (
    "Dummy-",  # a Qt thread that once called Python; Qt ends it with its pool
    "pytest_timeout",
    "raw_data",  # xdist
    "execnet",
)
CHILDREN_OF_TOOLS = ("node", "playwright")  # playwright's driver lives as long as its module


@pytest.fixture(autouse=True)
def no_leaked_threads() -> Iterator[None]:
    """Fail a test whose threads, daemonic or not, still run five seconds after it."""
    before = set(threading.enumerate())
    yield
    left = _wait_empty(lambda: [thread.name for thread in set(threading.enumerate()) - before if _is_own(thread)])
    assert not left, f"threads left behind: {left}"


@pytest.fixture(autouse=True)
def no_leaked_children() -> Iterator[None]:
    """Fail a test whose child processes still run five seconds after it."""
    before = {child.pid for child in psutil.Process().children()}
    yield
    left = _wait_empty(lambda: _children_but(before))
    assert not left, f"processes left behind: {left}"


@pytest.fixture(autouse=True)
def no_stray_warnings(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test during which the product logged a warning; tests that use caplog or mark `logs` judge themselves."""
    seen = _Warnings()
    logger = logging.getLogger("welfare_desk")
    logger.addHandler(seen)
    yield
    logger.removeHandler(seen)
    exempt = "caplog" in request.fixturenames or request.node.get_closest_marker("logs")
    assert exempt or not seen.lines, f"warnings in the log: {seen.lines}"


class _Warnings(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{record.name}: {record.getMessage()}")


def _is_own(thread: threading.Thread) -> bool:
    return thread.is_alive() and not thread.name.startswith(ALLOWED_THREADS)


def _children_but(before: set[int]) -> list[str]:
    left = []
    for child in psutil.Process().children():
        try:
            if child.pid not in before and child.status() != psutil.STATUS_ZOMBIE:
                name = child.name()
                left += [] if name.startswith(CHILDREN_OF_TOOLS) else [f"{child.pid} {name}"]
        except psutil.NoSuchProcess:
            continue
    return left


def _wait_empty(remaining: object) -> list[str]:
    assert callable(remaining)
    deadline = time.monotonic() + GRACE_SECONDS
    pause = threading.Event()
    left: list[str] = remaining()
    while left and time.monotonic() < deadline:
        pause.wait(0.02)
        left = remaining()
    return left
