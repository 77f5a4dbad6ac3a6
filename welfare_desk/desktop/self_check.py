"""Proof for installers: the window of this build opens and paints, and its child service runs; no key is pressed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QTimer

SECONDS = 30
EVERY_MS = 100


class SelfCheck(QObject):
    """Asks `look()` for `window`, `service`, `why` until both are there, writes them as one JSON line, ends."""

    def __init__(
        self, file: str, look: Callable[[], dict[str, object]], end: Callable[[int], None], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._file, self._look, self._end = Path(file), look, end
        self._left = SECONDS * 1000 // EVERY_MS
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._tick)
        self._timer.start(EVERY_MS)

    def _tick(self) -> None:
        self._left -= 1
        found = self._look()
        good = bool(found["window"] and found["service"])
        if good or self._left <= 0:
            self._timer.stop()
            self._file.write_text(json.dumps(found) + "\n", encoding="utf-8")
            self._end(0 if good else 1)
