"""What needs somebody now, three numbers, and the last claims: the Today page."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from welfare_desk.db.models.campaigns import Campaign, Grant, Message, Reservation
from welfare_desk.db.models.claims import Claim, Fulfilment, Rollup
from welfare_desk.db.models.people import Person
from welfare_desk.db.models.purchasing import Batch, Code, PurchaseOrder
from welfare_desk.db.models.shelf import Product
from welfare_desk.domain.figures import quarter
from welfare_desk.queries import reservations, tickets
from welfare_desk.queries.reports import UNFINISHED

CLOSING_MS = 48 * 3_600_000
TICKS = 12
LOW_SHARE = 10  # free stock below a tenth of what there was is low


@dataclass(frozen=True, slots=True)
class Todo:
    """One thing to do. `name` and `key` are of the product or campaign concerned, "" when there are several.

    Kinds: tickets_overdue, tickets (reports without an answer, `at` when the next is due); orders_unknown,
    orders_failed, top_ups_failed, messages_failed (count of each); stock_short (units that grants need and nobody
    has), stock_low (units that are free); campaign_closing (not yet claimed, `at` closes_at).
    """

    kind: str
    count: int
    name: str = ""
    key: str = ""
    id: int = 0
    at: int | None = None


@dataclass(frozen=True, slots=True)
class Tick:
    """Somebody claimed: who, what, in which campaign, when (epoch milliseconds)."""

    person: str
    product: str
    campaign: str
    campaign_id: int
    reference: str
    at: int


@dataclass(frozen=True, slots=True)
class Today:
    """`claimed_today` since the desk's midnight; `unclaimed` grants of running campaigns; `in_stock` units in all.

    `people` (0 or 1), `products_on_shelf` and `campaigns` at zero mean that the first steps are still to be taken.
    """

    todos: tuple[Todo, ...]
    claimed_today: int
    unclaimed: int
    in_stock: int
    open_campaigns: int
    people: int
    products_on_shelf: int
    campaigns: int
    ticker: tuple[Tick, ...]


def today(session: Session, *, now: int, since: int) -> Today:
    """The Today page at `now`; `since` is the beginning of the desk's day, both epoch milliseconds."""
    open_campaigns = _open_campaigns(session, now)
    there = dict(session.execute(_in_stock(now)).all())
    todos = (
        *_tickets(session, now),
        *_orders(session),
        *_messages(session),
        *_stock(session, there, now),
        *_closing(open_campaigns, now),
    )
    anybody = select(Person.id).where(Person.status == "active").limit(1)
    claimed = select(func.sum(Rollup.value)).where(Rollup.figure == "curve", Rollup.bucket >= quarter(since))
    return Today(
        todos=todos,
        claimed_today=int(session.scalar(claimed) or 0),
        unclaimed=sum(todo.count for todo in open_campaigns),
        in_stock=sum(there.values()),
        open_campaigns=len(open_campaigns),
        people=_count(session, select(func.count()).select_from(anybody.subquery())),
        products_on_shelf=_count(session, select(func.count()).select_from(Product).where(Product.on_shelf)),
        campaigns=_count(session, select(func.count()).select_from(Campaign).where(Campaign.state != "launching")),
        ticker=ticker(session),
    )


def ticker(session: Session, *, limit: int = TICKS) -> tuple[Tick, ...]:
    """The last claims, newest first."""
    rows = (
        select(Person.name, Product.name, Campaign.name, Campaign.id, Grant.reference, Claim.at)
        .select_from(Claim)
        .join(Grant, Grant.id == Claim.grant_id)
        .join(Person, Person.id == Grant.person_id)
        .join(Product, Product.id == Grant.product_id)
        .join(Campaign, Campaign.id == Grant.campaign_id)
        .order_by(Claim.at.desc())
        .limit(limit)
    )
    return tuple(Tick(*row) for row in session.execute(rows))


def _open_campaigns(session: Session, now: int) -> list[Todo]:
    """Running campaigns, soonest end first, with how many grants nobody claimed yet."""
    figure = func.sum(Rollup.value)
    counts: dict[tuple[int, str], int] = {
        (campaign_id, name): int(value)
        for campaign_id, name, value in session.execute(
            select(Rollup.campaign_id, Rollup.figure, figure)
            .where(Rollup.figure.in_(("grants", "claimed")))
            .group_by(Rollup.campaign_id, Rollup.figure)
        )
    }
    running = select(Campaign.id, Campaign.key, Campaign.name, Campaign.closes_at).order_by(Campaign.closes_at)
    found = session.execute(running.where(Campaign.state.in_(("open", "paused")), Campaign.closes_at > now))
    return [
        Todo("campaign_closing", counts.get((id_, "grants"), 0) - counts.get((id_, "claimed"), 0), name, key, id_, ends)
        for id_, key, name, ends in found
    ]


def _closing(campaigns: list[Todo], now: int) -> list[Todo]:
    return [todo for todo in campaigns if todo.count and todo.at is not None and todo.at - now <= CLOSING_MS]


def _tickets(session: Session, now: int) -> list[Todo]:
    """What people reported and nobody answered yet."""
    found = tickets.counts(session, now=now)
    late = [Todo("tickets_overdue", found.overdue)] if found.overdue else []
    waiting = found.open - found.overdue
    return [*late, Todo("tickets", waiting, at=found.next_open)] if waiting else late


def _orders(session: Session) -> list[Todo]:
    """Orders for stock that nobody can answer for or that came to nothing, and top-ups that failed."""
    of_stock = select(func.count()).select_from(PurchaseOrder).where(PurchaseOrder.grant_id.is_(None))
    unknown = select(func.count()).select_from(PurchaseOrder).where(PurchaseOrder.state == "unknown")
    failed = select(func.count()).select_from(Fulfilment).where(UNFINISHED, Fulfilment.state == "failed")
    counted = (
        ("orders_unknown", unknown),
        ("orders_failed", of_stock.where(PurchaseOrder.state == "failed")),
        ("top_ups_failed", failed),
    )
    return [Todo(kind, count) for kind, wanted in counted if (count := _count(session, wanted))]


def _messages(session: Session) -> list[Todo]:
    rows = (
        select(Campaign.id, Campaign.key, Campaign.name, func.count())
        .join(Message, Message.campaign_id == Campaign.id)
        .where(Message.state == "failed")
        .group_by(Campaign.id, Campaign.key, Campaign.name)
    )
    return [Todo("messages_failed", count, name, key, id_) for id_, key, name, count in session.execute(rows)]


def _in_stock(now: int) -> Select[int, int]:
    """Unexpired units per product, from the index of free codes."""
    return select(Code.product_id, func.count()).where(Code.shelf_order > now).group_by(Code.product_id)


def _stock(session: Session, there: dict[int, int], now: int) -> list[Todo]:
    """Products on the shelf that lack units for running campaigns, or of which little is free.

    What is reserved is counted exactly only where it may matter: that walks every grant of a campaign.
    """
    bought = select(Batch.product_id, func.sum(Batch.received)).group_by(Batch.product_id)
    received = {product_id: int(units) for product_id, units in session.execute(bought)}
    promised = dict(session.execute(_promised(now)).all())
    short = dict(session.execute(_missing(now)).all())
    wanted = select(Product.id, Product.key, Product.name).where(Product.on_shelf, Product.id.in_({*received, *short}))
    about = {id_: (name, key, id_) for id_, key, name in session.execute(wanted)}
    doubtful = [id_ for id_ in about if id_ in short
                or (there.get(id_, 0) - int(promised.get(id_, 0))) * LOW_SHARE < received.get(id_, 0)]  # fmt: skip
    kept: Counter[int] = Counter()
    for (_campaign, product_id), units in reservations.outstanding(session, doubtful, now=now).items():
        kept[product_id] += units
    todos = []
    for id_ in doubtful:
        free = there.get(id_, 0) - kept[id_]
        missing = int(short.get(id_, 0)) - max(0, free)
        if missing > 0:
            todos.append(Todo("stock_short", missing, *about[id_]))
        elif free * LOW_SHARE < received.get(id_, 0):
            todos.append(Todo("stock_low", free, *about[id_]))
    return todos


def _promised(now: int) -> Select[int, int]:
    """At most so many units running campaigns keep back, per product."""
    return _reserved(func.sum(Reservation.units), now)


def _missing(now: int) -> Select[int, int]:
    """Units that running campaigns need beyond what was set aside for them, per product."""
    missing = func.sum(Reservation.needed - Reservation.units)
    return _reserved(missing, now).where(Reservation.units < Reservation.needed)


def _reserved(counted: ColumnElement[int], now: int) -> Select[int, int]:
    return (
        select(Reservation.product_id, counted)
        .join(Campaign, Campaign.id == Reservation.campaign_id)
        .where(Campaign.state.in_(("open", "paused")), Campaign.closes_at > now)
        .group_by(Reservation.product_id)
    )


def _count(session: Session, wanted: Select[int]) -> int:
    return int(session.scalar(wanted) or 0)
