"""The only threads of the window. Pages ask in one line and are told in the GUI thread.

    desk.background.read(people.list_people, self._show, key="list", limit=100)
    desk.background.write(people.edit_person, self._saved, self._refused, person=7, name="张三")
    desk.background.job(_("Importing people"), import_file, self._done, path=path)

`read` and `write` run a query or a service through the context. `job` runs `work(ctx, report, **kw)`, which calls
`report(done, total, text)` now and then; once the person presses cancel that call raises Cancelled.
Handlers are called in the GUI thread; a result is dropped when its page is gone, or when the same page asked again
under the same `key`.
"""

from __future__ import annotations

import queue
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal, Slot
from shiboken6 import isValid

from welfare_desk.context import AppContext
from welfare_desk.errors import Unavailable

READERS = 3
PAINTING_S = 0.1  # work waits no longer for a picture
SWITCH_S = (
    0.0002  # so often a working thread lets the window's in: painting asks for hundreds of turns (P13, record 0054)
)
REPORT_EVERY = 0.05  # seconds between two progress reports that reach the window
Handler = Callable[[Any], object]
_numbers = count(1)


_drawn = threading.Event()
_drawn.set()


@contextmanager
def painting() -> Iterator[None]:
    """While a view draws many cells in Python, work that tells how far it is stands still: each of a cell's thousand
    small calls would have to wait for its turn."""
    _drawn.clear()
    try:
        yield
    finally:
        _drawn.set()


def make_way() -> None:
    """Called by work now and then, in its thread: waits while the window draws."""
    _drawn.wait(PAINTING_S)


class Cancelled(Exception):
    """The person pressed cancel; raised by `report` inside a job."""


@dataclass(frozen=True)
class _Work:
    """What a thread gets to see: no widget, so that none can die in a thread."""

    number: int
    run: Callable[[], Any]
    cancelled: threading.Event


_Lane = queue.SimpleQueue[_Work | None]


@dataclass(frozen=True, eq=False)
class Task:
    """One piece of work on its way, as the asking page holds it."""

    number: int
    done: Handler | None
    failed: Handler | None
    owner: QObject | None
    key: str | None
    cancelled: threading.Event
    title: str = ""  # of a job

    def cancel(self) -> None:
        """Drops the result of a read or write; a job stops at its next report."""
        self.cancelled.set()


class Background(QObject):
    """Runs reads side by side, writes one after another, each job in a thread of its own."""

    failed = Signal(object)  # an exception nobody asked to hear of
    job_started = Signal(int, str)  # number, title
    job_moved = Signal(int, int, int, str)  # number, done, total (0 = unknown), text
    job_ended = Signal(int, str, object)  # number, "done" | "failed" | "cancelled", exception or None
    _arrived = Signal(int, str, object)
    _moved = Signal(int, int, int, str)

    def __init__(self, ctx: AppContext | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        sys.setswitchinterval(SWITCH_S)
        self._ctx = ctx
        self._latest: dict[tuple[int, str], Task] = {}
        self._tasks: dict[int, Task] = {}
        self._jobs: set[int] = set()
        self._reads: _Lane = queue.SimpleQueue()
        self._writes: _Lane = queue.SimpleQueue()
        self._closing = threading.Event()
        self._arrived.connect(self._deliver, Qt.ConnectionType.QueuedConnection)
        self._moved.connect(self.job_moved, Qt.ConnectionType.QueuedConnection)
        lanes = [self._reads] * READERS + [self._writes]
        self._threads = [threading.Thread(target=self._serve, args=(lane,), daemon=True) for lane in lanes]
        for thread in self._threads:
            thread.start()

    @property
    def ctx(self) -> AppContext:
        """The context reads and writes run in; there is none before the desk is unlocked."""
        if self._ctx is None:
            raise Unavailable("desk_locked")
        return self._ctx

    def attach(self, ctx: AppContext) -> None:
        """The desk is unlocked: from now on reads and writes run in `ctx`."""
        self._ctx = ctx

    def read(
        self,
        query: Callable[..., Any],
        done: Handler,
        failed: Handler | None = None,
        /,
        *,
        key: str | None = None,
        **kw: Any,
    ) -> Task:
        """Runs `query(session, **kw)`; `key` drops the answer of an earlier read of the same page and key."""
        return self._put(self._reads, lambda: self.ctx.read(query, **kw), done, failed, key)

    def write(
        self, service: Callable[..., Any], done: Handler | None = None, failed: Handler | None = None, /, **kw: Any
    ) -> Task:
        """Runs `service(ctx, session, **kw)` in one transaction; writes keep their order."""
        return self._put(self._writes, lambda: self.ctx.write(service, **kw), done, failed, None)

    def call(
        self, work: Callable[..., Any], done: Handler | None = None, failed: Handler | None = None, /, **kw: Any
    ) -> Task:
        """Runs `work(**kw)`, which is neither a query nor a service (reading a file, drawing a PDF)."""
        return self._put(self._reads, lambda: work(**kw), done, failed, None)

    def job(
        self,
        title: str,
        work: Callable[..., Any],
        done: Handler | None = None,
        failed: Handler | None = None,
        /,
        **kw: Any,
    ) -> Task:
        """Runs `work(ctx, report, **kw)` in its own thread and shows it in the jobs tray, with cancel."""
        task = self._note(done, failed, None, title)
        work_item = _Work(task.number, lambda: work(self.ctx, self._reporter(task), **kw), task.cancelled)
        self._jobs.add(task.number)
        thread = threading.Thread(target=self._work, args=(work_item,), daemon=True)
        self._threads = [other for other in self._threads if other.is_alive()] + [thread]
        self.job_started.emit(task.number, title)
        thread.start()
        return task

    @Slot(int)
    def cancel_job(self, number: int) -> None:
        """Cancels the job with this number, if it still runs."""
        if number in self._jobs:
            self._tasks[number].cancel()

    def busy(self) -> int:
        """How many jobs are running."""
        return len(self._jobs)

    def running(self) -> list[tuple[int, str]]:
        """Number and title of every running job, for a window that was built anew."""
        return [(number, self._tasks[number].title) for number in sorted(self._jobs)]

    def pending(self) -> int:
        """How many pieces of work have not come back yet."""
        return len(self._tasks)

    def close(self, seconds: float = 5.0) -> bool:
        """Stops taking work, cancels jobs and waits; True when every thread has ended."""
        self._closing.set()
        for task in self._tasks.values():
            task.cancel()
        for _index in range(READERS):
            self._reads.put(None)
        self._writes.put(None)
        until = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def _put(
        self, lane: _Lane, run: Callable[[], Any], done: Handler | None, failed: Handler | None, key: str | None
    ) -> Task:
        task = self._note(done, failed, key)
        if not self._closing.is_set():
            lane.put(_Work(task.number, run, task.cancelled))
        return task

    def _note(self, done: Handler | None, failed: Handler | None, key: str | None, title: str = "") -> Task:
        task = Task(next(_numbers), done, failed, _owner(done), key, threading.Event(), title)
        self._tasks[task.number] = task
        if key is not None and task.owner is not None:
            earlier = self._latest.get((id(task.owner), key))
            if earlier is not None:
                earlier.cancel()
            self._latest[id(task.owner), key] = task
        return task

    def _serve(self, lane: _Lane) -> None:
        while (work := lane.get()) is not None:
            if not self._closing.is_set():
                self._work(work)
            del work

    def _work(self, work: _Work) -> None:
        outcome, value = "cancelled", None
        if not work.cancelled.is_set():
            outcome, value = _attempt(work.run)
        if not self._closing.is_set() and isValid(self):
            self._arrived.emit(work.number, outcome, value)

    def _reporter(self, task: Task) -> Callable[..., None]:
        last = [0.0]

        def report(done: int, total: int = 0, text: str = "") -> None:
            make_way()
            if task.cancelled.is_set():
                raise Cancelled
            at = time.monotonic()
            if at - last[0] >= REPORT_EVERY or (total and done >= total):
                last[0] = at
                self._moved.emit(task.number, done, total, text)

        return report

    @Slot(int, str, object)
    def _deliver(self, number: int, outcome: str, value: Any) -> None:
        task = self._tasks.pop(number)
        is_job = number in self._jobs
        if is_job:
            self._jobs.discard(number)
            self.job_ended.emit(number, outcome, value if outcome == "failed" else None)
        elif task.cancelled.is_set():
            return
        if task.key is not None and task.owner is not None:
            self._latest.pop((id(task.owner), task.key), None)
        if outcome == "cancelled" or (task.owner is not None and not isValid(task.owner)):
            return
        if outcome == "done":
            if task.done is not None:
                task.done(value)
        elif task.failed is not None:
            task.failed(value)
        else:
            self.failed.emit(value)


def _attempt(run: Callable[[], Any]) -> tuple[str, Any]:
    try:
        return "done", run()
    except Cancelled:
        return "cancelled", None
    except Exception as error:  # noqa: BLE001 - handed to the page, which says what happened
        return "failed", error


def _owner(handler: Handler | None) -> QObject | None:
    found = getattr(handler, "__self__", None)
    return found if isinstance(found, QObject) else None
