"""Who did what to what, when. Rows are only added."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from welfare_desk.context import AppContext
from welfare_desk.db.ids import new_id
from welfare_desk.db.models.operators import AuditEntry


def record(ctx: AppContext, session: Session, action: str, subject: str, **detail: Any) -> None:
    """Notes that the context's operator did `action` (noun.verb) to `subject` (kind:id). `detail` holds no secret."""
    entry = AuditEntry(
        id=new_id(), at=ctx.clock.now(), operator=ctx.operator, action=action, subject=subject, detail=detail
    )
    session.add(entry)
