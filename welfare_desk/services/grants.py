"""One person's right: revoking it, replacing its link, sending it again."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from welfare_desk.context import AppContext
from welfare_desk.db.clock import read_now
from welfare_desk.db.ids import new_id
from welfare_desk.db.models.campaigns import Campaign, Grant, Message
from welfare_desk.db.models.claims import Claim
from welfare_desk.db.models.people import Person
from welfare_desk.errors import NotFound, Refused
from welfare_desk.security import references
from welfare_desk.services import audit

LAST_VERSION = 63
RANDOM_BITS = 40
INVITATION, REPLACED = "invitation", "replaced"


@dataclass(frozen=True, slots=True)
class GrantChanged:
    """A grant after a change; `queued` says that a message with its link is on its way."""

    grant_id: int
    reference: str
    state: str
    link_version: int
    queued: bool


def revoke(ctx: AppContext, session: Session, *, grant_id: int) -> GrantChanged:
    """Takes an unclaimed right back; its link says so. Raises Refused(`grant_claimed`): a shown code has no recall."""
    grant, _campaign = _locked(session, grant_id)
    if session.get(Claim, grant.id) is not None:
        raise Refused("grant_claimed", field="reference", reference=references.show(grant.reference))
    if grant.state != "revoked":
        grant.state = "revoked"
        grant.link_version = min(LAST_VERSION, grant.link_version + 1)
        audit.record(ctx, session, "grant.revoked", f"grant:{grant.id}", reference=grant.reference)
    return _changed(grant, queued=False)


def replace(ctx: AppContext, session: Session, *, grant_id: int) -> GrantChanged:
    """A new link for the same right; the old one says that it was replaced. After 63 the grant gets a new reference.

    The new link is sent where the campaign sends. Raises Refused(`grant_not_open`, `grant_links_used_up`).
    """
    grant, campaign = _locked(session, grant_id)
    _must_be_open(grant)
    before = grant.reference
    if grant.link_version < LAST_VERSION:
        grant.link_version += 1
    else:
        grant = _renumber(session, grant)
    queued = bool(campaign.channels) and _queue(ctx, session, grant, REPLACED)
    audit.record(
        ctx, session, "grant.replaced", f"grant:{grant.id}", reference=grant.reference, before=before,
        version=grant.link_version,
    )  # fmt: skip
    return _changed(grant, queued=queued)


def resend(ctx: AppContext, session: Session, *, grant_id: int) -> GrantChanged:
    """Sends the same link again, to the address the person has now. Raises Refused(`no_address`, `grant_not_open`)."""
    grant, _campaign = _locked(session, grant_id)
    _must_be_open(grant)
    if not _queue(ctx, session, grant, INVITATION):
        raise Refused("no_address", field="reference", reference=references.show(grant.reference))
    audit.record(ctx, session, "grant.resent", f"grant:{grant.id}", reference=grant.reference)
    return _changed(grant, queued=True)


def _locked(session: Session, grant_id: int) -> tuple[Grant, Campaign]:
    grant = session.get(Grant, grant_id, with_for_update=True)
    campaign = session.get(Campaign, grant.campaign_id) if grant is not None else None
    if grant is None or campaign is None or campaign.state == "launching":
        raise NotFound("grant_unknown", field="reference", reference=str(grant_id))
    return grant, campaign


def _must_be_open(grant: Grant) -> None:
    if grant.state != "open":
        raise Refused("grant_not_open", field="reference", reference=references.show(grant.reference))


def _renumber(session: Session, grant: Grant) -> Grant:
    """A new id, and with it a new reference and 64 more links, for a grant that nobody claimed yet."""
    if session.get(Claim, grant.id) is not None:
        raise Refused("grant_links_used_up", field="reference", reference=references.show(grant.reference))
    old, key_number = grant.id, grant.id >> RANDOM_BITS
    messages = session.scalars(select(Message.id).where(Message.grant_id == old)).all()
    session.execute(update(Message).where(Message.id.in_(messages)).values(grant_id=None))
    fresh = key_number << RANDOM_BITS | secrets.randbits(RANDOM_BITS)
    values = {"id": fresh, "reference": references.grant_reference(fresh), "link_version": 0}
    session.execute(update(Grant).where(Grant.id == old).values(**values).execution_options(synchronize_session=False))
    session.execute(update(Message).where(Message.id.in_(messages)).values(grant_id=fresh))
    session.expunge(grant)
    return session.get_one(Grant, fresh)


def _queue(ctx: AppContext, session: Session, grant: Grant, template: str) -> bool:
    """Puts a message to the person's present address into the outbox, in the place of those not sent yet."""
    person = session.get_one(Person, grant.person_id)
    if not person.email:
        return False
    now = read_now(session, ctx.clock)
    waiting = update(Message).where(Message.grant_id == grant.id, Message.state.in_(("queued", "failed")))
    session.execute(waiting.values(state="skipped", trouble="superseded"))
    fresh = Message(
        id=new_id(), campaign_id=grant.campaign_id, grant_id=grant.id, channel="email", template=template,
        address=person.email, state="queued", attempts=0, next_at=now, lease_until=None, trouble=None,
        created_at=now, sent_at=None,
    )  # fmt: skip
    session.add(fresh)
    return True


def _changed(grant: Grant, *, queued: bool) -> GrantChanged:
    return GrantChanged(grant.id, grant.reference, grant.state, grant.link_version, queued)
