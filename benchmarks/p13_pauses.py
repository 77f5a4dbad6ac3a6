"""P13: the longest pause of the window's event loop while 100,000 people are imported, sent links and exported.

The whole window works on a data folder (SQLite, offscreen), a timer in it beats every 2 ms, and the longest time
between two beats is the pause. `own` is the most that this process computed between two beats, `window` the most
that the window's thread did: on a machine that does other things too the rest is theirs.

    python -m benchmarks.p13_pauses [ROWS] [SENT]
"""

from __future__ import annotations

import itertools
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

from PySide6.QtCore import QCoreApplication, QEventLoop, Qt, QTimer
from PySide6.QtWidgets import QApplication

from benchmarks.lists import write_list
from tests.support.desk import DeskWorld, open_desk, turn_events
from welfare_desk.desktop import theme
from welfare_desk.desktop.main_window import MainWindow
from welfare_desk.desktop.pages import import_people
from welfare_desk.desktop.pages.campaign_wizard import launch
from welfare_desk.desktop.pages.import_people import CHANGES, CHECK, COLUMNS, RESULT
from welfare_desk.domain.plans import Audience, Plan
from welfare_desk.queries import shelf

GOAL_MS = 100
ROWS, SENT = 100_000, 20_000
BEAT_MS = 2
DAY_MS = 86_400_000
PATIENCE = 900.0  # seconds for one phase
BAD_EVERY = 10


Beat = tuple[float, float, float]  # wall clock, this process's computing, the window thread's computing


@dataclass
class Heart:
    """Beats as long as the event loop turns."""

    beats: list[Beat] = field(default_factory=list)

    def beat(self) -> None:
        """One turn of the loop."""
        self.beats.append((time.monotonic(), time.process_time(), time.thread_time()))

    def pauses(self) -> list[Beat]:
        """What lay between two beats in ms, the longest first."""
        gaps = [tuple(1000 * (b - a) for a, b in zip(*pair, strict=True)) for pair in itertools.pairwise(self.beats)]
        return sorted(((wall, own, gui) for wall, own, gui in gaps), reverse=True)


def main(arguments: list[str]) -> int:
    """One JSON line per phase and one for the whole; 1 if something did not come out right."""
    rows = int(arguments[0]) if arguments else ROWS
    sent = int(arguments[1]) if len(arguments) > 1 else SENT
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    app = QApplication.instance() or QApplication(["bench"])
    assert isinstance(app, QApplication)
    theme.apply(app, "light")
    worst: list[Beat] = []
    with tempfile.TemporaryDirectory() as name, open_desk(Path(name) / "data", real_clock=True) as desk:
        window = MainWindow(desk.desk)
        window.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
        window.resize(1366, 768)
        window.show()
        write_list(Path(name) / "people.csv", rows)
        _write_bad(Path(name) / "bad.csv", rows)
        for phase, work in (("import", _import), ("send", _send), ("export", _export)):
            worst.append(_measured(phase, desk, window, Path(name), work, rows if phase != "send" else sent))
        window.close()
        window.deleteLater()
        turn_events()
    pause, own = max(one[0] for one in worst), max(one[1] for one in worst)
    print(json.dumps({"name": "p13_pauses", "pause_ms": round(pause), "own_ms": round(own), "goal_ms": GOAL_MS,
                      "reached": pause <= GOAL_MS, "rows": rows, "sent": sent}), flush=True)  # fmt: skip
    return 0


def _measured(
    phase: str, desk: DeskWorld, window: MainWindow, folder: Path, work: Callable[..., None], count: int
) -> Beat:
    with _heart() as heart:
        began = time.monotonic()
        work(desk, window, folder, count)
        seconds = time.monotonic() - began
    found = heart.pauses()
    own, window_own = max(gap[1] for gap in found), max(gap[2] for gap in found)
    told = {"name": f"p13_{phase}", "pause_ms": round(found[0][0]), "own_ms": round(own),
            "window_ms": round(window_own), "p99_ms": round(found[len(found) // 100][0], 1),
            "above_goal": sum(gap[0] > GOAL_MS for gap in found), "beats": len(found),
            "seconds": round(seconds, 1)}  # fmt: skip
    print(json.dumps(told), flush=True)
    return found[0][0], own, window_own


@contextmanager
def _heart() -> Iterator[Heart]:
    heart, timer = Heart(), QTimer()
    timer.setTimerType(Qt.TimerType.PreciseTimer)
    timer.timeout.connect(heart.beat)
    timer.start(BEAT_MS)
    try:
        yield heart
    finally:
        timer.stop()


def _import(desk: DeskWorld, window: MainWindow, folder: Path, count: int) -> None:
    page = _opened(desk, window, folder / "people.csv")
    page.wizard.next.click()
    _until(lambda: page.wizard.index() == CHECK, "checked")
    _settle(desk)
    for share in range(20):
        page.check.grid.go(share * (count - 1) // 19, share % 6)
        _settle(desk)
    page.check.rows.setData(page.check.rows.index(count // 2, 5), "right@example.com")
    _settle(desk)
    page.wizard.next.click()
    _until(lambda: page.wizard.index() == CHANGES, "changes")
    page.wizard.next.click()
    _until(lambda: page.wizard.index() == RESULT, "imported")
    _settle(desk)


def _send(desk: DeskWorld, _window: MainWindow, _folder: Path, count: int) -> None:
    desk.world.product()
    key = desk.desk.ctx.read(shelf.products)[0].product
    numbers = tuple(f"{at:07}" for at in range(1, count + 1))
    now = desk.desk.ctx.clock.now()
    plan = Plan("P13", key, Audience("people", people=numbers), now - 1000, now + DAY_MS, channels=("email",))
    _job(desk, launch, plan=plan, allow_short=True, again=False)


def _export(desk: DeskWorld, window: MainWindow, folder: Path, _count: int) -> None:
    page = _opened(desk, window, folder / "bad.csv")
    page.wizard.next.click()
    _until(lambda: page.wizard.index() == CHECK, "checked")
    _settle(desk)
    target = folder / "rejects.xlsx"
    with patch.object(import_people, "ask_save", lambda *_asked: target):
        page.changes.save_asked.emit()
        _settle(desk)
    assert (folder / "rejects.xlsx").stat().st_size


def _until(condition: Callable[[], Any], what: str) -> None:
    """Lets the window work until a condition holds; the loop sleeps between events as it does for a person."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
        assert time.monotonic() < deadline, what


def _settle(desk: DeskWorld) -> None:
    _until(lambda: not desk.desk.background.pending(), "rest")
    turn_events()


def _write_bad(path: Path, count: int) -> None:
    """A list of which nine in ten rows are refused."""
    lines = (f"{at:07},王{at},{'bad' if at % BAD_EVERY else f'b{at}@example.com'}" for at in range(1, count + 1))
    path.write_text("\n".join(["工号,姓名,邮箱", *lines]), encoding="utf-8")


def _opened(desk: DeskWorld, window: MainWindow, path: Path) -> Any:
    desk.desk.go("import_people", path=str(path))
    page: Any = window.page("import_people")
    _until(lambda: page.wizard.index() == COLUMNS, "read")
    _settle(desk)
    return page


def _job(desk: DeskWorld, work: Callable[..., Any], **kw: Any) -> None:
    ended: list[tuple[str, Any]] = []
    desk.desk.background.job_ended.connect(lambda _number, outcome, error: ended.append((outcome, error)))
    desk.desk.background.job("P13", work, **kw)
    _until(lambda: ended, "job")
    _settle(desk)
    assert ended[0][0] == "done", ended


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
