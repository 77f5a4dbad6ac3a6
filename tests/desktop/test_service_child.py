"""The child gets its passphrase by standard input alone, tells its state, and killed it is back within five seconds."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from tests.desktop.conftest import PlainContext
from welfare_desk.desktop.background import Background
from welfare_desk.desktop.service_child import ServiceChild, ServiceView
from welfare_desk.queries.service import ProcessRow, ServiceState

CHILD = """
import os, pathlib, sys
folder = pathlib.Path(sys.argv[1])
line = sys.stdin.readline()
(folder / "started").write_text(repr((line, sys.argv, sorted(os.environ.items()))))
for line in sys.stdin:
    pass
(folder / "ended").write_text("cleanly")
"""
REFUSES = """
import sys
print("2026-11-22 19:03:01,101 service INFO trying", file=sys.stderr)
sys.exit("port: Port 8080 is taken by another program.")
"""


class ServingContext(PlainContext):
    """Says that a web process lives once the child wrote its file."""

    def read(self, query: Any, **kw: Any) -> Any:
        started = self.data / "started"
        if not started.exists():
            return ServiceState((), (), False, False)
        at = int(started.stat().st_mtime * 1000) + 1
        row = ProcessRow(1, "web", "here", 1, ("http://192.168.1.5:8080",), at, at)
        return ServiceState((row,), row.addresses, True, True)


@pytest.fixture
def serving(qtbot: QtBot, tmp_path: Path) -> Iterator[Background]:
    made = Background(ServingContext(tmp_path))  # type: ignore[arg-type]
    yield made
    assert made.close()


@pytest.fixture
def child(serving: Background, tmp_path: Path) -> Iterator[ServiceChild]:
    made = ServiceChild(serving, (sys.executable, "-c", CHILD, str(tmp_path)), "postgresql://user:pw@db/x")
    yield made
    made.shut_down()


def test_it_starts_runs_and_ends_cleanly(qtbot: QtBot, child: ServiceChild, tmp_path: Path) -> None:
    states: list[str] = []
    child.changed.connect(lambda view: states.append(view.state))
    child.start("correct horse")
    qtbot.waitUntil(lambda: child.view.state == "running", timeout=15_000)
    assert child.view.addresses == ("http://192.168.1.5:8080",)
    line, argv, environment = eval((tmp_path / "started").read_text())
    assert line == "correct horse\n"
    assert "correct horse" not in repr(argv) + repr(environment)
    assert "postgresql" not in repr(argv)
    child.stop()
    qtbot.waitUntil(lambda: child.view.state == "stopped", timeout=10_000)
    assert (tmp_path / "ended").read_text() == "cleanly"
    assert states == ["starting", "running", "stopping", "stopped"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL; there the job object is tested")
def test_killed_it_is_back_within_five_seconds(qtbot: QtBot, child: ServiceChild, tmp_path: Path) -> None:
    child.start("correct horse")
    qtbot.waitUntil(lambda: child.view.state == "running", timeout=15_000)
    first = child.pid()
    (tmp_path / "started").unlink()
    killed = time.monotonic()
    os.kill(first, signal.SIGKILL)
    qtbot.waitUntil(lambda: child.view.state == "failing", timeout=5000)
    assert child.view.why == "It was ended from outside."
    qtbot.waitUntil(lambda: (tmp_path / "started").exists() and child.view.state == "running", timeout=10_000)
    assert child.pid() not in (0, first)
    assert time.monotonic() - killed < 5
    assert "correct horse\\n" in (tmp_path / "started").read_text()


def test_it_says_why_it_does_not_run_and_tries_less_and_less(qtbot: QtBot, serving: Background) -> None:
    child = ServiceChild(serving, (sys.executable, "-c", REFUSES))
    views: list[ServiceView] = []
    child.changed.connect(views.append)
    child.start("x")
    qtbot.waitUntil(lambda: sum(view.state == "failing" for view in views) >= 2, timeout=15_000)
    assert child.view.why == "Port 8080 is taken by another program."
    child.stop()
    qtbot.waitUntil(lambda: child.view.state == "stopped", timeout=10_000)
    child.shut_down()


def test_a_program_that_is_not_there_is_named(qtbot: QtBot, serving: Background, tmp_path: Path) -> None:
    child = ServiceChild(serving, (str(tmp_path / "no-such-program"),))
    child.start("x")
    qtbot.waitUntil(lambda: "no-such-program" in child.view.why, timeout=10_000)
    child.shut_down()
    assert child.pid() == 0


def test_a_service_elsewhere_is_shown_as_not_ours(qtbot: QtBot, serving: Background, tmp_path: Path) -> None:
    child = ServiceChild(serving, (sys.executable, "-c", CHILD, str(tmp_path)))
    (tmp_path / "started").write_text("by somebody else")
    qtbot.waitUntil(lambda: child.view.state == "running", timeout=10_000)
    assert not child.view.own
    child.shut_down()


def test_a_restart_ends_it_first(qtbot: QtBot, child: ServiceChild, tmp_path: Path) -> None:
    child.start("correct horse")
    qtbot.waitUntil(lambda: child.view.state == "running", timeout=15_000)
    first = child.pid()
    (tmp_path / "started").unlink()
    child.restart()
    qtbot.waitUntil(lambda: child.view.state == "running" and child.pid() not in (0, first), timeout=15_000)
    assert (tmp_path / "ended").read_text() == "cleanly"
