"""Demo data: an invented company with three finished campaigns and one that runs, made by the real services.

Every claim is a real settlement at the time it would have happened, so stock, ledger and figures reconcile.
"""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from welfare_desk.context import AppContext
from welfare_desk.db.models.campaigns import Campaign, Grant, Message
from welfare_desk.db.models.people import Person
from welfare_desk.db.models.purchasing import PurchaseOrder
from welfare_desk.domain import demo_story as story
from welfare_desk.domain.demo_story import DemoCampaign
from welfare_desk.domain.figures import local_day
from welfare_desk.domain.plans import DEFAULT_ZONE, Audience, Plan
from welfare_desk.errors import Refused, Unavailable
from welfare_desk.queries import settings as shared_settings
from welfare_desk.services import campaigns, claims, demo_shelf, order_steps, people, rollups, segments, settings
from welfare_desk.services.claims import ClaimRequest

HOUR_MS, DAY_MS = 3_600_000, 86_400_000
SEED = 20
PHONE = "138{:08d}"


@dataclass(frozen=True, slots=True)
class DemoClock:
    """A clock that stands at a moment of the story."""

    moment: int
    real: bool = False

    def now(self) -> int:
        """Epoch milliseconds UTC."""
        return self.moment


def load(ctx: AppContext) -> None:
    """Fills an empty desk with the demo company; needs opened keys.

    Raises Unavailable(`keys_missing`), Refused(`demo_not_empty`) where there are people already.
    """
    if ctx.keys is None:
        raise Unavailable("keys_missing", folder=str(ctx.data))
    now = ctx.clock.now()
    first = _at(ctx, now - 120 * DAY_MS)
    language = first.write(_start)
    products = demo_shelf.fill(first, language)
    first.write(_people, language=language)
    chance = random.Random(SEED)
    for told in story.CAMPAIGNS:
        _campaign(ctx, told, products[told.product], story.CAMPAIGN_NAMES[language][told.key], now, chance)


def _at(ctx: AppContext, moment: int) -> AppContext:
    return dataclasses.replace(ctx, clock=DemoClock(moment))


def _start(ctx: AppContext, session: Session) -> str:
    """Names the company; gives the language of the story."""
    if session.scalar(select(func.count()).select_from(Person)):
        raise Refused("demo_not_empty")
    language = "zh_CN" if shared_settings.shared(session)["language"] == "zh_CN" else "en"
    names = {"company_name": story.COMPANY[language], "hr_contact": story.CONTACT[language], "demo": True}
    settings.change(ctx, session, values=names)
    return language


def _people(ctx: AppContext, session: Session, *, language: str) -> None:
    sites, tags = story.SITES[language], story.TAGS[language]
    number = 0
    for key, names in story.PEOPLE.items():
        for name in names:
            number += 1
            mail = None if name in story.WITHOUT_MAIL else f"staff{number:02d}@example.com"
            people.add_person(
                ctx, session, name=name, employee_no=f"{number:05d}", department=story.DEPARTMENTS[language][key],
                email=mail, phone=PHONE.format(number), hire_date=f"20{10 + number % 14}-0{1 + number % 9}-15",
                birthday=f"{1 + number % 12:02d}-{1 + number * 7 % 28:02d}", level=story.LEVELS[number % 4],
                site=sites[-1] if key == "plant" else sites[number % 2],
                tags=tags[number % 7] if number % 7 < len(tags) else None,
            )  # fmt: skip
    for name, wanted in story.SEGMENTS[language]:
        segments.add_segment(ctx, session, name=name, wanted=wanted)


def _campaign(
    ctx: AppContext, told: DemoCampaign, product: str, name: str, now: int, chance: random.Random
) -> None:  # fmt: skip
    """One campaign from its launch to its end or to now."""
    opens = now - told.began * DAY_MS + 30 * 60_000
    closes = opens + told.days * DAY_MS
    plan = Plan(name, product, Audience("all"), opens, closes, DEFAULT_ZONE, "employee_no", ("email",))
    launched = _at(ctx, opens).write(campaigns.launch, plan=plan)
    _at(ctx, opens + 5 * 60_000).write(_mail, campaign_id=launched.campaign_id, bounced=closes > now)
    grants = ctx.read(_grants, campaign_id=launched.campaign_id)
    last = min(closes, now) - 60_000
    for moment, grant_id in _moments(grants, told, opens, last, chance):
        request = ClaimRequest(grant_id, trusted=True, via="page", account=PHONE.format(grant_id % 10**8))
        _at(ctx, moment).write(claims.settle, requests=[request])
    _top_ups(ctx, launched.campaign_id)


def _mail(ctx: AppContext, session: Session, *, campaign_id: int, bounced: bool) -> None:
    """The invitations left, as if there were a mail server; one may have come back."""
    now = ctx.clock.now()
    campaign = session.get_one(Campaign, campaign_id)
    messages = session.scalars(select(Message).where(Message.campaign_id == campaign_id).order_by(Message.id)).all()
    figures = []
    for at, message in enumerate(messages):
        message.attempts = 1
        if bounced and at == len(messages) - 1:
            message.state, message.trouble = "failed", "mail_address_refused"
            continue
        message.state, message.sent_at = "sent", now
        grant = session.get_one(Grant, message.grant_id)
        grant.reached_at, grant.reached_by = now, "email"
        day = local_day(now, campaign.timezone)
        figures.append((rollups.REACHED, campaign_id, grant.product_id, grant.department, day, 1))
    rollups.add(session, figures, ctx.writer)


def _grants(session: Session, *, campaign_id: int) -> list[tuple[int, str, bool]]:
    """(grant, department, reached) in the order of the people."""
    rows = select(Grant.id, Grant.department, Grant.reached_at).join(Person, Person.id == Grant.person_id)
    found = session.execute(rows.where(Grant.campaign_id == campaign_id).order_by(Person.employee_no))
    return [(grant_id, department, reached is not None) for grant_id, department, reached in found]


def _moments(
    grants: list[tuple[int, str, bool]], told: DemoCampaign, opens: int, last: int, chance: random.Random
) -> Iterator[tuple[int, int]]:
    """(when, grant) in order of time: most claim within a day, few at night, some never."""
    eager = {name: story.EAGER[key] for names in story.DEPARTMENTS.values() for key, name in names.items()}
    chosen = []
    for grant_id, department, reached in grants:
        willing = chance.random() < eager[department] * told.share * (1.0 if reached else 0.3)
        waited = int(chance.expovariate(1 / 1.1) * DAY_MS)
        hour = (opens + waited) % DAY_MS // HOUR_MS
        at = opens + waited + (8 - hour) % 24 * HOUR_MS if 15 <= hour < 23 else opens + waited  # UTC; night in China
        if willing and opens + 6 * 60_000 < at < last:
            chosen.append((at, grant_id))
    yield from sorted(chosen)


def _top_ups(ctx: AppContext, campaign_id: int) -> None:
    """Every top-up arrived within minutes, except the last one, which the supplier refused."""
    found = ctx.read(_orders, campaign_id=campaign_id)
    for at, (order_id, created_at) in enumerate(found):
        then = _at(ctx, created_at + 90_000)
        then.write(order_steps.mark_sent, order_id=order_id)
        if at == len(found) - 1:
            then.write(order_steps.note_failed, order_id=order_id, trouble="supplier_state")
        else:
            then.write(order_steps.note_credited, order_id=order_id, supplier_no=f"D{at:06d}", paid_minor=None)
    if found:
        ctx.write(_no_more_calls, order_ids=[order_id for order_id, _created in found])


def _orders(session: Session, *, campaign_id: int) -> list[tuple[int, int]]:
    rows = select(PurchaseOrder.id, PurchaseOrder.created_at).join(Grant, Grant.id == PurchaseOrder.grant_id)
    found = session.execute(rows.where(Grant.campaign_id == campaign_id).order_by(PurchaseOrder.created_at))
    return [(order_id, created_at) for order_id, created_at in found]


def _no_more_calls(_ctx: AppContext, session: Session, *, order_ids: list[int]) -> None:
    session.execute(update(PurchaseOrder).where(PurchaseOrder.id.in_(order_ids)).values(next_at=None))
