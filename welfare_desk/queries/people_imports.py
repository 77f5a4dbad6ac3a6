"""The change-sets that imports applied."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from welfare_desk.db.models.people import PersonImport


@dataclass(frozen=True, slots=True)
class ImportRow:
    """One import. `state`: applying, applied, cancelled, undone. Counts are of the report; `at` epoch milliseconds."""

    import_id: int
    at: int
    operator: str
    filename: str
    state: str
    created: int
    updated: int
    left: int
    rejected: int


def imports(session: Session, *, limit: int = 50) -> tuple[ImportRow, ...]:
    """Imports, the newest first."""
    newest = select(PersonImport).order_by(PersonImport.at.desc(), PersonImport.id.desc()).limit(limit)
    return tuple(
        ImportRow(row.id, row.at, row.operator, row.filename, row.state, *_counts(row.report))
        for row in session.scalars(newest)
    )


def last_import(session: Session) -> int | None:
    """When the last list that stands was imported, epoch milliseconds."""
    return session.scalar(select(func.max(PersonImport.at)).where(PersonImport.state == "applied"))


def import_running(session: Session) -> bool:
    """Whether people are half-way between two states right now."""
    return session.scalar(select(PersonImport.id).where(PersonImport.state == "applying").limit(1)) is not None


def _counts(report: dict[str, Any]) -> tuple[int, int, int, int]:
    created, updated, left, rejected = (int(report.get(name, 0)) for name in ("created", "updated", "left", "rejected"))
    return created, updated, left, rejected
