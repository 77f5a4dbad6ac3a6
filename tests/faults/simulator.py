"""One seed, one run: claims, top-ups, outbox in one thread; clock, chance, database, supplier and mail are injected.

The product's own services and jobs run on SQLite in memory. Chance decides who acts, whether a commit is lost or its
answer is, whether a process dies between two steps, what the supplier and the mail server do. At the end the faults
stop, everything is given time to settle, and the checker looks at all of it.
"""

from __future__ import annotations

import random
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from sqlalchemy import StaticPool, create_engine, event, func, select
from sqlalchemy.orm import Session

from tests.faults import mutants
from tests.faults.checker import History, check
from tests.faults.ground import kept_keys
from tests.support.world import HOUR, NOON, MovedClock, World
from welfare_desk.context import AppContext
from welfare_desk.db import engine as engines
from welfare_desk.db import ids
from welfare_desk.db.migrate import upgrade
from welfare_desk.db.models.campaigns import Message
from welfare_desk.db.models.claims import Claim, Fulfilment
from welfare_desk.db.models.purchasing import PurchaseOrder
from welfare_desk.db.models.shelf import Offer, Product
from welfare_desk.domain.plans import Audience, Plan
from welfare_desk.errors import Refused, Unavailable
from welfare_desk.integrations.channels.base import Delivery, Letter
from welfare_desk.integrations.channels.registry import CHANNELS
from welfare_desk.integrations.suppliers.base import NotSent, OutcomeUnknown, Placed, Rejected, Snapshot
from welfare_desk.jobs import send_messages, top_ups
from welfare_desk.services import claims, grants, launching, processes, settings
from welfare_desk.services.claims import ClaimRequest

TRIAL = 60
MUTANTS = (
    "acknowledge without commit",
    "claims forgotten + no UNIQUE",
    "retry with a new key",
    "not found means failed",
    "recorded before it is sent",
)
PEOPLE = 6
CODES = 4
STEPS = 45
QUIET_TURNS = 60
PHONE = "13800138000"
LATEST_ARRIVAL_MS = 10 * 60_000


class Killed(BaseException):
    """The process ends here; what it held in memory is gone."""


@dataclass
class Fate:
    """Chance and the moments at which it strikes; `calm` ends all faults."""

    chance: random.Random
    calm: bool = False

    def strikes(self, probability: float) -> bool:
        """Whether this happens now."""
        return not self.calm and self.chance.random() < probability


@dataclass(frozen=True, slots=True)
class FatedContext(AppContext):
    """A context whose commits may be lost, or whose answers to a commit may be."""

    fate: Fate = field(default_factory=lambda: Fate(random.Random(0)))
    careless: bool = False

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


@dataclass
class Run:
    """One run: what happened, in words, and what is wrong with its end."""

    seed: int
    trace: list[str] = field(default_factory=list)
    history: History = field(default_factory=History)
    problems: list[str] = field(default_factory=list)


@dataclass
class Stage:
    """Everybody who acts in one run."""

    world: World
    fate: Fate
    book: Book
    mail: Mail
    run: Run
    cards: list[int]
    top_ups: list[int]

    @property
    def ctx(self) -> AppContext:
        return self.world.ctx

    def act(self) -> None:
        """One step of somebody."""
        actions: list[tuple[Callable[[], object], int]] = [
            (self.claim_cards, 6), (self.claim_top_up, 4), (self.sweep, 5), (self.deliver, 4), (self.wait, 4),
            (self.revoke, 1), (self.replace, 1), (self.jump, 1),
        ]  # fmt: skip
        [chosen] = self.fate.chance.choices([one for one, _w in actions], [weight for _one, weight in actions])
        self.attempt(chosen)

    def attempt(self, action: Callable[[], object]) -> None:
        """Runs it; an error or a death is an unknown outcome for whoever asked."""
        try:
            said = str(action())
        except (Unavailable, Refused) as error:
            said = error.code
            self.run.history.lost_answers += 1
        except Killed:
            said = "killed"
            self.run.history.lost_answers += 1
        except Exception as error:  # noqa: BLE001 - part of the history
            said = type(error).__name__
            self.run.history.errors.append(f"{action.__name__}: {said}")
        self.run.trace.append(f"{action.__name__} {said}")

    def claim_cards(self) -> str:
        """A batch of claims, some of them for the same right."""
        chosen = self.fate.chance.choices(self.cards, k=self.fate.chance.randint(1, 5))
        return self._claim([ClaimRequest(grant) for grant in chosen])

    def claim_top_up(self) -> str:
        """A top-up; a failed one is tried again with the account given."""
        return self._claim([ClaimRequest(self.fate.chance.choice(self.top_ups), None, "", PHONE)])

    def _claim(self, requests: list[ClaimRequest]) -> str:
        outcomes = self.ctx.write(claims.settle, requests=requests)
        for outcome in outcomes:
            codes = frozenset(unit.code_id for unit in outcome.units if unit.code_id is not None)
            if codes:
                self.run.history.saw(outcome.grant_id, codes)
        return " ".join(outcome.verdict.reason for outcome in outcomes)

    def sweep(self) -> int:
        """The jobs process takes due top-ups one step further, one after the other."""
        taken = self.ctx.write(top_ups._lease)
        for order_id in taken:
            top_ups._step(self.ctx, self.book, order_id)  # type: ignore[arg-type]
        return len(taken)

    def deliver(self) -> int:
        """The jobs process sends a batch of messages."""
        return send_messages.deliver(self.ctx).tried

    def wait(self) -> int:
        """Time goes by: seconds, or an hour now and then."""
        self.world.clock.moment += self.fate.chance.choice((500, 2_000, 20_000, 160_000, 900_000))
        return self.world.clock.moment - NOON

    def jump(self) -> int:
        """The clock of the machine is set back; a process has told the database the time before."""
        own = self.ctx.write(processes.register, role="jobs")
        self.world.clock.moment -= self.fate.chance.choice((1_000, 60_000))
        return own.number

    def revoke(self) -> str:
        """HR takes a right back."""
        return self.ctx.write(grants.revoke, grant_id=self.fate.chance.choice(self.cards)).state

    def replace(self) -> int:
        """HR sends a new link."""
        return self.ctx.write(grants.replace, grant_id=self.fate.chance.choice(self.cards)).link_version

    def settle_down(self) -> None:
        """No more faults: everything that is under way comes to its end."""
        self.fate.calm = True
        for _turn in range(QUIET_TURNS):
            self.world.clock.moment += 301_000
            self.attempt(self.sweep)
            self.attempt(self.deliver)
            if not self.ctx.read(_under_way):
                break


def run(seed: int, mutant: str = "") -> Run:
    """One run from its seed; the same seed gives the same run."""
    fate, clock = Fate(random.Random(seed)), MovedClock()
    made = Run(seed)
    with _injected(fate, clock, mutant) as (mail, careless):
        world, cards, credit = _world(fate, clock, careless=careless, unique="no UNIQUE" not in mutant)
        stage = Stage(world, fate, Book(fate, clock), mail, made, cards, credit)
        for _step in range(STEPS):
            stage.act()
        stage.settle_down()
        made.problems = [*world.ctx.read(check, history=made.history), *_outside(stage)]
    return made


@contextmanager
def _injected(fate: Fate, clock: MovedClock, mutant: str) -> Iterator[tuple[Mail, bool]]:
    mail = Mail(fate)
    known = mutant.replace("acknowledge without commit", "").strip(" +")
    with ExitStack() as stack:
        stack.enter_context(mutants.living(known))
        stack.enter_context(patch.object(ids, "time", SimpleNamespace(time=lambda: clock.moment / 1000)))
        stack.enter_context(patch.object(ids, "secrets", SimpleNamespace(randbits=fate.chance.getrandbits)))
        stack.enter_context(patch.object(ids, "_last", [0]))
        stack.enter_context(patch.dict(CHANNELS, {"email": mail}))
        stack.enter_context(patch.object(send_messages, "_server", lambda ctx: SimpleNamespace(sender_address="a@b.c")))
        stack.enter_context(patch.object(top_ups, "log", SimpleNamespace(warning=lambda *_said: None)))
        yield mail, known != mutant


def _outside(stage: Stage) -> Iterator[str]:
    """The supplier's book and the letters against the database."""
    ctx, book, mail = stage.ctx, stage.book, stage.mail
    credited = ctx.read(lambda session: session.scalar(
        select(func.count()).select_from(Fulfilment).where(Fulfilment.state == "credited")))  # fmt: skip
    if book.charged() != credited:
        yield f"the supplier charges {book.charged()} top-ups, {credited} are credited"
    yield from (f"order {key} was sent again blindly" for key in book.blind)
    under_way = ctx.read(_under_way)
    if under_way:
        yield f"{under_way} orders or messages never came to an end"
    for number, state in ctx.read(lambda session: session.execute(select(Message.id, Message.state)).all()):
        got = mail.got[f"<{number:x}.welfare-desk@b.c>"]
        if state == "sent" and not got:
            yield f"message {number} is lost: recorded as sent, never received"
    several = ctx.read(lambda session: session.scalar(
        select(func.count()).select_from(Claim).group_by(Claim.grant_id).having(func.count() > 1)))  # fmt: skip
    if several:
        yield "a grant was claimed several times"


def _under_way(session: Session) -> int:
    orders = select(func.count()).select_from(PurchaseOrder).where(PurchaseOrder.next_at.is_not(None))
    letters = select(func.count()).select_from(Message).where(Message.state.in_(("queued", "sending")))
    return int(session.scalar(orders) or 0) + int(session.scalar(letters) or 0)


def _world(fate: Fate, clock: MovedClock, *, careless: bool, unique: bool) -> tuple[World, list[int], list[int]]:
    template, cards, credit = _template()
    memory = _memory()
    with memory.connect() as connection:
        raw = connection.connection.dbapi_connection
        assert isinstance(raw, sqlite3.Connection)
        template.backup(raw)
        if not unique:
            _drop_unique(raw)
    keys, _store = kept_keys()
    ctx = FatedContext(memory, Path(), clock, keys, "test", 1, keys.intake_public, fate=fate, careless=careless)
    return World(ctx, clock), list(cards), list(credit)


def _drop_unique(raw: sqlite3.Connection) -> None:
    """The claim tables without their keys."""
    for table in ("claim", "fulfilment"):
        raw.execute(f"CREATE TABLE bare AS SELECT * FROM {table}")
        raw.execute(f"DROP TABLE {table}")
        raw.execute(f"ALTER TABLE bare RENAME TO {table}")


@cache
def _memory() -> Any:
    """One connection for all runs, so that statements are compiled once."""
    made = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
    event.listen(made, "connect", engines._prepare_sqlite("OFF"))
    event.listen(made, "begin", engines._begin_sqlite)
    return made


@cache
def _template() -> tuple[sqlite3.Connection, tuple[int, ...], tuple[int, ...]]:
    """A database with a short campaign of cards and one of top-ups, an invitation queued for everybody."""
    keys, _store = kept_keys()
    memory = _memory()
    upgrade(memory)
    world = World(AppContext(memory, Path(), MovedClock(), keys, "test", 1, keys.intake_public), MovedClock())
    world.ctx.write(settings.change, values={"public_url": "http://10.0.0.5:8080", "company_name": "星河科技"})
    world.people(PEOPLE)
    products = [world.product(), world.product("top_up")]
    world.stock(products[0], CODES)
    world.ctx.write(_offer, product_id=products[1])
    chosen = []
    for product in products:
        key = world.ctx.read(lambda session, found=product: session.get_one(Product, found).key)
        plan = Plan(key, key, Audience("all"), NOON - HOUR, NOON + 1_000 * HOUR, channels=("email",), verify="none")
        launched = launching.launch(world.ctx, plan=plan, allow_short=True, again=True)
        chosen.append(world.ctx.read(_grants, campaign_id=launched.campaign_id))
    with memory.connect() as connection:
        raw = connection.connection.dbapi_connection
        assert isinstance(raw, sqlite3.Connection)
        kept = sqlite3.connect(":memory:", check_same_thread=False)
        raw.backup(kept)
    return kept, chosen[0], chosen[1]


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
