"""Writes the scheduled backup when it is due; every jobs process may, one does."""

from __future__ import annotations

import threading

from welfare_desk.context import AppContext
from welfare_desk.services.backup_schedule import run_if_due

REST_S = 15.0


class _Ended(Exception):
    """The process is to end: the backup under way is given up, and is due again in half an hour."""


def sweep(ctx: AppContext, stop: threading.Event) -> int:
    """The backup, if it is due: 1 when one was written."""

    def report(_rows: int) -> None:
        if stop.is_set():
            raise _Ended

    try:
        made = run_if_due(ctx, report)
    except _Ended:
        return 0
    stop.wait(REST_S)
    return 1 if made else 0
