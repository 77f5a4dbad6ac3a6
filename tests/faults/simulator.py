"""One seed, one run: claims, top-ups, outbox in one thread; clock, chance, database, supplier and mail are injected.

The product's own services and jobs run on SQLite in memory. Chance decides who acts, whether a commit is lost or its
answer is, whether a process dies between two steps, what the supplier and the mail server do. At the end the faults
stop, everything is given time to settle, and the checker looks at all of it.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from unittest.mock import patch

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.faults import mutants
from tests.faults.checker import History, check
from tests.faults.simulated import HARSHNESS, SIZES, Book, Fate, Killed, Mail, determined, make_world, prepare
from tests.support.world import NOON, MovedClock, World
from welfare_desk.context import AppContext
from welfare_desk.db.models.campaigns import Message
from welfare_desk.db.models.claims import Claim, Fulfilment
from welfare_desk.db.models.purchasing import PurchaseOrder
from welfare_desk.errors import Refused, Unavailable
from welfare_desk.integrations.channels.registry import CHANNELS
from welfare_desk.jobs import send_messages, top_ups
from welfare_desk.services import claims, grants, processes
from welfare_desk.services.claims import ClaimRequest

MUTANTS = (
    "acknowledge without commit",
    "claims forgotten + no UNIQUE",
    "retry with a new key",
    "not found means failed",
    "recorded before it is sent",
)
STEPS = (18, 45)
QUIET_TURNS = 60
PHONE = "13800138000"


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
    prepare()
    fate, clock = Fate(random.Random(seed)), MovedClock()
    made = Run(seed)
    with _injected(fate, clock, mutant) as (mail, careless):
        size = fate.chance.choice(SIZES)
        fate.harshness = fate.chance.choice(HARSHNESS)
        world, cards, credit = make_world(fate, clock, size, careless=careless, unique="no UNIQUE" not in mutant)
        stage = Stage(world, fate, Book(fate, clock), mail, made, cards, credit)
        for _step in range(fate.chance.randint(*STEPS)):
            stage.act()
        stage.settle_down()
        made.problems = [*world.ctx.read(check, history=made.history), *_outside(stage)]
        made.trace.append(world.ctx.read(_end))
    return made


@contextmanager
def _injected(fate: Fate, clock: MovedClock, mutant: str) -> Iterator[tuple[Mail, bool]]:
    mail = Mail(fate)
    known = mutant.replace("acknowledge without commit", "").strip(" +")
    with ExitStack() as stack:
        stack.enter_context(mutants.living(known))
        stack.enter_context(determined(fate.chance, clock))
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


def _end(session: Session) -> str:
    """The end in a few signs: two runs of one seed must have it in common, in whatever process."""
    rows = [tuple(row) for wanted in (
        select(Fulfilment.grant_id, Fulfilment.code_id, Fulfilment.state, Fulfilment.changed_at),
        select(PurchaseOrder.id, PurchaseOrder.state, PurchaseOrder.attempts, PurchaseOrder.settled_at),
        select(Message.id, Message.state, Message.attempts, Message.sent_at),
    ) for row in session.execute(wanted.order_by(*wanted.selected_columns)).all()]  # fmt: skip
    return hashlib.sha256(repr(rows).encode()).hexdigest()[:16]
