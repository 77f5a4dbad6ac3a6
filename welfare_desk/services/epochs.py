"""Epochs: a copied, restored or rolled-back database is recognised before it gives codes out a second time."""

from __future__ import annotations

import secrets

from sqlalchemy import select
from sqlalchemy.orm import Session

from welfare_desk.context import AppContext
from welfare_desk.db.models.claims import Fulfilment
from welfare_desk.db.models.purchasing import Code
from welfare_desk.errors import Unavailable
from welfare_desk.queries import settings as facts
from welfare_desk.security import journal
from welfare_desk.services import audit, settings
from welfare_desk.settings import machine


def renew(ctx: AppContext, session: Session) -> str:
    """Begins a new life of the database and returns its name."""
    name = secrets.token_hex(8)
    settings.remember(ctx, session, "epoch", {"epoch": name, "at": ctx.clock.now()})
    return name


def check(ctx: AppContext, keys: journal.JournalKeys) -> None:
    """Whether this machine may serve this database; called before anything is revealed.

    Raises Unavailable as `check_life` and `check_journal` do.
    """
    check_life(ctx)
    check_journal(ctx, keys)


def check_life(ctx: AppContext) -> None:
    """Whether this is the life of the database that this machine serves; needs no keys.

    Raises Unavailable: `restoring` (a restore did not finish), `epoch_differs` (copied or restored elsewhere).
    """
    if ctx.read(facts.fact, key="restoring"):
        raise Unavailable("restoring")
    served, found = machine(ctx.data)["epoch"], ctx.read(facts.epoch)
    if served and found and served != found:
        raise Unavailable("epoch_differs", served=served, found=found)


def check_journal(ctx: AppContext, keys: journal.JournalKeys) -> None:
    """Raises Unavailable(`database_rolled_back`): the claim journal knows of claims that the database has forgotten."""
    last = journal.newest(ctx.data, keys)
    if last and not ctx.read(_knows, given=last):
        raise Unavailable("database_rolled_back", codes=len(last))


def accept(ctx: AppContext, session: Session) -> str:
    """Notes that the operator serves this life of the database here from now on; returns its name."""
    found = facts.epoch(session)
    audit.record(ctx, session, "epoch.accepted", "database", epoch=found, before=machine(ctx.data)["epoch"])
    return found


def _knows(session: Session, *, given: tuple[journal.Given, ...]) -> bool:
    """Whether every code is bound, or was dealt with by a restore: quarantined, or missing from that backup."""
    wanted = {row.code_id for row in given}
    known = set(session.scalars(select(Fulfilment.code_id).where(Fulfilment.code_id.in_(wanted))))
    if known == wanted:
        return True
    states = dict(session.execute(select(Code.id, Code.state).where(Code.id.in_(wanted))).all())
    through = facts.fact(session, key="last_restore").get("through", 0)
    known |= {code_id for code_id, state in states.items() if state == "quarantined"}
    known |= {row.code_id for row in given if row.code_id not in states and row.at <= through}
    return known == wanted
