"""What one settlement sees: its grants locked, their claims, and the rules of their campaigns."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Row

from welfare_desk.db import claim_sql
from welfare_desk.domain.clock import Clock
from welfare_desk.domain.eligibility import CampaignFacts, GrantFacts, Verdict
from welfare_desk.domain.segments import today

CODE_KINDS = ("card_secret", "coupon", "link")


@dataclass(frozen=True, slots=True)
class ClaimRequest:
    """Somebody wants what a grant gives. `link_version` None: no link was used. `trusted`: HR issues it directly."""

    grant_id: int
    link_version: int | None = None
    identity: str = ""
    account: str = ""
    trusted: bool = False
    via: str = "page"
    confirmed: bool = True


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit given: a sealed code with the ids that open it, or a top-up with its masked account."""

    part: int
    unit: int
    product_id: int
    state: str
    code_id: int | None = None
    batch_id: int | None = None
    sealed: bytes | None = None
    cost_minor: int = 0
    expires_at: int | None = None
    account_masked: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answer to one request. `units` are filled only for who may see them. `retry`: ask again within a second."""

    grant_id: int
    campaign_id: int | None
    verdict: Verdict
    units: tuple[Unit, ...] = ()
    claimed_at: int | None = None
    retry: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """One product a campaign gives; `quantity` units of it per grant. `reserved` < `needed`: the campaign is short."""

    position: int
    product_id: int
    kind: str
    quantity: int
    supplier_id: int | None
    price_minor: int
    currency: str
    account_kind: str | None
    reserved: int
    needed: int


@dataclass(frozen=True, slots=True)
class Rules:
    """A campaign as a settlement needs it."""

    campaign_id: int
    given_id: int
    facts: CampaignFacts
    timezone: str
    parts: tuple[Part, ...]

    def code_needs(self) -> Counter[int]:
        """Units of stock one grant needs, by product."""
        needs: Counter[int] = Counter()
        for part in self.parts:
            if part.kind in CODE_KINDS:
                needs[part.product_id] += part.quantity
        return needs

    def is_short(self, product_id: int) -> bool:
        """Whether fewer units of it were reserved at launch than the grants need."""
        return any(part.product_id == product_id and part.reserved < part.needed for part in self.parts)


@dataclass(slots=True)
class Scene:
    """Everything read in one settlement; `now` is epoch milliseconds by law 7."""

    now: int
    grants: dict[int, Row[Any]]
    rules: dict[int, Rules]
    claimed_at: dict[int, int]
    rows: dict[int, list[Row[Any]]]
    failures: dict[int, tuple[int, int]] = field(default_factory=dict)

    def facts(self, grant_id: int, at: int | None = None) -> tuple[GrantFacts | None, CampaignFacts | None]:
        """The evaluator's view of a grant and its campaign; wrong identities of this batch are counted in.

        Whose leave date has come `at` that time (default: now), in the campaign's zone, has left.
        """
        row = self.grants.get(grant_id)
        if row is None:
            return None, None
        states = tuple(entry.state for entry in self.rows.get(grant_id, ()) if entry.state)
        failures, since = self.failures.get(grant_id, (row.failures, row.failures_since))
        number = row.number_key or (row.phone or "")[-4:] or None
        rules = self.rules[row.campaign_id]
        left = row.leave_date and row.leave_date <= today(self.now if at is None else at, rules.timezone).isoformat()
        state = "left" if left and row.state == "open" else row.state
        grant = GrantFacts(state, row.link_version, number, self.claimed_at.get(grant_id), states, failures, since)
        return grant, rules.facts

    def note_failure(self, grant_id: int, count: int, since: int) -> None:
        """Remembers one more wrong identity."""
        self.failures[grant_id] = (count, since)

    def units(self, grant_id: int) -> tuple[Unit, ...]:
        """What the grant was given before this batch."""
        return tuple(
            Unit(row.part, row.unit, row.product_id, row.state, row.code_id, row.batch_id, row.sealed,
                 expires_at=row.expires_at, account_masked=row.account_masked)
            for row in self.rows.get(grant_id, ()) if row.part is not None
        )  # fmt: skip


def read_scene(connection: Connection, grant_ids: Sequence[int], clock: Clock, *, lock: bool = True) -> Scene:
    """Locks the grants (unless it only looks) and reads what belongs to them, in three statements."""
    now, grants = claim_sql.lock_grants(connection, grant_ids, clock, lock=lock)
    ids = [row.id for row in grants]
    rows: defaultdict[int, list[Row[Any]]] = defaultdict(list)
    claimed_at: dict[int, int] = {}
    for row in claim_sql.read_fulfilments(connection, ids) if ids else ():
        rows[row.grant_id].append(row)
        claimed_at[row.grant_id] = row.at
    campaigns = claim_sql.read_campaigns(connection, [row.campaign_id for row in grants]) if ids else ()
    return Scene(now, {row.id: row for row in grants}, rules_of(campaigns), claimed_at, dict(rows))


def rules_of(rows: Sequence[Row[Any]]) -> dict[int, Rules]:
    """Campaign rules by id, from `claim_sql.read_campaigns`."""
    grouped: defaultdict[int, list[Row[Any]]] = defaultdict(list)
    for row in rows:
        grouped[row.id].append(row)
    return {campaign_id: _rules(parts) for campaign_id, parts in grouped.items()}


def _rules(rows: list[Row[Any]]) -> Rules:
    first = rows[0]
    accounts = [row.account_kind or "any" for row in rows if row.kind == "top_up"]
    facts = CampaignFacts(first.state, first.opens_at, first.closes_at, first.verify, accounts[0] if accounts else None)
    parts = tuple(
        Part(row.part, row.product_id, row.kind, first.quantity * row.per_unit, row.supplier_id, row.price_minor,
             row.currency, row.account_kind, row.reserved or 0, row.needed or 0)
        for row in rows
    )  # fmt: skip
    return Rules(first.id, first.given_id, facts, first.timezone, parts)
