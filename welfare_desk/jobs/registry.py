"""Which jobs there are: one line per kind. A sweep is work that waits in its own table instead of a job row."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from welfare_desk.context import AppContext
from welfare_desk.jobs import (
    check_supplier,
    intake_codes,
    leave_dates,
    mint_sheet,
    place_orders,
    rehearse_restore,
    scheduled_backups,
    send_messages,
    send_test,
    sync_catalogue,
    top_ups,
)
from welfare_desk.jobs.work import Work

Run = Callable[[AppContext, Work], dict[str, Any]]
Sweep = Callable[[AppContext, threading.Event], int]


@dataclass(frozen=True, slots=True)
class Kind:
    """`run` does the job and gives its result. `tries`: how often a passing failure is met before it counts."""

    run: Run
    tries: int = 3


KINDS: dict[str, Kind] = {
    "sync_catalogue": Kind(sync_catalogue.run),
    "check_supplier": Kind(check_supplier.run, tries=1),
    "place_order": Kind(place_orders.run, tries=1_000_000),
    "intake_codes": Kind(intake_codes.run),
    "mint_sheet": Kind(mint_sheet.run),
    "send_test": Kind(send_test.run, tries=1),
    "rehearse_restore": Kind(rehearse_restore.run, tries=1),
}

# A sweep does what is due and gives how much it did; 0 lets it rest. It gets the event that ends the process.
SWEEPS: dict[str, Sweep] = {
    "top_ups": top_ups.sweep,
    "messages": send_messages.sweep,
    "tidying": mint_sheet.sweep,
    "backups": scheduled_backups.sweep,
    "leave_dates": leave_dates.sweep,
}
