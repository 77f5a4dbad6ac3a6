"""Launching, pausing, closing and extending campaigns."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from welfare_desk.context import AppContext
from welfare_desk.db import bulk_sql
from welfare_desk.db.clock import read_now
from welfare_desk.db.ids import new_id, new_ids
from welfare_desk.db.models.campaigns import Campaign, Grant, Message, Reservation
from welfare_desk.db.models.people import Person
from welfare_desk.db.models.shelf import Product
from welfare_desk.domain.figures import local_day
from welfare_desk.domain.plans import Plan, PlanRefused, raise_problems
from welfare_desk.domain.reviews import Goods, Recipient, Review, addresses
from welfare_desk.domain.segments import today
from welfare_desk.domain.windows import end_of, zone_of
from welfare_desk.errors import NotFound, Refused
from welfare_desk.queries import campaign_reviews, recipients, reservations, settings
from welfare_desk.security import references
from welfare_desk.services import audit, import_steps, rollups

LAUNCH_TURN = 7_301
KEY_NUMBERS = 1 << 23
RANDOM_BITS = 40
INVITATION = "invitation"
GRANT_COLUMNS = (
    "id", "reference", "campaign_id", "person_id", "department", "product_id", "link_version", "state", "failures",
    "created_at",
)  # fmt: skip
MESSAGE_COLUMNS = (
    "id", "campaign_id", "grant_id", "channel", "template", "address", "state", "attempts", "next_at", "created_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Launched:
    """A launched campaign. `short`: units missing; `unreachable`: people without an address for any channel."""

    campaign_id: int
    campaign: str
    grants: int
    unreachable: int
    short: int
    cost_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class CampaignChanged:
    """A campaign after a change of state or window."""

    campaign_id: int
    campaign: str
    name: str
    state: str
    closes_at: int
    timezone: str


@dataclass(frozen=True, slots=True)
class Launching:
    """A launch under way; `used` holds the random parts already given out."""

    campaign_id: int
    campaign: str
    key_number: int
    plan: Plan
    goods: Goods
    at: int
    used: set[int] = field(default_factory=set, repr=False)


def launch(
    ctx: AppContext, session: Session, *, plan: Plan, allow_short: bool = False, again: bool = False
) -> Launched:
    """Launches a campaign in one transaction; for thousands of people use `launching.launch`, which takes turns.

    Raises PlanRefused: what `review` refuses, `stock_short` unless `allow_short`, `campaign_name_open` unless `again`.
    """
    bulk_sql.take_turn(session, LAUNCH_TURN)
    found = campaign_reviews.review(session, plan=plan, now=read_now(session, ctx.clock))
    started = start(ctx, session, plan=plan, found=found, allow_short=allow_short, again=again)
    add_grants(ctx, session, rows=found.audience, started=started)
    return finish(ctx, session, started=started)


def start(ctx: AppContext, session: Session, *, plan: Plan, found: Review, allow_short: bool, again: bool) -> Launching:
    """The first turn of a launch: checks, the campaign (not visible yet) and what it reserves."""
    bulk_sql.take_turn(session, LAUNCH_TURN)
    import_steps.refuse_while_applying(session)
    now = read_now(session, ctx.clock)
    raise_problems(list(found.refusals))
    if not again and campaign_reviews.is_name_open(session, plan.name, now):
        raise PlanRefused(Refused("campaign_name_open", field="name", name=plan.name))
    needs = campaign_reviews.needs_of(session, found.goods, found.people, now)
    for need in needs:
        if need.short and not allow_short:
            raise PlanRefused(
                Refused("stock_short", field="quantity", product=need.name, needed=need.needed, free=need.free)
            )
    campaign = _new_campaign(ctx, session, plan, found.goods, now)
    campaign.cost_minor = found.cost_minor
    campaign.audience = recipients.stored(session, audience=plan.audience, today=today(now, plan.timezone))
    session.add(campaign)
    session.flush()
    for need in needs:
        reserved = Reservation(campaign_id=campaign.id, product_id=need.product_id, needed=need.needed,
                               units=min(need.free, need.needed))  # fmt: skip
        session.add(reserved)
    return Launching(campaign.id, campaign.key, campaign.key_number, plan, found.goods, now)


def _new_campaign(ctx: AppContext, session: Session, plan: Plan, goods: Goods, now: int) -> Campaign:
    return Campaign(
        id=new_id(), key=references.new_reference(), key_number=_free_key_number(session), name=plan.name,
        product_id=goods.product_id, quantity=plan.quantity, audience={}, state="launching",
        opens_at=plan.opens_at, closes_at=plan.closes_at, timezone=plan.timezone, verify=plan.verify,
        channels=list(plan.channels), message=plan.message, cost_minor=0, currency=goods.currency,
        demo=bool(settings.shared(session)["demo"]), operator=ctx.operator, created_at=now, changed_at=now,
    )  # fmt: skip


def _free_key_number(session: Session) -> int:
    while True:
        number = 1 + secrets.randbelow(KEY_NUMBERS - 1)
        if session.execute(select(Campaign.id).where(Campaign.key_number == number)).first() is None:
            return number


def add_grants(ctx: AppContext, session: Session, *, rows: Sequence[Recipient], started: Launching) -> None:
    """A turn of a launch: grants and messages for `rows`; whoever left since the review gets none."""
    mine = update(Campaign).where(Campaign.id == started.campaign_id, Campaign.state == "launching")
    if session.execute(mine.values(changed_at=ctx.clock.now()).returning(Campaign.id)).first() is None:
        raise Refused("launch_given_up", name=started.plan.name)
    here = select(Person.id).where(
        bulk_sql.among(session, Person.id, (row.person_id for row in rows)), Person.status == "active"
    )
    working = set(session.scalars(here.order_by(Person.id).with_for_update(read=True)))
    chosen = [row for row in rows if row.person_id in working]
    granted = list(zip(_new_grant_ids(session, started, len(chosen)), chosen, strict=True))
    campaign_id, product_id, at = started.campaign_id, started.goods.product_id, started.at
    bulk_sql.insert_rows(session, "grant", GRANT_COLUMNS, (
        (grant_id, references.grant_reference(grant_id), campaign_id, row.person_id, row.department, product_id, 0,
         "open", 0, at) for grant_id, row in granted
    ))  # fmt: skip
    channels = started.plan.channels
    outbox = [(grant_id, *pair) for grant_id, row in granted for pair in addresses(row, channels).items()]
    bulk_sql.insert_rows(session, "message", MESSAGE_COLUMNS, (
        (message_id, campaign_id, grant_id, channel, INVITATION, address, "queued", 0, at, at)
        for message_id, (grant_id, channel, address) in zip(new_ids(max(1, len(outbox))), outbox, strict=False)
    ))  # fmt: skip
    day = local_day(at, started.plan.timezone)
    figures = [(rollups.GRANTS, campaign_id, product_id, row.department, day, 1) for _grant_id, row in granted]
    rollups.add(session, figures, ctx.writer)


def _new_grant_ids(session: Session, started: Launching, count: int) -> list[int]:
    """`count` ids of the campaign whose reference no other grant has."""
    ids: list[int] = []
    while len(ids) < count:
        fresh = {random for random in _randoms(count - len(ids)) if random not in started.used}
        named = {references.grant_reference(random): random for random in fresh}
        for taken in session.scalars(select(Grant.reference).where(bulk_sql.among(session, Grant.reference, named))):
            named.pop(taken, None)
        started.used.update(named.values())
        ids += [started.key_number << RANDOM_BITS | random for random in named.values()]
    return ids


def _randoms(count: int) -> Iterator[int]:
    raw = secrets.token_bytes(5 * count)
    return (int.from_bytes(raw[at : at + 5], "big") for at in range(0, len(raw), 5))


def finish(ctx: AppContext, session: Session, *, started: Launching) -> Launched:
    """The last turn of a launch: everything is counted again and the campaign becomes visible."""
    campaign = session.get_one(Campaign, started.campaign_id, with_for_update=True, populate_existing=True)
    of_campaign = Grant.campaign_id == campaign.id
    grants = session.scalar(select(func.count()).select_from(Grant).where(of_campaign)) or 0
    if not grants:
        raise PlanRefused(Refused("plan_audience_empty", field="audience"))
    each, short = started.goods.stock_units(), 0
    for reserved in session.scalars(select(Reservation).where(Reservation.campaign_id == campaign.id)):
        reserved.needed = each[reserved.product_id] * grants
        reserved.units = min(reserved.units, reserved.needed)
        short += reserved.needed - reserved.units
    campaign.state, campaign.changed_at = "open", read_now(session, ctx.clock)
    campaign.cost_minor = grants * started.goods.cost_minor
    unreachable = grants - _addressed(session, campaign.id) if started.plan.channels else 0
    audit.record(
        ctx, session, "campaign.launched", f"campaign:{campaign.id}", name=campaign.name, grants=grants, short=short,
        unreachable=unreachable, cost_minor=campaign.cost_minor, currency=campaign.currency,
    )  # fmt: skip
    return Launched(campaign.id, campaign.key, grants, unreachable, short, campaign.cost_minor, campaign.currency)


def _addressed(session: Session, campaign_id: int) -> int:
    counted = select(func.count(func.distinct(Message.grant_id))).where(Message.campaign_id == campaign_id)
    return session.scalar(counted) or 0


def pause(ctx: AppContext, session: Session, *, campaign_id: int) -> CampaignChanged:
    """Nobody can claim until it is resumed; its units stay reserved. Raises Refused(`campaign_closed`)."""
    return _change(ctx, session, campaign_id, "paused", "campaign.paused")


def resume(ctx: AppContext, session: Session, *, campaign_id: int) -> CampaignChanged:
    """Claiming goes on. Raises Refused(`campaign_closed`)."""
    return _change(ctx, session, campaign_id, "open", "campaign.resumed")


def close(ctx: AppContext, session: Session, *, campaign_id: int) -> CampaignChanged:
    """Ends a campaign for good; what it still kept back is free again."""
    return _change(ctx, session, campaign_id, "closed", "campaign.closed")


def extend(
    ctx: AppContext, session: Session, *, campaign_id: int, closes: str | int, allow_short: bool = False
) -> CampaignChanged:
    """Moves the end of a campaign; `closes` is epoch ms, or local in its zone (a date alone: the end of that day).

    Raises Refused: `campaign_closed`, `extend_earlier`, for one that was over `stock_short` unless `allow_short`.
    """
    bulk_sql.take_turn(session, LAUNCH_TURN)
    campaign = locked(session, campaign_id)
    until = closes if isinstance(closes, int) else end_of(closes, zone_of(campaign.timezone), field="closes")
    now, before = read_now(session, ctx.clock), campaign.closes_at
    if campaign.state == "closed":
        raise Refused("campaign_closed", name=campaign.name)
    if until <= before or until <= now:
        raise Refused("extend_earlier", field="closes", name=campaign.name)
    if before <= now:
        _reserve_again(session, campaign, until, now, allow_short=allow_short)
    campaign.closes_at, campaign.changed_at = until, now
    audit.record(ctx, session, "campaign.extended", f"campaign:{campaign.id}", before=before, closes_at=until)
    return _changed(campaign)


def _reserve_again(session: Session, campaign: Campaign, until: int, now: int, *, allow_short: bool) -> None:
    """A campaign that was over kept nothing back: its units may be promised to others meanwhile."""
    reserved = select(Product.id, Product.key).join(Reservation, Reservation.product_id == Product.id)
    products = {row.id: row.key for row in session.execute(reserved.where(Reservation.campaign_id == campaign.id))}
    free = campaign_reviews.free_units(session, tuple(products.values()), now=now)
    campaign.closes_at = until
    session.flush()
    kept = reservations.outstanding(session, tuple(products), now=now)
    for product_id in products:
        needed = kept.get((campaign.id, product_id), 0)
        if needed > free.get(product_id, 0) and not allow_short:
            raise Refused("stock_short", field="closes", product=campaign.name, needed=needed,
                          free=max(0, free.get(product_id, 0)))  # fmt: skip
    waiting = update(Message).where(Message.campaign_id == campaign.id, Message.state == "skipped")
    session.execute(waiting.where(Message.trouble == "over").values(state="queued", next_at=now, trouble=None))


def locked(session: Session, campaign_id: int) -> Campaign:
    """The campaign with its row locked. Raises NotFound(`campaign_unknown`)."""
    campaign = session.get(Campaign, campaign_id, with_for_update=True)
    if campaign is None or campaign.state == "launching":
        raise NotFound("campaign_unknown", field="campaign", campaign=str(campaign_id))
    return campaign


def _change(ctx: AppContext, session: Session, campaign_id: int, state: str, action: str) -> CampaignChanged:
    campaign = locked(session, campaign_id)
    if campaign.state == "closed" and state != "closed":
        raise Refused("campaign_closed", name=campaign.name)
    if campaign.state != state:
        campaign.state, campaign.changed_at = state, read_now(session, ctx.clock)
        audit.record(ctx, session, action, f"campaign:{campaign.id}", name=campaign.name)
    return _changed(campaign)


def _changed(campaign: Campaign) -> CampaignChanged:
    return CampaignChanged(
        campaign.id, campaign.key, campaign.name, campaign.state, campaign.closes_at, campaign.timezone
    )
