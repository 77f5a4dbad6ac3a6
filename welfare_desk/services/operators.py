"""Operators: who works here and how they sign in."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from welfare_desk.context import AppContext
from welfare_desk.db.ids import new_id
from welfare_desk.db.models.operators import Operator
from welfare_desk.errors import Denied, Refused
from welfare_desk.security.passwords import check_password, hash_password
from welfare_desk.services import audit


@dataclass(frozen=True, slots=True)
class SignedIn:
    """An operator who gave the right password."""

    name: str
    role: str


def add(ctx: AppContext, session: Session, *, name: str, password: str, role: str = "administrator") -> SignedIn:
    """A new operator. Raises Refused(`password_short`, `operator_exists`)."""
    if session.scalar(select(Operator.id).where(Operator.name == name)) is not None:
        raise Refused("operator_exists", field="name", name=name)
    hashed = hash_password(password)
    session.add(Operator(id=new_id(), name=name, role=role, password_hash=hashed, created_at=ctx.clock.now()))
    audit.record(ctx, session, "operator.added", name, role=role)
    return SignedIn(name, role)


def sign_in(_ctx: AppContext, session: Session, *, name: str | None, password: str) -> SignedIn:
    """Checks a password. Without a name the only administrator is meant.

    Raises Denied(`sign_in`) for a wrong one, Refused(`operator_unclear`) when there are several administrators.
    """
    rows = session.scalars(select(Operator).where(Operator.name == name) if name else select(Operator)).all()
    if not name:
        rows = [row for row in rows if row.role == "administrator"]
        if len(rows) > 1:
            raise Refused("operator_unclear", field="operator", names=", ".join(row.name for row in rows))
    if not rows or not check_password(password, rows[0].password_hash):
        raise Denied("sign_in", field="password")
    return SignedIn(rows[0].name, rows[0].role)


def reset_password(ctx: AppContext, session: Session, *, name: str, password: str) -> None:
    """Sets a new password; the caller proved the recovery key. Raises Refused(`operator_unknown`)."""
    row = session.scalars(select(Operator).where(Operator.name == name)).one_or_none()
    if row is None:
        raise Refused("operator_unknown", field="name", name=name)
    row.password_hash = hash_password(password)
    audit.record(ctx, session, "operator.password_reset", name)
