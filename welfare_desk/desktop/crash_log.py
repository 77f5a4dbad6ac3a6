"""What was not foreseen: told to the person in one sentence, written down with its trace, and the window goes on."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType

FILE = "window.log"
BYTES = 1_000_000
log = logging.getLogger("welfare_desk.desktop")


def write_to(data: Path) -> None:
    """Lets warnings and errors of the window go to `window.log` in the data folder, if that can be written."""
    try:
        handler = RotatingFileHandler(data / FILE, maxBytes=BYTES, backupCount=1, encoding="utf-8", delay=True)
        with (data / FILE).open("ab"):
            pass
    except OSError:
        return
    handler.setFormatter(logging.Formatter("%(asctime)s %(name)s %(levelname)s %(message)s"))
    handler.setLevel(logging.WARNING)
    log.addHandler(handler)


def install(tell: Callable[[Exception], object]) -> None:
    """An exception that nobody caught is written down and told, instead of vanishing in a console nobody sees."""

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if not isinstance(error, Exception):
            sys.__excepthook__(kind, error, trace)
            return
        log.error("not foreseen", exc_info=(kind, error, trace))
        tell(error)

    sys.excepthook = hook
