"""People leave on their leave date: looked for every half minute, so that lists and counts say so too."""

from __future__ import annotations

import threading

from welfare_desk.context import AppContext
from welfare_desk.domain.segments import today
from welfare_desk.queries import people
from welfare_desk.services import leaving

REST_S = 30.0


def sweep(ctx: AppContext, stop: threading.Event) -> int:
    """Marks as left whose day has come; returns how many."""
    if ctx.read(people.leaves_by, day=today(ctx.clock.now())):
        marked = ctx.write(leaving.leave_on_their_day)
        if marked:
            return marked
    stop.wait(REST_S)
    return 0
