"""Operators, what they did, and the settings they share."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from welfare_desk.db.models.base import Base


class Operator(Base):
    """Somebody who works at a desk. `role` is `administrator` today."""

    __tablename__ = "operator"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(unique=True)
    role: Mapped[str]
    password_hash: Mapped[str]
    created_at: Mapped[int]


class AuditEntry(Base):
    """Who did what to what, when. Rows are only added."""

    __tablename__ = "audit_entry"
    __table_args__ = (Index(None, "at"),)
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[int]
    operator: Mapped[str]
    action: Mapped[str]
    subject: Mapped[str]
    detail: Mapped[dict[str, Any]]


class Setting(Base):
    """One shared setting; `sealed` holds secrets (SMTP address) for the service's eyes only."""

    __tablename__ = "setting"
    key: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[dict[str, Any]]
    sealed: Mapped[bytes | None]
    changed_at: Mapped[int]
