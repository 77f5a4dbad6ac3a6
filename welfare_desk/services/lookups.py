"""The start page: reference code, employee number and the end of the phone number together find a grant."""

from __future__ import annotations

import hmac
import unicodedata
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from welfare_desk.context import AppContext
from welfare_desk.db.clock import read_now
from welfare_desk.db.models.campaigns import Grant
from welfare_desk.db.models.people import Person
from welfare_desk.domain.eligibility import GrantFacts, failures_after, locked
from welfare_desk.domain.people import number_key

TAIL = 4


@dataclass(frozen=True, slots=True)
class Found:
    """`state`: match, mismatch or rate_limited (then `next_at` says until when, epoch milliseconds)."""

    state: str
    now: int
    grant_id: int = 0
    link_version: int = 0
    next_at: int | None = None


def find_grant(ctx: AppContext, session: Session, *, reference: str, employee_no: str, phone: str) -> Found:
    """Compares all three; a wrong answer counts against the grant as a wrong identity on its page does."""
    now = read_now(session, ctx.clock)
    wanted = (
        select(Grant.id, Grant.state, Grant.link_version, Grant.failures, Grant.failures_since,
               Person.number_key, Person.phone)
        .join(Person, Person.id == Grant.person_id)
        .where(Grant.reference == reference)
        .order_by(Grant.id)
        .with_for_update(of=Grant)
    )  # fmt: skip
    rows = session.execute(wanted).all()
    typed = number_key(employee_no[:64])
    until = [locked(_facts(row), now) for row in rows]
    if rows and all(until):
        return Found("rate_limited", now, next_at=max(moment for moment in until if moment))
    for row, lock in zip(rows, until, strict=True):
        if lock is None and _same(row.number_key, typed) and _same(_tail(row.phone), _tail(phone)):
            return Found("match", now, row.id, row.link_version)
    for row in rows:
        failures, since = failures_after(_facts(row), now)
        session.execute(update(Grant).where(Grant.id == row.id).values(failures=failures, failures_since=since))
    return Found("mismatch", now)


def _facts(row: Any) -> GrantFacts:
    return GrantFacts(row.state, row.link_version, row.number_key, failures=row.failures,
                      failures_since=row.failures_since)  # fmt: skip


def _tail(phone: str | None) -> str | None:
    digits = "".join(sign for sign in unicodedata.normalize("NFKC", phone or "")[:32] if sign.isdecimal())
    return digits[-TAIL:] if len(digits) >= TAIL else None


def _same(known: str | None, typed: str | None) -> bool:
    return hmac.compare_digest((known or "").encode(), (typed or "").encode()) and bool(known)
