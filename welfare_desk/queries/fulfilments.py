"""What has come to people of what they claimed: per person for the answer "where is it", and every top-up for HR."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from welfare_desk.db.models.campaigns import Grant
from welfare_desk.db.models.claims import Fulfilment
from welfare_desk.db.models.people import Person
from welfare_desk.db.models.purchasing import PurchaseOrder
from welfare_desk.db.models.shelf import Product, Supplier

TROUBLED = ("unknown", "failed")


@dataclass(frozen=True, slots=True)
class FulfilmentRow:
    """One unit of a claim. `state`: revealed, crediting, credited, failed, unknown; never a code."""

    grant_id: int
    product: str
    kind: str
    state: str
    account_masked: str | None
    changed_at: int


@dataclass(frozen=True, slots=True)
class TopUpRow:
    """One order of a top-up. `state` is that of the order, `trouble` an error code; the account is masked."""

    order_id: int
    product: str
    supplier: str | None
    person_id: int
    person: str
    reference: str
    account_masked: str | None
    state: str
    trouble: str | None
    created_at: int
    settled_at: int | None


def of_person(session: Session, *, person_id: int) -> tuple[FulfilmentRow, ...]:
    """Everything that came of a person's claims, in the order of the parts."""
    rows = (
        select(
            Fulfilment.grant_id, Product.name, Product.kind, Fulfilment.state, Fulfilment.account_masked,
            Fulfilment.changed_at,
        )
        .join(Grant, Grant.id == Fulfilment.grant_id)
        .join(Product, Product.id == Fulfilment.product_id)
        .where(Grant.person_id == person_id)
        .order_by(Fulfilment.grant_id, Fulfilment.part, Fulfilment.unit)
    )  # fmt: skip
    return tuple(FulfilmentRow(*row) for row in session.execute(rows))


def top_ups(session: Session, *, limit: int = 200) -> tuple[TopUpRow, ...]:
    """Top-ups in trouble first, then the newest; at most `limit` of each."""
    troubled = _top_ups(session, _ordered().where(PurchaseOrder.state.in_(TROUBLED)), limit)
    known = {row.order_id for row in troubled}
    return (*troubled, *(row for row in _top_ups(session, _ordered(), limit) if row.order_id not in known))


def _ordered() -> Any:
    return (
        select(
            PurchaseOrder.id, Product.name, Supplier.name, Person.id, Person.name, Grant.reference,
            Fulfilment.account_masked, PurchaseOrder.state, PurchaseOrder.trouble, PurchaseOrder.created_at,
            PurchaseOrder.settled_at,
        )
        .join(Grant, Grant.id == PurchaseOrder.grant_id)
        .join(Person, Person.id == Grant.person_id)
        .join(Product, Product.id == PurchaseOrder.product_id)
        .outerjoin(Supplier, Supplier.id == PurchaseOrder.supplier_id)
        .outerjoin(
            Fulfilment,
            (Fulfilment.grant_id == PurchaseOrder.grant_id)
            & (Fulfilment.part == PurchaseOrder.part)
            & (Fulfilment.unit == PurchaseOrder.unit),
        )
        .order_by(PurchaseOrder.id.desc())
    )  # fmt: skip


def _top_ups(session: Session, wanted: Any, limit: int) -> tuple[TopUpRow, ...]:
    return tuple(TopUpRow(*row) for row in session.execute(wanted.limit(limit)))
