"""What operators did, newest first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from welfare_desk.db.models.operators import AuditEntry


@dataclass(frozen=True, slots=True)
class AuditRow:
    """Who did what to what; `at` in epoch milliseconds."""

    at: int
    operator: str
    action: str
    subject: str
    detail: dict[str, Any]


def entries(session: Session, *, action: str = "", limit: int = 200) -> tuple[AuditRow, ...]:
    """The latest entries; `action` narrows to those that begin with it (`campaign.`)."""
    wanted = select(AuditEntry).order_by(AuditEntry.at.desc(), AuditEntry.id.desc()).limit(limit)
    if action:
        wanted = wanted.where(AuditEntry.action.startswith(action, autoescape=True))
    return tuple(
        AuditRow(entry.at, entry.operator, entry.action, entry.subject, entry.detail)
        for entry in session.scalars(wanted)
    )
