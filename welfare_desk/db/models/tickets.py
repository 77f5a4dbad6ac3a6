"""What people say does not work: one open ticket per grant, answered by HR."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from welfare_desk.db.models.base import Base

OPEN = text("state = 'open'")
KINDS = ("used", "invalid", "not_credited", "other")


class Ticket(Base):
    """A problem with what a grant gave, as its person says. `due_at` is the promised time of an answer.

    `note` is the person's own text, plain, at most 500 characters; `answer` is shown to the person afterwards.
    """

    __tablename__ = "ticket"
    __table_args__ = (
        CheckConstraint(f"kind IN {KINDS}", name="kind"),
        CheckConstraint("state IN ('open','closed')", name="state"),
        Index("ix_ticket_open", "grant_id", unique=True, sqlite_where=OPEN, postgresql_where=OPEN),
        Index(None, "state", "due_at"),
        Index(None, "grant_id"),
    )
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    grant_id: Mapped[int] = mapped_column(ForeignKey("grant.id"))
    kind: Mapped[str]
    note: Mapped[str]
    state: Mapped[str]
    due_at: Mapped[int]
    created_at: Mapped[int]
    closed_at: Mapped[int | None]
    operator: Mapped[str | None]
    answer: Mapped[str]
