"""Why somebody can or cannot claim now: the evaluator's verdict with what its sentence needs."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from welfare_desk.db.models.campaigns import Campaign, Grant
from welfare_desk.db.models.people import Person
from welfare_desk.domain.clock import Clock
from welfare_desk.queries.standing import standing


@dataclass(frozen=True, slots=True)
class Why:
    """`reason` is the claim page's state. Times are epoch milliseconds."""

    grant_id: int
    reference: str
    campaign: str
    campaign_name: str
    name: str
    state: str
    can_claim: bool
    reason: str
    next_at: int | None
    opens_at: int
    closes_at: int
    claimed_at: int | None
    timezone: str


def why(session: Session, *, grant_id: int, clock: Clock, at: int | None = None) -> Why:
    """The verdict on one grant, now or `at` another time; the claim page asks the same query."""
    stands = standing(session, grant_id=grant_id, clock=clock, at=at)
    found = (
        select(Grant, Campaign, Person.name)
        .join(Campaign, Campaign.id == Grant.campaign_id)
        .join(Person, Person.id == Grant.person_id)
        .where(Grant.id == grant_id)
    )
    grant, campaign, name = session.execute(found).one()
    verdict = stands.verdict
    return Why(
        grant_id, grant.reference, campaign.key, campaign.name, name, grant.state, verdict.can_claim, verdict.reason,
        verdict.next_at, campaign.opens_at, campaign.closes_at, stands.claimed_at, campaign.timezone,
    )  # fmt: skip
