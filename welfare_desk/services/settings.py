"""Changing shared settings. Secrets are sealed to the service before they reach a row."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from welfare_desk.context import AppContext
from welfare_desk.db.models.operators import Setting as Row
from welfare_desk.errors import Refused
from welfare_desk.security.sealing import seal
from welfare_desk.services import audit
from welfare_desk.settings import BY_KEY


def change(ctx: AppContext, session: Session, *, values: dict[str, Any]) -> None:
    """Stores shared settings. Raises Refused(`unknown_setting`) for a key that is not shared."""
    for key, value in values.items():
        setting = BY_KEY.get(key)
        if setting is None or setting.scope != "shared":
            raise Refused("unknown_setting", field=key, key=key)
        _put(ctx, session, key, {"value": setting.kind(value)}, None)
        audit.record(ctx, session, "setting.changed", key, value=value)


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
