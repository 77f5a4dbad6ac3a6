"""The window goes on breathing while people are imported."""

from __future__ import annotations

import itertools
import time
from pathlib import Path

from PySide6.QtCore import QTimer
from pytestqt.qtbot import QtBot

from tests.support.desk import open_desk, turn_events, write_list
from welfare_desk.services import people_import

LONGEST_S = 0.25  # of this process's own work between two beats: other programs on the machine do not count
PEOPLE = 60_000


def test_no_long_pause_during_an_import(qtbot: QtBot, tmp_path: Path) -> None:
    path = write_list(tmp_path / "list.csv", PEOPLE)
    with open_desk(tmp_path / "data", real_clock=True) as made:
        beats: list[float] = []
        timer = QTimer()
        timer.timeout.connect(lambda: beats.append(time.process_time()))
        timer.start(5)

        def work(ctx: object, report: object) -> object:
            table = people_import.open_list(path)
            plan = people_import.check_list(ctx, table, report=report)  # type: ignore[arg-type]
            return people_import.apply_import(ctx, plan, report=report)  # type: ignore[arg-type]

        ended: list[str] = []
        made.desk.background.job_ended.connect(lambda _number, outcome, _error: ended.append(outcome))
        made.desk.background.job("Importing people", work)
        made.until(lambda: ended, 120)
        timer.stop()
        turn_events()
        assert ended == ["done"]
        assert len(beats) > 10
        assert max(later - earlier for earlier, later in itertools.pairwise(beats)) < LONGEST_S
