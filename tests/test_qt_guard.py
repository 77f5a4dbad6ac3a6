"""PySide6 6.12.0 on Python 3.11 loses references to None, which aborts long sessions; what we allow does not."""

from __future__ import annotations

import sys

import PySide6
import pytest
from PySide6.QtCore import QObject, Signal, Slot
from pytestqt.qtbot import QtBot

EMITTED = 5000


class Sender(QObject):
    """Sends objects, None among them, through a signal into a slot."""

    sent = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.taken = 0
        self.sent.connect(self.take)

    @Slot(object)
    def take(self, value: object) -> None:
        """Count what arrives."""
        self.taken += 1


def test_the_version_is_one_we_allow() -> None:
    assert (6, 10) <= PySide6.__version_info__[:2] < (6, 12)


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="None is immortal from Python 3.12 on")
def test_none_keeps_its_references(qtbot: QtBot) -> None:
    sender = Sender()
    before = sys.getrefcount(None)
    for _ in range(EMITTED):
        sender.sent.emit(None)
        sender.setObjectName("x")
        sender.parent()
    assert sender.taken == EMITTED
    assert abs(sys.getrefcount(None) - before) < EMITTED // 10
