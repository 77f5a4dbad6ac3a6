"""The one checker of every fault campaign: clients' history against the database, one line per broken promise."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from welfare_desk.db.models.campaigns import Campaign
from welfare_desk.db.models.claims import Claim, Fulfilment, LedgerEntry
from welfare_desk.db.models.purchasing import Batch, Code
from welfare_desk.security import journal
from welfare_desk.security.journal import JournalKeys


@dataclass
class History:
    """What clients saw: `given` maps a grant to the sets of codes it was shown, in order; `unknown` had no answer."""

    given: dict[int, list[frozenset[int]]] = field(default_factory=dict)
    refused: Counter[str] = field(default_factory=Counter)
    unknown: set[int] = field(default_factory=set)
    errors: list[str] = field(default_factory=list)
    lost_answers: int = 0

    def saw(self, grant_id: int, codes: frozenset[int]) -> None:
        """A client was shown these codes for this grant."""
        self.given.setdefault(grant_id, []).append(codes)


def check(session: Session, *, history: History) -> list[str]:
    """Every promise that does not hold, in words; empty when all do."""
    return [*_clients(session, history), *_codes(session), *_batches(session), *_money(session), *_windows(session)]


def check_journal(data: Path, keys: JournalKeys, *, history: History) -> list[str]:
    """Codes that were shown although the claim journal does not have them: a restore would give them again."""
    written: dict[int, set[int]] = {}
    for row in journal.read_all(data, keys):
        written.setdefault(row.grant_id, set()).add(row.code_id)
    return [
        f"grant {grant} was shown a code that is not in the journal: lost by the next restore"
        for grant, seen in history.given.items()
        if not seen[0] <= written.get(grant, set())
    ]


def _clients(session: Session, history: History) -> Iterator[str]:
    yield from (f"a client got an error: {error}" for error in history.errors)
    bound: dict[int, set[int]] = {}
    for grant_id, code_id in session.execute(select(Fulfilment.grant_id, Fulfilment.code_id)):
        bound.setdefault(grant_id, set()).add(code_id)
    shown: Counter[int] = Counter()
    for grant_id, answers in history.given.items():
        if len(set(answers)) > 1:
            yield f"grant {grant_id} was shown different codes"
        if bound.get(grant_id, set()) != set(answers[0]):
            yield f"grant {grant_id}: an acknowledged claim is lost or changed"
        shown.update(answers[0])
    yield from (f"code {code_id} was shown to {count} grants" for code_id, count in shown.items() if count > 1)


def _codes(session: Session) -> Iterator[str]:
    twice = select(Fulfilment.code_id, func.count()).where(Fulfilment.code_id.is_not(None))
    for code_id, count in session.execute(twice.group_by(Fulfilment.code_id).having(func.count() > 1)):
        yield f"code {code_id} is bound {count} times"
    issued = set(session.scalars(select(Code.id).where(Code.state == "issued")))
    bound = set(session.scalars(select(Fulfilment.code_id).where(Fulfilment.code_id.is_not(None))))
    yield from (f"code {code_id} left the shelf and nobody has it" for code_id in sorted(issued - bound))
    yield from (f"code {code_id} is bound and still on the shelf" for code_id in sorted(bound - issued))
    claims = set(session.scalars(select(Claim.grant_id)))
    fulfilled = set(session.scalars(select(Fulfilment.grant_id)))
    yield from (f"grant {grant_id} is half claimed" for grant_id in sorted(claims ^ fulfilled))


def _batches(session: Session) -> Iterator[str]:
    counted = dict(session.execute(select(Code.batch_id, func.count()).group_by(Code.batch_id)).all())
    for batch_id, received in session.execute(select(Batch.id, Batch.received)):
        if counted.get(batch_id, 0) != received:
            yield f"batch {batch_id}: received {received}, accounted for {counted.get(batch_id, 0)}"


def _money(session: Session) -> Iterator[str]:
    sums = select(LedgerEntry.transaction_id, func.sum(LedgerEntry.amount_minor)).group_by(LedgerEntry.transaction_id)
    for transaction, amount in session.execute(sums.having(func.sum(LedgerEntry.amount_minor) != 0)):
        yield f"transaction {transaction} is off by {amount}"
    charged = _by_account(session, "campaign:%")
    spent = dict(session.execute(select(Fulfilment.campaign_id, func.sum(Fulfilment.cost_minor))
                                 .group_by(Fulfilment.campaign_id)).all())  # fmt: skip
    for campaign_id, cost in spent.items():
        if charged.get(f"campaign:{campaign_id}", 0) != cost:
            yield f"campaign {campaign_id} is charged {charged.get(f'campaign:{campaign_id}', 0)} for {cost}"


def _by_account(session: Session, pattern: str) -> dict[str, int]:
    sums = select(LedgerEntry.account, func.sum(LedgerEntry.amount_minor)).where(LedgerEntry.account.like(pattern))
    return {account: int(amount) for account, amount in session.execute(sums.group_by(LedgerEntry.account))}


def _windows(session: Session) -> Iterator[str]:
    outside = select(Claim.grant_id).join(Campaign, Campaign.id == Claim.campaign_id)
    for grant_id in session.scalars(outside.where((Claim.at < Campaign.opens_at) | (Claim.at >= Campaign.closes_at))):
        yield f"grant {grant_id} was claimed outside its window"
