"""Work the service does for others, and the service processes themselves."""

from __future__ import annotations

from typing import Any

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from welfare_desk.db.models.base import Base


class Job(Base):
    """A request to the service. `state`: queued, running, done, failed, unknown.

    `public_key` is the asker's one-time X25519 key: sealed results can be opened by the asker alone.
    """

    __tablename__ = "job"
    __table_args__ = (
        CheckConstraint("state IN ('queued','running','done','failed','unknown')", name="state"),
        Index(None, "state", "next_at"),
    )
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str]
    params: Mapped[dict[str, Any]]
    state: Mapped[str]
    progress: Mapped[dict[str, Any]]
    result: Mapped[dict[str, Any] | None]
    error: Mapped[dict[str, Any] | None]
    public_key: Mapped[bytes | None]
    operator: Mapped[str]
    attempts: Mapped[int]
    next_at: Mapped[int]
    lease_until: Mapped[int | None]
    lease_by: Mapped[int | None]
    created_at: Mapped[int]
    finished_at: Mapped[int | None]


class JobRow(Base):
    """A sealed part of a job's result; deleted after fetching or an hour."""

    __tablename__ = "job_row"
    job_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    chunk: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sealed: Mapped[bytes]
    created_at: Mapped[int]


class Process(Base):
    """A living service process: `role` web or jobs. `number` is its writer number; `seen_at` its heartbeat.

    The largest `clock_at` of all rows is the high-water mark of time; a row outlives its process for that.
    """

    __tablename__ = "process"
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    role: Mapped[str]
    host: Mapped[str]
    pid: Mapped[int]
    nonce: Mapped[int]
    addresses: Mapped[list[Any]]
    started_at: Mapped[int]
    seen_at: Mapped[int]
    stopped_at: Mapped[int | None]
    clock_at: Mapped[int]


class PhoneTest(Base):
    """A phone opened the test page: proof that the address in links can be reached."""

    __tablename__ = "phone_test"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    token: Mapped[str] = mapped_column(unique=True)
    address: Mapped[str]
    opened_at: Mapped[int | None]
    agent: Mapped[str]
    created_at: Mapped[int]


class SentTest(Base):
    """The claim page behind the link of a test send. `face` is what the page shows of the planned campaign."""

    __tablename__ = "sent_test"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    token: Mapped[str] = mapped_column(unique=True)
    face: Mapped[dict[str, Any]]
    created_at: Mapped[int]
    expires_at: Mapped[int]
