"""The shared settings as stored in the database."""

from __future__ import annotations

import os
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from welfare_desk.db.models.operators import Setting as Row
from welfare_desk.settings import BY_KEY, SETTINGS


def shared(session: Session) -> dict[str, Any]:
    """Every shared setting by key: defaults, then the database, then the environment."""
    values = {entry.key: entry.default for entry in SETTINGS if entry.scope == "shared"}
    for key, value in session.execute(select(Row.key, Row.value)):
        if key in values:
            values[key] = value.get("value")
    for key in values:
        name = BY_KEY[key].environment
        if name and os.environ.get(name):
            values[key] = os.environ[name]
    return values


def sealed(session: Session, *, key: str) -> bytes | None:
    """A secret setting as sealed to the service, or None when it is not set."""
    return session.execute(select(Row.sealed).where(Row.key == key)).scalar_one_or_none()


def epoch(session: Session) -> str:
    """Which life of the database this is: every restore begins a new one."""
    return str(fact(session, key="epoch").get("epoch", ""))


def fact(session: Session, *, key: str) -> dict[str, Any]:
    """Something the program noted for itself (epoch, last_backup, restoring); empty when it did not."""
    row = session.execute(select(Row.value).where(Row.key == key)).scalar_one_or_none()
    return dict(row or {})
