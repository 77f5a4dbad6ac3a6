"""Ctrl+K: people, reference codes, campaigns and products by a few signs, and where somebody's benefit is."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from welfare_desk.db.models.campaigns import Campaign, Grant
from welfare_desk.db.models.people import Person
from welfare_desk.db.models.shelf import Product
from welfare_desk.db.prefix_sql import begins_with, holds
from welfare_desk.domain.clock import Clock
from welfare_desk.domain.people import number_key
from welfare_desk.queries import why as why_queries
from welfare_desk.queries.people import PersonRow, by_id, tidy_reference
from welfare_desk.queries.person_grants import PersonGrant, person_grants
from welfare_desk.queries.why import Why

PEOPLE, OTHERS, GRANTS = 7, 4, 3
PHONE_TAIL, REFERENCE = 4, 8
LONGEST = 60


@dataclass(frozen=True, slots=True)
class Hit:
    """Something found. Kinds: person, grant (then `id` is the person and `grant_id` the grant), campaign, product."""

    kind: str
    id: int
    title: str
    note: str
    key: str = ""
    grant_id: int = 0


@dataclass(frozen=True, slots=True)
class Standing:
    """One grant with the reason why it can or cannot be claimed now."""

    grant: PersonGrant
    why: Why


@dataclass(frozen=True, slots=True)
class Answer:
    """Where somebody's benefits are: the latest grants, the one asked for first."""

    person: PersonRow
    grants: tuple[Standing, ...]
    more: int


def find(session: Session, *, text: str) -> tuple[Hit, ...]:
    """What `text` means: reference code, employee number, name, pinyin, end of a phone number, campaign, product."""
    words = " ".join(text.split())[:LONGEST]
    if not words:
        return ()
    return (*_grants(session, words), *_people(session, words), *_campaigns(session, words), *_products(session, words))


def answer(session: Session, *, person_id: int, clock: Clock, grant_id: int = 0) -> Answer | None:
    """The answer card of a person, or None when there is no such person."""
    person = by_id(session, person_id=person_id)
    if person is None:
        return None
    found = sorted(person_grants(session, person_id=person_id), key=lambda grant: grant.grant_id != grant_id)
    shown = [grant for grant in found if grant.campaign_state != "launching"]
    standings = tuple(
        Standing(grant, why_queries.why(session, grant_id=grant.grant_id, clock=clock)) for grant in shown[:GRANTS]
    )
    return Answer(person, standings, len(shown) - len(standings))


def _grants(session: Session, words: str) -> list[Hit]:
    handle = tidy_reference(words)
    if len(handle) != REFERENCE:
        return []
    rows = (
        select(Grant.id, Grant.reference, Person.id, Person.name, Campaign.name)
        .join(Person, Person.id == Grant.person_id)
        .join(Campaign, Campaign.id == Grant.campaign_id)
        .where(Grant.reference == handle, Campaign.state != "launching")
    )
    return [Hit("grant", person_id, name, f"{campaign} · {reference}", reference, grant_id)
            for grant_id, reference, person_id, name, campaign in session.execute(rows)]  # fmt: skip


def _people(session: Session, words: str) -> list[Hit]:
    """By index first; everybody is looked at, once, only when that gave too little."""
    found: dict[int, Hit] = {}
    number, low = number_key(words), words.lower()
    handle = tidy_reference(words)
    ways: list[ColumnElement[bool]] = []
    if len(handle) == REFERENCE:
        ways.append(Person.reference == handle)
    if number:
        ways += [Person.key == f"n:{number}", begins_with(session, Person.key, f"n:{number}")]
    for way in ways:
        _add(session, found, way)
    if len(found) < PEOPLE:
        first = [begins_with(session, Person.name, words), begins_with(session, Person.pinyin, low)]
        _add(session, found, _anywhere(session, words, low), or_(*first))
    return list(found.values())


def _anywhere(session: Session, words: str, low: str) -> ColumnElement[bool]:
    """Inside a name, either half of the pinyin, the beginning of an e-mail or the end of a phone number."""
    if not low.isascii():
        return holds(session, Person.name, words)
    ways: list[ColumnElement[bool]] = [
        begins_with(session, Person.email, low), begins_with(session, Person.pinyin, low)
    ]  # fmt: skip
    if words.isdigit() and len(words) >= PHONE_TAIL:
        ways.append(func.substr(Person.phone, func.length(Person.phone) - len(words) + 1) == words)
    if low.replace(" ", "").isalpha():
        ways.append(holds(session, Person.pinyin, " " + low.replace(" ", "")))
    ways.append(holds(session, func.lower(Person.name), low))
    return or_(*ways)


def _add(
    session: Session, found: dict[int, Hit], way: ColumnElement[bool], before: ColumnElement[bool] | None = None
) -> None:
    """Adds people found that `way`, those of whom `before` holds first."""
    room = PEOPLE - len(found)
    if room <= 0:
        return
    rows = select(Person.id, Person.name, Person.department, Person.employee_no, Person.reference).where(way)
    if before is not None:
        rows = rows.order_by(before.desc())
    for id_, name, department, employee_no, reference in session.execute(rows.limit(PEOPLE)):
        if id_ not in found and len(found) < PEOPLE:
            note = " · ".join(part for part in (employee_no, department) if part)
            found[id_] = Hit("person", id_, name, note, reference)


def _campaigns(session: Session, words: str) -> list[Hit]:
    meant = or_(func.lower(Campaign.name).contains(words.lower(), autoescape=True), Campaign.key == words.upper())
    rows = select(Campaign.id, Campaign.name, Campaign.key).where(meant, Campaign.state != "launching")
    newest = rows.order_by(Campaign.opens_at.desc()).limit(OTHERS)
    return [Hit("campaign", id_, name, key, key) for id_, name, key in session.execute(newest)]


def _products(session: Session, words: str) -> list[Hit]:
    low = words.lower()
    meant = or_(func.lower(Product.name).contains(low, autoescape=True), func.lower(Product.key) == low)
    rows = select(Product.id, Product.name, Product.key).where(meant)
    listed = rows.order_by(Product.on_shelf.desc(), Product.name).limit(OTHERS)
    return [Hit("product", id_, name, key, key) for id_, name, key in session.execute(listed)]
