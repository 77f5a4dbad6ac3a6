"""The columns of stock by product and of batches; counts only, never a code."""

from __future__ import annotations

from typing import Any

from welfare_desk.desktop.formats import day, moment, money, number
from welfare_desk.desktop.pages.words import kind_word, top_up_state, word_text, word_tone
from welfare_desk.desktop.table_model import Column
from welfare_desk.errors import WelfareError
from welfare_desk.i18n import _, error_text, language


def _kind_tone(_kind: str) -> str:
    return "info"


def top_up_columns() -> tuple[Column, ...]:
    """One line per top-up that was ordered when somebody claimed."""
    return (
        Column("at", _("Ordered at"), 140, show=moment),
        Column("product", _("Product"), 180),
        Column("person", _("Name"), 120),
        Column("reference", _("Reference code"), 125, mono=True),
        Column("account", _("Account"), 140, mono=True),
        Column("state", _("State"), 160, show=word_text, tone=word_tone),
        Column("note", _("Note"), 200),
    )


def top_up_row(top_up: Any) -> tuple[Any, ...]:
    """One top-up."""
    note = error_text(language(), WelfareError(top_up.trouble)) if top_up.trouble else ""
    return (
        top_up.created_at, top_up.product, top_up.person, top_up.reference, top_up.account_masked or "",
        top_up_state(top_up.state), note, top_up.person_id,
    )  # fmt: skip


def stock_columns() -> tuple[Column, ...]:
    """Stock by product."""
    return (
        Column("name", _("Product"), 260),
        Column("kind", _("Kind"), 110, show=kind_word, tone=_kind_tone),
        Column("in_stock", _("In stock"), 110, show=number, number=True),
        Column("free", _("Free"), 110, show=number, number=True),
        Column("reserved", _("Reserved"), 110, show=number, number=True),
        Column("issued", _("Issued"), 110, show=number, number=True),
        Column("expired", _("Expired"), 110, show=number, number=True),
        Column("key", _("Product key"), 200, mono=True),
    )


def stock_row(product: Any) -> tuple[Any, ...]:
    """One product with its stock."""
    counted = product.stock
    return (
        product.name, product.kind, counted.in_stock, counted.free, counted.reserved, counted.issued, counted.expired,
        product.product,
    )  # fmt: skip


def batch_columns() -> tuple[Column, ...]:
    """One line per lot that arrived."""
    return (
        Column("at", _("Arrived at"), 140, show=moment),
        Column("name", _("Product"), 135),
        Column("label", _("Batch"), 185, mono=True),
        Column("supplier", _("Supplier"), 90),
        Column("received", _("Arrived"), 70, show=number, number=True),
        Column("in_stock", _("In stock"), 75, show=number, number=True),
        Column("issued", _("Issued"), 70, show=number, number=True),
        Column("expired", _("Expired"), 70, show=number, number=True),
        Column("quarantined", _("Set aside"), 80, show=number, number=True),
        Column("paid", _("Paid"), 100, number=True),
        Column("expires", _("Use by"), 100, show=day),
    )


def batch_row(batch: Any) -> tuple[Any, ...]:
    """One lot that arrived."""
    return (
        batch.at, batch.name, batch.label, batch.supplier or "", batch.received, batch.in_stock, batch.issued,
        batch.expired, batch.quarantined, money(batch.total_minor, batch.currency), batch.expires_at, batch.id,
    )  # fmt: skip
