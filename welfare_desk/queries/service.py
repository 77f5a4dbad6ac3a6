"""What the desk shows about the claim service: who lives, where phones reach it, whether one did."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from welfare_desk.db.clock import read_now
from welfare_desk.db.models.jobs import PhoneTest, Process
from welfare_desk.domain.clock import Clock

DEAD_AFTER_MS = 10_000


@dataclass(frozen=True, slots=True)
class ProcessRow:
    """One living process; `role` is web or jobs, times are epoch milliseconds."""

    number: int
    role: str
    host: str
    pid: int
    addresses: tuple[str, ...]
    started_at: int
    seen_at: int


@dataclass(frozen=True, slots=True)
class ServiceState:
    """The service as a whole: `web` answers phones, `jobs` does the work behind."""

    processes: tuple[ProcessRow, ...]
    addresses: tuple[str, ...]
    web: bool
    jobs: bool


@dataclass(frozen=True, slots=True)
class PhoneTestState:
    """Whether a phone reached the test page: `opened_at` is None until one did."""

    address: str
    opened_at: int | None
    agent: str


def state(session: Session, *, clock: Clock) -> ServiceState:
    """The processes seen within the last ten seconds, and the addresses where they answer."""
    now = read_now(session, clock)
    alive = select(Process).where(Process.stopped_at.is_(None), Process.seen_at >= now - DEAD_AFTER_MS)
    rows = [
        ProcessRow(row.number, row.role, row.host, row.pid, tuple(row.addresses), row.started_at, row.seen_at)
        for row in session.scalars(alive.order_by(Process.number))
    ]
    addresses = dict.fromkeys(address for row in rows if row.role == "web" for address in row.addresses)
    roles = {row.role for row in rows}
    return ServiceState(tuple(rows), tuple(addresses), "web" in roles, "jobs" in roles)


def answers(session: Session) -> bool:
    """Whether the database answers; asked by the health page. Raises Unavailable through the context when not."""
    return session.scalar(select(1)) == 1


def phone_test(session: Session, *, token: str) -> PhoneTestState | None:
    """The phone test of that token, or None."""
    row = session.scalar(select(PhoneTest).where(PhoneTest.token == token))
    return PhoneTestState(row.address, row.opened_at, row.agent) if row is not None else None
