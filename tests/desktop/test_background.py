"""Results arrive in the GUI thread, stale ones never, jobs can be stopped, and no thread is left."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot
from shiboken6 import delete

from tests.support.waiting import wait_until
from welfare_desk.desktop.background import PAINTING_S, Background, make_way, painting
from welfare_desk.errors import Refused


class Page(QObject):
    """Notes what it is told, and where."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[Any] = []
        self.threads: set[int] = set()

    def done(self, value: Any) -> None:
        self.heard.append(value)
        self.threads.add(threading.get_ident())


def gate() -> tuple[threading.Event, Callable[..., str]]:
    event = threading.Event()

    def query(_session: object, *, value: str) -> str:
        assert event.wait(10)
        return value

    return event, query


def test_a_read_answers_in_the_gui_thread(qtbot: QtBot, background: Background) -> None:
    page = Page()
    background.read(lambda _session, n: n + 1, page.done, n=1)
    qtbot.waitUntil(lambda: page.heard == [2])
    assert page.threads == {threading.get_ident()}


def test_a_newer_read_of_the_same_key_drops_the_older(qtbot: QtBot, background: Background) -> None:
    page, other = Page(), Page()
    event, query = gate()
    background.read(query, page.done, key="list", value="old")
    background.read(query, other.done, key="list", value="another page")
    background.read(query, page.done, key="list", value="new")
    event.set()
    qtbot.waitUntil(lambda: page.heard == ["new"] and other.heard == ["another page"])


def test_nothing_reaches_a_page_that_is_gone(qtbot: QtBot, background: Background) -> None:
    page, witness = Page(), Page()
    event, query = gate()
    background.read(query, page.done, value="late")
    heard = page.heard
    delete(page)
    event.set()
    background.read(lambda _session: "after", witness.done)
    qtbot.waitUntil(lambda: witness.heard == ["after"])
    assert heard == []


def test_writes_keep_their_order(qtbot: QtBot, background: Background) -> None:
    page, order = Page(), []

    def write(_ctx: object, _session: object, *, n: int) -> int:
        order.append(n)
        return n

    for n in range(20):
        background.write(write, page.done, n=n)
    qtbot.waitUntil(lambda: len(page.heard) == 20)
    assert page.heard == order == list(range(20))


def test_an_error_reaches_the_page_or_the_window(qtbot: QtBot, background: Background) -> None:
    page, told = Page(), []
    background.failed.connect(told.append)

    def refuse(_session: object) -> None:
        raise Refused("broken")

    background.read(refuse, page.done, page.done)
    background.read(refuse, page.done)
    qtbot.waitUntil(lambda: len(page.heard) == 1 and len(told) == 1)
    assert page.heard[0].code == told[0].code == "broken"


def test_a_job_reports_and_ends(qtbot: QtBot, background: Background) -> None:
    page, moved, ended = Page(), [], []
    background.job_moved.connect(lambda *values: moved.append(values))
    background.job_ended.connect(lambda *values: ended.append(values))

    def work(_ctx: object, report: Callable[..., None], *, rows: int) -> int:
        for row in range(rows + 1):
            report(row, rows, "row")
        return rows

    task = background.job("Importing", work, page.done, rows=500)
    assert background.busy() == 1
    qtbot.waitUntil(lambda: page.heard == [500])
    assert moved[-1] == (task.number, 500, 500, "row")
    assert len(moved) < 100
    assert ended == [(task.number, "done", None)]
    assert background.busy() == 0


def test_a_cancelled_job_stops_and_keeps_quiet(qtbot: QtBot, background: Background) -> None:
    page, ended = Page(), []
    background.job_ended.connect(lambda *values: ended.append(values))
    started, steps = threading.Event(), []

    def work(_ctx: object, report: Callable[..., None]) -> None:
        for step in range(10_000):
            started.set()
            steps.append(step)
            threading.Event().wait(0.001)
            report(step, 10_000)

    task = background.job("Importing", work, page.done)
    assert started.wait(5)
    background.cancel_job(task.number)
    qtbot.waitUntil(lambda: ended == [(task.number, "cancelled", None)])
    assert page.heard == []
    assert len(steps) < 10_000


def test_closing_ends_every_thread(qtbot: QtBot, tmp_path: Any) -> None:
    before = threading.active_count()
    made = Background()
    assert threading.active_count() == before + 4
    assert made.close()
    wait_until(lambda: threading.active_count() == before)


def test_before_unlocking_there_is_nothing_to_read(qtbot: QtBot) -> None:
    made, page = Background(), Page()
    made.read(lambda _session: 1, page.done, page.done)
    qtbot.waitUntil(lambda: len(page.heard) == 1)
    assert page.heard[0].code == "desk_locked"
    assert made.close()


def test_work_stands_still_while_the_window_draws() -> None:
    begun, passed = threading.Event(), threading.Event()

    def work() -> None:
        begun.set()
        make_way()
        passed.set()

    worker = threading.Thread(target=work)
    with painting():
        worker.start()
        assert begun.wait(5)
        assert not passed.wait(PAINTING_S / 4)
    assert passed.wait(5)
    worker.join()
    make_way()  # nobody draws: at once
