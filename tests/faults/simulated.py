"""What the simulator injects: fate, a database that may lose commits, a supplier, a mail server; and its world."""

from __future__ import annotations

import random
import secrets
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from sqlalchemy import Connection, Engine, StaticPool, create_engine, select
from sqlalchemy.orm import Session

from tests.faults.ground import kept_keys
from tests.support.world import HOUR, NOON, MovedClock, World
from welfare_desk.context import AppContext
from welfare_desk.db import engine as engines
from welfare_desk.db import ids
from welfare_desk.db.migrate import upgrade
from welfare_desk.db.models.shelf import Offer, Product
from welfare_desk.domain.plans import Audience, Plan
from welfare_desk.errors import Unavailable
from welfare_desk.integrations.channels.base import Delivery, Letter
from welfare_desk.integrations.suppliers.base import NotSent, OutcomeUnknown, Placed, Rejected, Snapshot
from welfare_desk.services import grants, launching, settings

LATEST_ARRIVAL_MS = 10 * 60_000


@dataclass(frozen=True, slots=True)
class Size:
    """How big a world is: whom two campaigns are for, the codes of the first, whether the second sends letters too."""

    people: int
    codes: int
    letters_for_top_ups: bool = False


SIZES = (Size(2, 1), Size(3, 2), Size(4, 3), Size(6, 4, letters_for_top_ups=True))
HARSHNESS = (1.0, 1.4, 2.0)


class Killed(BaseException):
    """The process ends here; what it held in memory is gone."""


@dataclass
class Fate:
    """Chance and the moments at which it strikes, in some runs more often; `calm` ends all faults."""

    chance: random.Random
    calm: bool = False
    harshness: float = 1.0

    def strikes(self, probability: float) -> bool:
        """Whether this happens now."""
        return not self.calm and self.chance.random() < probability * self.harshness


@dataclass(frozen=True, slots=True)
class FatedContext(AppContext):
    """A context whose commits may be lost, or whose answers to a commit may be."""

    fate: Fate = field(default_factory=lambda: Fate(random.Random(0)))
    careless: bool = False

    def _session(self, *, write: bool) -> Session:
        del write  # one connection, one thread: every transaction may
        return Session(self.engine, expire_on_commit=False)

    def write(self, service: Any, *args: Any, **kwargs: Any) -> Any:
        """As the real one, with fate between commit and caller."""
        with self._session(write=True) as session:
            result = service(self, session, *args, **kwargs)
            if self.fate.strikes(0.03):
                session.rollback()
                if self.careless:
                    return result
                raise Unavailable("database_away", reason="the commit was lost")
            session.commit()
        if self.fate.strikes(0.03):
            raise Unavailable("database_away", reason="the commit's answer was lost")
        if self.fate.strikes(0.02):
            raise Killed
        return result


@dataclass
class Book:
    """The supplier. A request that "timed out" may still arrive, up to ten minutes later."""

    fate: Fate
    clock: MovedClock
    orders: dict[str, list[Any]] = field(default_factory=dict)  # key → [arrives at, state, account]
    blind: list[str] = field(default_factory=list)

    def supplier(self, _supplier_id: int) -> Book:
        """The connector itself."""
        return self

    def place(self, order_key: str, _ref: str, _quantity: int, _ceiling: int, account: str | None = None) -> Placed:
        """Takes, refuses, or leaves the asker in the dark."""
        if self.fate.strikes(0.1):
            raise NotSent("supplier_unreachable")
        if order_key in self.orders:
            self.blind.append(order_key)
        if self.fate.strikes(0.1):
            raise Rejected("supplier_refused")
        dark = self.fate.strikes(0.4)
        if dark and self.fate.strikes(0.4):
            raise OutcomeUnknown("supplier_timeout")
        late = self.fate.chance.randrange(LATEST_ARRIVAL_MS) if dark and self.fate.strikes(0.5) else 0
        self.orders.setdefault(order_key, [self.clock.moment + late, "processing", account])
        if self.fate.strikes(0.02):
            raise Killed
        if dark:
            raise OutcomeUnknown("supplier_timeout")
        return Placed(f"N-{order_key}", 900)

    def query(self, order_key: str, *, quantity: int = 1) -> Snapshot:
        """What it knows by now."""
        if self.fate.strikes(0.2):
            raise OutcomeUnknown("supplier_timeout")
        known = self.orders.get(order_key)
        if known is None or known[0] > self.clock.moment:
            return Snapshot("not_found")
        if known[1] == "processing" and (self.fate.calm or self.fate.chance.random() < 0.6):
            known[1] = "cancelled" if self.fate.strikes(0.2) else "success"
        return Snapshot(known[1], f"N-{order_key}", 900)

    def charged(self) -> int:
        """How many top-ups the supplier wants to be paid for: also those that nobody asked about any more."""
        return sum(state in ("success", "processing") for _arrives, state, _account in self.orders.values())


@dataclass
class Mail:
    """The mail server. It may take a letter and be gone before it says so."""

    fate: Fate
    got: Counter[str] = field(default_factory=Counter)
    breaks: Counter[str] = field(default_factory=Counter)

    def __call__(self, _server: object) -> Mail:
        """A channel for any server."""
        return self

    @contextmanager
    def session(self) -> Iterator[Mail]:
        """One connection."""
        if self.fate.strikes(0.1):
            raise Unavailable("mail_unreachable", reason="away")
        yield self

    def send(self, letter: Letter) -> Delivery:
        """Takes, defers, or breaks off before or after."""
        if self.fate.strikes(0.04):
            raise Killed
        if self.fate.strikes(0.1):
            return Delivery("later", "mail_later", "451")
        self.got[letter.message_id] += 1
        if self.fate.strikes(0.04):
            self.breaks[letter.message_id] += 1
            raise Killed
        return Delivery("sent")


@cache
def prepare() -> None:
    """Makes keys and worlds of every size, once a process: drawn within a run, they would take from its chance."""
    for size in SIZES:
        _template(size)


def make_world(
    fate: Fate, clock: MovedClock, size: Size, *, careless: bool, unique: bool
) -> tuple[World, list[int], list[int]]:
    """A fresh world in memory with the grants of its two campaigns: cards, top-ups."""
    template, cards, credit = _template(size)
    memory = _memory()
    with memory.connect() as connection:
        raw = _raw(connection)
        template.backup(raw)
        if not unique:
            _drop_unique(raw)
    keys, _store = kept_keys()
    ctx = FatedContext(memory, Path(), clock, keys, "test", 1, keys.intake_public, fate=fate, careless=careless)
    return World(ctx, clock), list(cards), list(credit)


def _raw(connection: Connection) -> sqlite3.Connection:
    raw = connection.connection.dbapi_connection
    assert isinstance(raw, sqlite3.Connection)
    return raw


def _drop_unique(raw: sqlite3.Connection) -> None:
    """The claim tables without their keys."""
    for table in ("claim", "fulfilment"):
        raw.execute(f"CREATE TABLE bare AS SELECT * FROM {table}")
        raw.execute(f"DROP TABLE {table}")
        raw.execute(f"ALTER TABLE bare RENAME TO {table}")


@cache
def _memory() -> Engine:
    """One connection for all runs, so that statements are compiled once; no events, which every statement would pay."""
    made = create_engine("sqlite://", creator=_connect, poolclass=StaticPool)
    made.dialect.do_begin = _begin  # type: ignore[method-assign]
    return made


def _connect() -> sqlite3.Connection:
    raw = sqlite3.connect(":memory:", check_same_thread=False)
    engines._prepare_sqlite("OFF")(raw, None)
    return raw


def _begin(raw: Any) -> None:
    raw.execute("BEGIN IMMEDIATE")


@cache
def _template(size: Size) -> tuple[sqlite3.Connection, tuple[int, ...], tuple[int, ...]]:
    """A database with a short campaign of cards and one of top-ups, invitations queued; the same in every process."""
    keys, _store = kept_keys()
    memory, clock = _memory(), MovedClock()
    chance = random.Random(f"{size}")
    with memory.connect() as connection, determined(chance, clock):
        raw = _raw(connection)
        sqlite3.connect(":memory:").backup(raw)
        upgrade(memory)
        world = World(AppContext(memory, Path(), clock, keys, "test", 1, keys.intake_public), clock)
        chosen = _campaigns(world, size)
        kept = sqlite3.connect(":memory:", check_same_thread=False)
        raw.backup(kept)
    return kept, chosen[0], chosen[1]


@contextmanager
def determined(chance: random.Random, clock: MovedClock) -> Iterator[None]:
    """Ids and everything else that is drawn in the product come from one chance and one clock."""
    with ExitStack() as stack:
        stack.enter_context(patch.object(ids, "time", SimpleNamespace(time=lambda: clock.moment / 1000)))
        stack.enter_context(patch.object(ids, "_last", [0]))
        stack.enter_context(patch.object(secrets, "randbits", chance.getrandbits))
        stack.enter_context(patch.object(secrets, "token_hex", lambda size=16: chance.randbytes(size).hex()))
        stack.enter_context(patch.object(secrets, "token_bytes", lambda size=16: chance.randbytes(size)))
        stack.enter_context(patch.object(secrets, "randbelow", chance.randrange))
        yield


def _campaigns(world: World, size: Size) -> list[tuple[int, ...]]:
    """The grants of a campaign of cards and of one of top-ups."""
    world.ctx.write(settings.change, values={"public_url": "http://10.0.0.5:8080", "company_name": "星河科技"})
    world.people(size.people)
    products = [world.product(), world.product("top_up")]
    world.stock(products[0], size.codes)
    world.ctx.write(_offer, product_id=products[1])
    chosen = []
    for product, letters in zip(products, (True, size.letters_for_top_ups), strict=True):
        key = world.ctx.read(lambda session, found=product: session.get_one(Product, found).key)
        channels = ("email",) if letters else ()
        plan = Plan(key, key, Audience("all"), NOON - HOUR, NOON + 1_000 * HOUR, channels=channels, verify="none")
        launched = launching.launch(world.ctx, plan=plan, allow_short=True, again=True)
        chosen.append(world.ctx.read(_grants, campaign_id=launched.campaign_id))
    return chosen


def _offer(_ctx: AppContext, session: Session, *, product_id: int) -> None:
    product = session.get_one(Product, product_id)
    offer = Offer(id=ids.new_id(), supplier_id=product.supplier_id, ref="1", name="", kind="top_up", price_minor=900,
                  face_value_minor=None, currency="CNY", stock=None, min_quantity=1, max_quantity=1, on_sale=True,
                  account_kind=None, seen_at=0)  # fmt: skip
    session.add(offer)
    session.flush()
    product.offer_id = offer.id


def _grants(session: Session, *, campaign_id: int) -> tuple[int, ...]:
    found = select(grants.Grant.id).where(grants.Grant.campaign_id == campaign_id).order_by(grants.Grant.id)
    return tuple(session.scalars(found))
