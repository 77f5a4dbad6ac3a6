"""What the columns of a list were, when a list with the same header was last imported."""

from __future__ import annotations

from sqlalchemy.orm import Session

from welfare_desk.db.models.people import ImportMapping


def remembered(session: Session, *, fingerprint: str) -> dict[str, str] | None:
    """Normalised header to field (`""`: left out), as `files.columns.to_keep` made it; None for a new header."""
    found = session.get(ImportMapping, fingerprint)
    return None if found is None else {str(key): str(field) for key, field in found.mapping.items()}
