"""Changing shared settings. Secrets are sealed to the service before they reach a row."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session

from welfare_desk.context import AppContext
from welfare_desk.db.models.operators import Setting as Row
from welfare_desk.domain import logos
from welfare_desk.domain.colours import tidy_colour
from welfare_desk.errors import Refused
from welfare_desk.security.sealing import seal
from welfare_desk.services import audit
from welfare_desk.settings import BY_KEY

MOST_HOURS = 14 * 24


def change(ctx: AppContext, session: Session, *, values: dict[str, Any]) -> None:
    """Stores shared settings. Raises Refused(`unknown_setting`, or what is wrong with a value)."""
    for key, value in values.items():
        setting = BY_KEY.get(key)
        if setting is None or setting.scope != "shared":
            raise Refused("unknown_setting", field=key, key=key)
        checked = CHECKS.get(key, setting.kind)(value)
        _put(ctx, session, key, {"value": checked}, None)
        audit.record(ctx, session, "setting.changed", key, value=f"{len(checked)} signs" if key == "logo" else checked)


def _colour(value: Any) -> str:
    colour = tidy_colour(str(value)) if value else ""
    if colour is None:
        raise Refused("colour_form", field="colour", value=str(value)[:20])
    return colour


def _hours(value: Any) -> int:
    if not str(value).isdecimal() or not 1 <= int(value) <= MOST_HOURS:
        raise Refused("answer_hours", field="answer_hours", most=MOST_HOURS)
    return int(value)


CHECKS: dict[str, Callable[[Any], Any]] = {"colour": _colour, "logo": logos.check, "answer_hours": _hours}


def change_secret(ctx: AppContext, session: Session, *, key: str, value: str, shown: dict[str, Any]) -> None:
    """Stores a secret setting sealed to the service; `shown` is its masked form for people."""
    sealed = seal(value.encode(), ctx.intake_key, b"setting/" + key.encode()) if value else None
    _put(ctx, session, key, shown, sealed)
    audit.record(ctx, session, "setting.changed", key, **shown)


def remember(ctx: AppContext, session: Session, key: str, value: dict[str, Any]) -> None:
    """Notes something for the program itself (epoch, last_backup, restoring)."""
    _put(ctx, session, key, value, None)


def _put(ctx: AppContext, session: Session, key: str, value: dict[str, Any], sealed: bytes | None) -> None:
    row = session.get(Row, key) or Row(key=key)
    row.value, row.sealed, row.changed_at = value, sealed, ctx.clock.now()
    session.add(row)
