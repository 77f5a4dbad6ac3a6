"""What every supplier connector offers and what its answers mean.

The rule that everything else rests on: only an answer from the protocol's closed list of refusals is
`Rejected`; a failure before the first byte is `NotSent`; anything else after it is `OutcomeUnknown`, and
an unknown order is asked about, never sent again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, Protocol

from welfare_desk.errors import WelfareError

OfferKind = Literal["card_secret", "top_up", "coupon", "link"]
AccountKind = Literal["phone", "email", "qq", "text"]
OrderState = Literal["waiting", "processing", "success", "cancelled", "refunded", "not_found"]


@dataclass(frozen=True, slots=True)
class ConfigShape:
    """What a kind of supplier must be told; `secret` fields are stored sealed and never shown."""

    required: tuple[str, ...]
    optional: tuple[str, ...]
    secret: tuple[str, ...]
    currency: str


KINDS: dict[str, ConfigShape] = {
    "kasushou": ConfigShape(("url", "user_id", "key"), ("timeout_seconds",), ("key",), "CNY"),
}


class SupplierError(WelfareError):
    """Anything that went wrong between us and a supplier."""

    http_status = 502


class Rejected(SupplierError):
    """The supplier refused, by a refusal of its closed list: nothing was bought."""


class OutcomeUnknown(SupplierError):
    """The request left us and no answer we understand came back: it may or may not have had its effect."""


class NotSent(SupplierError):
    """No byte reached the supplier: trying again is safe."""


class Misconfigured(SupplierError):
    """Address, account or key is wrong: nothing was bought, and nothing will be until it is mended."""

    http_status = 400


@dataclass(frozen=True, slots=True)
class AccountField:
    """The one thing a person types for a top-up: the supplier's label for it, and what it is."""

    label: str
    kind: AccountKind


@dataclass(frozen=True, slots=True)
class Offer:
    """One line of a catalogue. Prices are minor units per piece; None means that the supplier does not say."""

    ref: str
    name: str
    kind: OfferKind
    price_minor: int
    currency: str
    face_value_minor: int | None = None
    stock: int | None = None
    min_quantity: int = 1
    max_quantity: int | None = None
    on_sale: bool = True
    account_field: AccountField | None = None


@dataclass(frozen=True, slots=True)
class Balance:
    """What is left at the supplier to order for."""

    available_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class Placed:
    """An accepted order; accepted is not delivered. `total_minor` is None when the supplier does not say."""

    supplier_no: str
    total_minor: int | None


@dataclass(frozen=True, slots=True)
class Card:
    """One unit as the supplier delivered it. `number` may be empty; `secret` never is."""

    number: str
    secret: str

    def __repr__(self) -> str:
        """Say nothing: a card that lands in a log or a traceback must not give its secret away."""
        return "Card(…)"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What the supplier says about one order now. It may say something else tomorrow."""

    state: OrderState
    supplier_no: str = ""
    total_minor: int | None = None
    refunded_minor: int = 0
    cards: tuple[Card, ...] = ()
    hint: str = ""


class Supplier(Protocol):
    """One configured account at one supplier."""

    def check(self) -> Balance:
        """Prove that address, account and key work, and give the balance."""

    def catalogue(self) -> Iterator[tuple[Offer, ...]]:
        """Give the whole catalogue page by page."""

    def place(
        self, order_key: str, offer_ref: str, quantity: int, price_ceiling_minor: int, account: str | None = None
    ) -> Placed:
        """Order once under `order_key`; `price_ceiling_minor` is the highest price per piece we accept.

        `account` is where a top-up goes, as the person typed it.
        """

    def query(self, order_key: str, *, quantity: int = 1) -> Snapshot:
        """Ask what became of an order; `quantity` bounds how long the answer may be."""

    def close(self) -> None:
        """Let go of connections."""
