"""What a launch would do: its numbers, and the sentence that says them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from welfare_desk.domain import money
from welfare_desk.domain.plans import Plan
from welfare_desk.domain.windows import shown, zone_of
from welfare_desk.errors import Refused

UNSTOCKED = ("top_up",)


class Phrase(NamedTuple):
    """A piece of a sentence: `msgid` of the catalogue and what fills it. The edge translates and joins them."""

    msgid: str
    params: dict[str, Any]


class Recipient(NamedTuple):
    """One person of an audience, as the directory has them now."""

    person_id: int
    name: str
    employee_no: str | None
    department: str
    email: str | None


@dataclass(frozen=True, slots=True)
class Part:
    """One product a person gets: `units` of it per grant at `price_minor` each."""

    product_id: int
    product: str
    name: str
    kind: str
    units: int
    price_minor: int


@dataclass(frozen=True, slots=True)
class Goods:
    """What a plan gives: the product with its parts (itself, unless it is a bundle)."""

    product_id: int
    product: str
    name: str
    currency: str
    parts: tuple[Part, ...]

    @property
    def cost_minor(self) -> int:
        """What one grant costs, in minor units."""
        return sum(part.units * part.price_minor for part in self.parts)

    def stock_units(self) -> dict[int, int]:
        """Product id → units of stock one grant needs; top-ups are ordered at claim time and need none."""
        units: Counter[int] = Counter()
        for part in self.parts:
            if part.kind not in UNSTOCKED:
                units[part.product_id] += part.units
        return dict(units)


@dataclass(frozen=True, slots=True)
class Need:
    """Stock of one product: units needed, units free now, units missing."""

    product_id: int
    product: str
    name: str
    needed: int
    free: int
    short: int


@dataclass(frozen=True, slots=True)
class Unreachable:
    """A person without an address for any chosen channel."""

    person_id: int
    name: str
    employee_no: str | None


@dataclass(frozen=True, slots=True)
class Review:
    """The numbers of a launch. `short`: missing units; `left`: named people who left; `duplicates`: people who hold
    an open grant of the same product; `unnumbered`: people who could not pass the check of the employee number.

    `refusals` say why this audience cannot be served. `audience` and `goods` are for the launch itself.
    """

    people: int
    links: int
    unreachable: int
    unreachable_people: tuple[Unreachable, ...]
    by_channel: dict[str, int]
    needs: tuple[Need, ...]
    short: int
    cost_minor: int
    currency: str
    left: int
    not_found: tuple[str, ...]
    duplicates: int
    unnumbered: int
    name_open: bool
    over: bool
    refusals: tuple[Refused, ...]
    goods: Goods = field(repr=False)
    audience: tuple[Recipient, ...] = field(repr=False)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What to look at before launching, as codes."""
        found = {
            "short": self.short,
            "unreachable": self.unreachable,
            "name_open": self.name_open,
            "window_over": self.over,
            "unnumbered": self.unnumbered,
            "duplicates": self.duplicates,
            "left": self.left,
        }
        return tuple(code for code, applies in found.items() if applies)


def addresses(row: Recipient, channels: Sequence[str]) -> dict[str, str]:
    """The addresses of a person for the chosen channels that reach them."""
    return {"email": row.email} if "email" in channels and row.email else {}


def review_phrases(review: Review, plan: Plan) -> tuple[Phrase, ...]:
    """The review in sentences: how many people and links, what cost, when, what is short, who cannot be reached."""
    return (_who(review, plan), _what(review, plan), *_shortages(review), *_notes(review, plan))


def _who(review: Review, plan: Plan) -> Phrase:
    numbers = {"people": f"{review.people:,}", "links": f"{review.links:,}"}
    if not plan.channels:
        return Phrase("{people} people get {links} links, to be saved or printed, ", numbers)
    return Phrase(
        "{people} people get {links} links, {email} of them by e-mail, ",
        numbers | {"email": f"{review.by_channel.get('email', 0):,}"},
    )


def _what(review: Review, plan: Plan) -> Phrase:
    zone = zone_of(plan.timezone)
    return Phrase(
        "at a cost of at most {cost}, open from {opens} to {closes} ({timezone}).",
        {
            "cost": money.shown(review.cost_minor, review.currency),
            "opens": shown(plan.opens_at, zone),
            "closes": shown(plan.closes_at, zone),
            "timezone": plan.timezone,
        },
    )


def _shortages(review: Review) -> list[Phrase]:
    short = [need for need in review.needs if need.short]
    if not review.needs:
        return []
    if not short:
        return [Phrase(" Stock is sufficient.", {})]
    return [
        Phrase(
            " {product}: {needed} units needed, {free} free, {short} short.",
            {"product": need.name, "needed": f"{need.needed:,}", "free": f"{need.free:,}", "short": f"{need.short:,}"},
        )
        for need in short
    ]


def _notes(review: Review, plan: Plan) -> list[Phrase]:
    counted = (
        (review.unreachable, " Without an address, so nothing is sent to them: {n}."),
        (review.left, " Named but no longer employed, left out: {n}."),
        (review.unnumbered, " Without an employee number, so they could not claim: {n}."),
        (review.duplicates, " Already hold an open grant of this product: {n}."),
    )
    notes = [Phrase(msgid, {"n": f"{count:,}"}) for count, msgid in counted if count]
    if review.over:
        notes.append(Phrase(" The window is over already.", {}))
    if review.name_open:
        notes.append(Phrase(' A campaign named "{name}" is still running.', {"name": plan.name}))
    return notes
