"""Backups by themselves: every day or week into a folder of the service's machine; the newest few are kept."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy.orm import Session

from welfare_desk.context import AppContext
from welfare_desk.errors import Refused, Unavailable, WelfareError
from welfare_desk.queries import backups as backup_queries
from welfare_desk.queries.backups import PERIODS, Schedule
from welfare_desk.security.keystore import fingerprint
from welfare_desk.services import audit, settings
from welfare_desk.services.backups import Backup, write_backup

AGAIN_MS = 30 * 60_000
MOST_KEPT = 365


def set_schedule(ctx: AppContext, session: Session, *, every: str, folder: str, keep: int) -> Schedule:
    """Sets how often (day, week, "" for never), where, and how many are kept; the next one is due at once.

    Raises Refused(`schedule_every`, `schedule_folder`, `schedule_keep`).
    """
    if every and every not in PERIODS:
        raise Refused("schedule_every", field="every")
    if every and not Path(folder).is_absolute():
        raise Refused("schedule_folder", field="folder")
    if not 1 <= keep <= MOST_KEPT:
        raise Refused("schedule_keep", field="keep", most=MOST_KEPT)
    values = {"every": every, "folder": folder, "keep": keep}
    settings.remember(ctx, session, "backup_schedule", values)
    settings.remember(ctx, session, "backup_turn", {"next_at": 0})
    settings.remember(ctx, session, "backup_trouble", {})
    audit.record(ctx, session, "backup.scheduled", "database", **values)
    return Schedule(every=every, folder=folder, keep=keep)


def take_turn(ctx: AppContext, session: Session) -> Schedule | None:
    """Takes a backup that is due, so that no other process does; None when none is. Failing, it is due again later."""
    found = backup_queries.state(session, now=ctx.clock.now())
    if not found.due:
        return None
    settings.remember(ctx, session, "backup_turn", {"next_at": ctx.clock.now() + AGAIN_MS})
    return found.schedule


def run_if_due(ctx: AppContext, report: Callable[[int], None] | None = None) -> Backup | None:
    """Writes the scheduled backup when it is due, then deletes what is beyond the number kept.

    What goes wrong with the folder is remembered for the desk, not raised; `report` may raise to stop.
    """
    if not ctx.read(backup_queries.state, now=ctx.clock.now()).due:
        return None
    schedule = ctx.write(take_turn)
    if schedule is None:
        return None
    folder = Path(schedule.folder)
    path = folder / f"{prefix(ctx)}{time.strftime('%Y%m%d-%H%M%S', time.gmtime(ctx.clock.now() / 1000))}.wdb"
    try:
        if not folder.is_dir():
            raise Unavailable("backup_unwritable", field="folder", reason=str(folder))
        made = write_backup(ctx, path, report=report)
    except WelfareError as error:
        ctx.write(_note_trouble, error=error)
        return None
    ctx.write(_note_done, next_at=made.at + PERIODS[schedule.every])
    _forget_old(ctx, folder, schedule.keep)
    return made


def prefix(ctx: AppContext) -> str:
    """What this installation's files begin with, so that two may share a folder."""
    return f"welfare-desk-{fingerprint(ctx.intake_key)[:9]}-"


def _note_trouble(ctx: AppContext, session: Session, *, error: WelfareError) -> None:
    params = {name: str(value) for name, value in error.params.items()}
    settings.remember(ctx, session, "backup_trouble", {"code": error.code, "params": params, "at": ctx.clock.now()})


def _note_done(ctx: AppContext, session: Session, *, next_at: int) -> None:
    settings.remember(ctx, session, "backup_turn", {"next_at": next_at})
    settings.remember(ctx, session, "backup_trouble", {})


def _forget_old(ctx: AppContext, folder: Path, keep: int) -> None:
    """Deletes the oldest files that a schedule of this installation wrote; names sort by time."""
    for path in sorted(folder.glob(f"{prefix(ctx)}*.wdb"))[:-keep]:
        path.unlink(missing_ok=True)
