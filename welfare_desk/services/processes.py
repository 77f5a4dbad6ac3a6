"""The service's own rows: which processes live, where phones reach them, and that a phone did."""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import case, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from welfare_desk.context import AppContext
from welfare_desk.db.clock import read_now
from welfare_desk.db.ids import new_id
from welfare_desk.db.models.jobs import PhoneTest, Process
from welfare_desk.errors import Conflict
from welfare_desk.queries.service import DEAD_AFTER_MS

HEARTBEAT_S = 2.0
ATTEMPTS = 16
AGENT_SIGNS = 200


@dataclass(frozen=True, slots=True)
class ProcessNumber:
    """What a process is called in rollups and leases; `nonce` proves that the number is still its own."""

    number: int
    nonce: int


@dataclass(frozen=True, slots=True)
class PhoneTestStarted:
    """A phone test under way: show `url` as a QR code."""

    token: str
    url: str


def register(ctx: AppContext, session: Session, *, role: str, addresses: Sequence[str] = ()) -> ProcessNumber:
    """Takes the lowest number whose process is gone, or a new one. `role` is web or jobs.

    Nothing has to expire first: after a SIGKILL the next start takes another number at once.
    """
    now = read_now(session, ctx.clock)
    nonce = secrets.randbits(62)
    values = {"role": role, "host": socket.gethostname(), "pid": os.getpid(), "nonce": nonce,
              "addresses": list(addresses), "started_at": now, "seen_at": now, "stopped_at": None}  # fmt: skip
    gone = or_(Process.stopped_at.is_not(None), Process.seen_at < now - DEAD_AFTER_MS)
    free = select(Process.number).where(gone, Process.number > 0).order_by(Process.number).limit(1)
    number = session.scalar(free.with_for_update(skip_locked=True))
    if number is not None:
        session.execute(update(Process).where(Process.number == number).values(**values, clock_at=_raised(now)))
        return ProcessNumber(number, nonce)
    return ProcessNumber(_insert_fresh(session, {**values, "clock_at": now}), nonce)


def _insert_fresh(session: Session, values: dict[str, object]) -> int:
    for _attempt in range(ATTEMPTS):
        number = int(session.scalar(select(func.coalesce(func.max(Process.number), 0))) or 0) + 1
        try:
            with session.begin_nested():
                session.execute(insert(Process).values(number=number, **values))
        except IntegrityError:
            continue
        return number
    raise Conflict("process_number")


def heartbeat(ctx: AppContext, session: Session, *, number: int, nonce: int, addresses: Sequence[str] = ()) -> bool:
    """Says that the process lives and raises its high-water mark of time; False when its number was taken over."""
    now = read_now(session, ctx.clock)
    mine = update(Process).where(Process.number == number, Process.nonce == nonce)
    changed = mine.values(seen_at=now, addresses=list(addresses), clock_at=_raised(now)).returning(Process.number)
    return session.scalar(changed) is not None


def stop(ctx: AppContext, session: Session, *, number: int, nonce: int) -> bool:
    """Says that the process ends on purpose, so that its number is free at once."""
    now = read_now(session, ctx.clock)
    mine = update(Process).where(Process.number == number, Process.nonce == nonce)
    changed = mine.values(stopped_at=now, seen_at=now, clock_at=_raised(now)).returning(Process.number)
    return session.scalar(changed) is not None


def _raised(now: int) -> object:
    return case((Process.clock_at > now, Process.clock_at), else_=now)


def start_phone_test(ctx: AppContext, session: Session, *, address: str) -> PhoneTestStarted:
    """Makes a test page under `address` (the start of every link, as http://192.168.1.5:8080)."""
    token = secrets.token_hex(10).upper()
    now = read_now(session, ctx.clock)
    row = {"id": new_id(), "token": token, "address": address, "opened_at": None, "agent": "", "created_at": now}
    session.execute(insert(PhoneTest).values(**row))
    return PhoneTestStarted(token, f"{address.rstrip('/')}/T/{token}".upper())


def open_phone_test(ctx: AppContext, session: Session, *, token: str, agent: str) -> bool:
    """A phone opened the test page and its form arrived; the first one counts. False for an unknown token."""
    now = read_now(session, ctx.clock)
    mine = update(PhoneTest).where(PhoneTest.token == token)
    changed = mine.values(
        opened_at=func.coalesce(PhoneTest.opened_at, now),
        agent=case((PhoneTest.opened_at.is_(None), agent[:AGENT_SIGNS]), else_=PhoneTest.agent),
    )
    return session.scalar(changed.returning(PhoneTest.id)) is not None
