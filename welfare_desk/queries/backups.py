"""Backups as the desk shows them: the last good one, the schedule, the last rehearsal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from welfare_desk.queries.settings import fact

DAY_MS = 24 * 3_600_000
OLD_MS = 7 * DAY_MS
PERIODS = {"day": DAY_MS, "week": 7 * DAY_MS}


@dataclass(frozen=True, slots=True)
class LastBackup:
    """A backup that was written whole. `at` is epoch milliseconds."""

    file: str
    rows: int
    bytes: int
    at: int


@dataclass(frozen=True, slots=True)
class Schedule:
    """`every` is day, week or "" (off); `folder` is on the service's machine; the newest `keep` files are kept."""

    every: str = ""
    folder: str = ""
    keep: int = 7


@dataclass(frozen=True, slots=True)
class RehearsalSeen:
    """How restoring a backup into a sandbox went. `differences` that reconcile found, `replayed` from the journal."""

    file: str
    at: int
    backup_at: int
    rows: int
    differences: int
    replayed: int
    seconds: float

    @property
    def ok(self) -> bool:
        """Whether the backup can be restored and adds up."""
        return self.differences == 0


@dataclass(frozen=True, slots=True)
class BackupState:
    """`trouble` is the error (code, params, at) of the last scheduled backup, None when it went well."""

    last: LastBackup | None
    schedule: Schedule
    trouble: dict[str, Any] | None
    rehearsal: RehearsalSeen | None
    due: bool
    needed: bool

    def overdue(self, now: int) -> bool:
        """Whether there is none, or the last good one is older than a week; a demo needs none."""
        return self.needed and (self.last is None or now - self.last.at > OLD_MS)


def state(session: Session, *, now: int) -> BackupState:
    """Everything about backups at `now` (epoch milliseconds)."""
    last, trouble = fact(session, key="last_backup"), fact(session, key="backup_trouble")
    seen = fact(session, key="last_rehearsal")
    plan = fact(session, key="backup_schedule")
    schedule = Schedule(**plan) if plan else Schedule()
    made = LastBackup(last["file"], last["rows"], last.get("bytes", 0), last["at"]) if last else None
    return BackupState(
        last=made,
        schedule=schedule,
        trouble=trouble if trouble.get("code") else None,
        rehearsal=RehearsalSeen(**seen) if seen else None,
        due=_is_due(session, schedule, now),
        needed=not fact(session, key="demo").get("value"),
    )


def _is_due(session: Session, schedule: Schedule, now: int) -> bool:
    if schedule.every not in PERIODS:
        return False
    turn = fact(session, key="backup_turn")
    return now >= int(turn.get("next_at", 0))
