"""What launching a plan would do, in numbers; `campaign preview`, the wizard and `launch` itself ask here."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from welfare_desk.db.models.campaigns import Campaign, Grant
from welfare_desk.db.models.shelf import BundlePart, Product
from welfare_desk.domain.eligibility import CampaignFacts, outside
from welfare_desk.domain.plans import Plan, PlanRefused
from welfare_desk.domain.reviews import Goods, Need, Part, Recipient, Review, Unreachable, addresses
from welfare_desk.domain.segments import today
from welfare_desk.errors import Refused
from welfare_desk.queries.recipients import Recipients, recipients
from welfare_desk.queries.stock import stock

SHOWN = 50


def review(session: Session, *, plan: Plan, now: int) -> Review:
    """The review of a plan at `now` (epoch ms). Raises PlanRefused for a product that cannot be given."""
    goods = goods_of(session, key=plan.product, quantity=plan.quantity)
    found = recipients(session, audience=plan.audience, today=today(now, plan.timezone))
    people = len(found.rows)
    reached = by_channel(found.rows, plan.channels)
    lost = unreachable(found.rows, plan.channels)
    needs = needs_of(session, goods, people, now)
    unnumbered = sum(1 for row in found.rows if not row.employee_no) if plan.verify == "employee_no" else 0
    return Review(
        people=people, links=people, unreachable=len(lost),
        unreachable_people=tuple(Unreachable(row.person_id, row.name, row.employee_no) for row in lost[:SHOWN]),
        by_channel=reached, needs=needs, short=sum(need.short for need in needs),
        cost_minor=people * goods.cost_minor, currency=goods.currency, left=found.left, not_found=found.not_found,
        duplicates=_duplicates(session, goods, found.rows, now), unnumbered=unnumbered,
        name_open=is_name_open(session, plan.name, now), over=is_over(plan, now),
        refusals=_refusals(found), goods=goods, audience=found.rows,
    )  # fmt: skip


def goods_of(session: Session, *, key: str, quantity: int) -> Goods:
    """What `quantity` of a product on the shelf consists of. Raises PlanRefused with the field `product`."""
    product = session.scalars(select(Product).where(Product.key == key)).one_or_none()
    if product is None:
        raise PlanRefused(Refused("plan_product_unknown", field="product", product=key))
    if not product.on_shelf:
        raise PlanRefused(Refused("plan_product_off_shelf", field="product", product=key, name=product.name))
    rows = [(product, 1)]
    if product.kind == "bundle":
        chosen = select(Product, BundlePart.quantity).join(BundlePart, BundlePart.product_id == Product.id)
        rows = [
            (part, count)
            for part, count in session.execute(
                chosen.where(BundlePart.bundle_id == product.id).order_by(BundlePart.position)
            )
        ]
    currencies = {part.currency for part, _count in rows}
    if len(currencies) != 1:
        raise PlanRefused(Refused("plan_bundle_parts", field="product", product=key, name=product.name))
    parts = tuple(
        Part(part.id, part.key, part.name, part.kind, quantity * count, part.price_minor) for part, count in rows
    )
    return Goods(product.id, product.key, product.name, currencies.pop(), parts)


def needs_of(session: Session, goods: Goods, people: int, now: int) -> tuple[Need, ...]:
    """The stock that `people` grants need, against what is free."""
    units = goods.stock_units()
    parts = {part.product_id: part for part in goods.parts if part.product_id in units}
    free = free_units(session, [part.product for part in parts.values()], now=now)
    needs = []
    for product_id, each in units.items():
        needed, there = each * people, max(0, free.get(product_id, 0))
        part = parts[product_id]
        needs.append(Need(product_id, part.product, part.name, needed, there, max(0, needed - there)))
    return tuple(needs)


def free_units(session: Session, products: Sequence[str], *, now: int) -> dict[int, int]:
    """Product id → units in stock that no campaign keeps back, for these product keys."""
    return {row.product_id: row.free or 0 for row in stock(session, products=products, now=now)} if products else {}


def by_channel(rows: tuple[Recipient, ...], channels: tuple[str, ...]) -> dict[str, int]:
    """How many people each chosen channel reaches."""
    return {channel: sum(1 for row in rows if addresses(row, (channel,))) for channel in channels}


def unreachable(rows: tuple[Recipient, ...], channels: tuple[str, ...]) -> list[Recipient]:
    """People without an address for any chosen channel; nobody when nothing is sent."""
    return [row for row in rows if not addresses(row, channels)] if channels else []


def is_name_open(session: Session, name: str, now: int) -> bool:
    """Whether a campaign of that name still runs."""
    running = select(Campaign.id).where(
        Campaign.name == name, Campaign.state.in_(("launching", "open", "paused")), Campaign.closes_at > now
    )
    return session.execute(running.limit(1)).first() is not None


def is_over(plan: Plan, now: int) -> bool:
    """Whether nobody could claim any more: asked of the evaluator that the claim page asks."""
    verdict = outside(CampaignFacts("open", plan.opens_at, plan.closes_at, plan.verify), now)
    return verdict is not None and verdict.reason == "expired"


def _duplicates(session: Session, goods: Goods, rows: tuple[Recipient, ...], now: int) -> int:
    having = (
        select(Grant.person_id)
        .join(Campaign, Campaign.id == Grant.campaign_id)
        .where(Campaign.product_id == goods.product_id, Campaign.state.in_(("open", "paused")), Grant.state == "open")
        .where(Campaign.closes_at > now)
        .group_by(Grant.person_id)
    )
    if not session.scalar(select(func.count()).select_from(having.limit(1).subquery())):
        return 0
    holders = set(session.scalars(having))
    return sum(1 for row in rows if row.person_id in holders)


def _refusals(found: Recipients) -> tuple[Refused, ...]:
    refusals = []
    if found.not_found:
        named = ", ".join(found.not_found[:10]) + ("…" if len(found.not_found) > 10 else "")
        refusals.append(Refused("plan_people_unknown", field="audience", count=len(found.not_found), people=named))
    if not found.rows:
        refusals.append(Refused("plan_audience_empty", field="audience"))
    return tuple(refusals)
