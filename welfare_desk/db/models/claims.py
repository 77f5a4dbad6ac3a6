"""The act of claiming, what it bound, and where every cent went.

The hot rows refer to grant and code by foreign key; campaign and product follow from those and carry none, because
every check would lock the one campaign row that all claims share.
"""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from welfare_desk.db.models.base import Base

UNFINISHED = text("state IN ('crediting','failed','unknown')")


class Claim(Base):
    """A grant was claimed, once. `via`: page or operator."""

    __tablename__ = "claim"
    grant_id: Mapped[int] = mapped_column(ForeignKey("grant.id"), primary_key=True, autoincrement=False)
    campaign_id: Mapped[int]
    at: Mapped[int]
    via: Mapped[str]
    cost_minor: Mapped[int]
    __table_args__ = (Index(None, "campaign_id", "at"), Index(None, "at"))


class Fulfilment(Base):
    """One unit of what a claim gives: a code bound for ever, or a top-up.

    `part` is the position in the bundle (0 otherwise), `unit` counts within the quantity. `state`: revealed,
    crediting, credited, failed, unknown. A code has at most one fulfilment, a grant's pick at most one code.
    """

    __tablename__ = "fulfilment"
    __table_args__ = (
        UniqueConstraint("code_id"),
        CheckConstraint("state IN ('revealed','crediting','credited','failed','unknown')", name="state"),
        Index(None, "product_id"),
        Index("ix_fulfilment_unfinished", "campaign_id", sqlite_where=UNFINISHED, postgresql_where=UNFINISHED),
    )
    grant_id: Mapped[int] = mapped_column(ForeignKey("claim.grant_id"), primary_key=True, autoincrement=False)
    part: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    unit: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    campaign_id: Mapped[int]
    product_id: Mapped[int]
    code_id: Mapped[int | None] = mapped_column(ForeignKey("code.id"))
    state: Mapped[str]
    account_masked: Mapped[str | None]
    cost_minor: Mapped[int]
    changed_at: Mapped[int]


class LedgerEntry(Base):
    """One line of a double entry: lines of a transaction sum to zero, rows are never changed.

    Accounts: `stock:<product id>`, `supplier:<supplier id>`, `campaign:<campaign id>`. `subject` names the cause:
    `batch:<id>`, `grant:<id>`, `order:<id>`.
    """

    __tablename__ = "ledger_entry"
    __table_args__ = (Index(None, "account"), Index(None, "subject"))
    transaction_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    line: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[int]
    account: Mapped[str]
    subject: Mapped[str]
    amount_minor: Mapped[int]
    currency: Mapped[str]


class Rollup(Base):
    """A figure summed as it happens, keyed so that writers do not meet; readers sum over `writer`.

    `figure`: grants, reached, claimed (bucket = local day yyyymmdd of the campaign's zone, with department) or
    curve (bucket = UTC quarter of an hour in epoch milliseconds, department empty).
    """

    __tablename__ = "rollup"
    figure: Mapped[str] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    product_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    department: Mapped[str] = mapped_column(primary_key=True)
    bucket: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    writer: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    value: Mapped[int]
