"""Proof of money: every transaction sums to zero, and every line is the one its claim, order or batch calls for."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from sqlalchemy.orm import Session

from welfare_desk.queries.reconcile_batches import Difference, rows_of


@dataclass(frozen=True, slots=True)
class BudgetLine:
    """One campaign in minor units: committed at launch, its account, and what its claims and units say they cost."""

    campaign: str
    name: str
    committed_minor: int
    account_minor: int
    claims_minor: int
    units_minor: int
    currency: str


_BUDGETS = """SELECT c.id, c.key, c.name, c.cost_minor,
    coalesce((SELECT sum(l.amount_minor) FROM ledger_entry l
        WHERE l.account = 'campaign:' || cast(c.id AS varchar(20))), 0),
    coalesce((SELECT sum(m.cost_minor) FROM claim m WHERE m.campaign_id = c.id), 0),
    coalesce(u.cost, 0), c.currency
    FROM campaign c LEFT JOIN (SELECT campaign_id, sum(cost_minor) AS cost FROM fulfilment GROUP BY campaign_id) u
    ON u.campaign_id = c.id ORDER BY c.key"""

_UNBALANCED = """SELECT subject, sum(amount_minor) FROM ledger_entry WHERE transaction_id IN
    (SELECT transaction_id FROM ledger_entry GROUP BY transaction_id, currency HAVING sum(amount_minor) <> 0)
    GROUP BY transaction_id, subject"""

# What the rows of claims, orders and batches call for in the ledger: (subject, account, currency, amount).
_DUE = """SELECT 'grant:' || cast(f.grant_id AS varchar(20)) AS subject,
        'campaign:' || cast(f.campaign_id AS varchar(20)) AS account, b.currency, f.cost_minor AS due, 0 AS booked
        FROM fulfilment f JOIN code k ON k.id = f.code_id JOIN batch b ON b.id = k.batch_id
    UNION ALL SELECT 'grant:' || cast(f.grant_id AS varchar(20)), 'stock:' || cast(f.product_id AS varchar(20)),
        b.currency, -f.cost_minor, 0 FROM fulfilment f JOIN code k ON k.id = f.code_id JOIN batch b ON b.id = k.batch_id
    UNION ALL SELECT 'order:' || cast(o.id AS varchar(20)), 'campaign:' || cast(f.campaign_id AS varchar(20)),
        o.currency, o.total_minor, 0 FROM purchase_order o JOIN fulfilment f
        ON f.grant_id = o.grant_id AND f.part = o.part AND f.unit = o.unit WHERE o.state = 'received'
    UNION ALL SELECT 'order:' || cast(o.id AS varchar(20)), 'supplier:' || cast(o.supplier_id AS varchar(20)),
        o.currency, -o.total_minor, 0 FROM purchase_order o WHERE o.grant_id IS NOT NULL AND o.state = 'received'
    UNION ALL SELECT 'batch:' || cast(b.id AS varchar(20)), 'stock:' || cast(b.product_id AS varchar(20)),
        b.currency, b.total_minor, 0 FROM batch b
    UNION ALL SELECT 'batch:' || cast(b.id AS varchar(20)), CASE WHEN o.supplier_id IS NULL
        THEN 'import:' || cast(b.id AS varchar(20)) ELSE 'supplier:' || cast(o.supplier_id AS varchar(20)) END,
        b.currency, -b.total_minor, 0 FROM batch b LEFT JOIN purchase_order o ON o.id = b.order_id"""
_LEDGER = f"""SELECT subject, account, currency, sum(due), sum(booked) FROM ({_DUE}
    UNION ALL SELECT subject, account, currency, 0, amount_minor FROM ledger_entry) lines
    GROUP BY subject, account, currency HAVING sum(due) <> sum(booked) ORDER BY subject, account"""

_STOCK = """SELECT p.id, p.key, coalesce(k.cost, 0), coalesce(l.amount, 0) FROM product p
    LEFT JOIN (SELECT product_id, sum(cost_minor) AS cost FROM code WHERE state IN ('stock', 'quarantined')
        GROUP BY product_id) k ON k.product_id = p.id
    LEFT JOIN (SELECT account, sum(amount_minor) AS amount FROM ledger_entry WHERE account LIKE 'stock:%'
        GROUP BY account) l ON l.account = 'stock:' || cast(p.id AS varchar(20))
    WHERE coalesce(k.cost, 0) <> coalesce(l.amount, 0)"""

_UNITS = """SELECT f.grant_id, k.batch_id, sum(k.cost_minor), sum(f.cost_minor) FROM fulfilment f
    JOIN code k ON k.id = f.code_id WHERE k.cost_minor <> f.cost_minor GROUP BY f.grant_id, k.batch_id"""
_TOP_UPS = """SELECT f.grant_id, sum(o.total_minor), sum(f.cost_minor) FROM fulfilment f JOIN purchase_order o
    ON o.grant_id = f.grant_id AND o.part = f.part AND o.unit = f.unit AND o.state = 'received'
    WHERE o.total_minor <> f.cost_minor GROUP BY f.grant_id"""
_CLAIMS = """SELECT c.grant_id, coalesce(sum(f.cost_minor), 0), c.cost_minor FROM claim c
    LEFT JOIN fulfilment f ON f.grant_id = c.grant_id GROUP BY c.grant_id, c.cost_minor
    HAVING coalesce(sum(f.cost_minor), 0) <> c.cost_minor"""


def budgets(session: Session) -> tuple[dict[int, BudgetLine], list[Difference]]:
    """Every campaign's account by campaign id, and those that differ from what the claims cost."""
    lines = {}
    wrong = []
    for campaign_id, key, name, committed, account, claims, units, currency in rows_of(session, _BUDGETS):
        line = BudgetLine(key, name, int(committed), int(account), int(claims), int(units), currency)
        lines[int(campaign_id)] = line
        if not line.account_minor == line.claims_minor == line.units_minor:
            found = line.account_minor if line.account_minor != line.units_minor else line.claims_minor
            wrong.append(Difference("campaign_account", line.units_minor, found, subject=f"campaign:{key}",
                                    campaign_id=int(campaign_id)))  # fmt: skip
    return lines, wrong


def differences(session: Session) -> list[Difference]:
    """What does not add up in the ledger and in costs."""
    found = [_of_subject("ledger_unbalanced", subject, 0, int(amount))
             for subject, amount in rows_of(session, _UNBALANCED)]  # fmt: skip
    found += [_of_subject("ledger_line", subject, int(due), int(booked), account)
              for subject, account, _currency, due, booked in rows_of(session, _LEDGER)]  # fmt: skip
    found += [Difference("stock_account", int(due), int(booked), subject=f"product:{key}", product_id=int(product_id))
              for product_id, key, due, booked in rows_of(session, _STOCK)]  # fmt: skip
    found += [Difference("unit_cost", int(due), int(there), batch=int(batch), subject=f"grant:{grant_id}")
              for grant_id, batch, due, there in rows_of(session, _UNITS)]  # fmt: skip
    for kind, statement in (("top_up_cost", _TOP_UPS), ("claim_cost", _CLAIMS)):
        found += [Difference(kind, int(due), int(there), subject=f"grant:{grant_id}", grant_id=int(grant_id))
                  for grant_id, due, there in rows_of(session, statement)]  # fmt: skip
    return found


def _of_subject(kind: str, subject: str, expected: int, found: int, account: str = "") -> Difference:
    """A ledger difference; its batch follows from the subject, else from the account."""
    numbers: defaultdict[str, int | None] = defaultdict(lambda: None)
    for name in (account, subject):
        noun, _colon, number = name.partition(":")
        if number.lstrip("-").isdigit():
            numbers[noun] = int(number)
    shown = f"{subject} {account}".strip()
    return Difference(kind, expected, found, batch=numbers["batch"], subject=shown, grant_id=numbers["grant"],
                      product_id=numbers["stock"], campaign_id=numbers["campaign"])  # fmt: skip
