"""Proof of claims: every claim has its units, every unit its claim, every figure its rows."""

from __future__ import annotations

from collections import Counter
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from welfare_desk.db.models.claims import Rollup
from welfare_desk.domain.figures import day_of
from welfare_desk.queries import raw_figures
from welfare_desk.queries.reconcile_batches import Difference, rows_of

# kind → (grant, expected, found)
_CLAIMS = {
    "claim_missing": """SELECT f.grant_id, count(*), 0 FROM fulfilment f LEFT JOIN claim c ON c.grant_id = f.grant_id
        WHERE c.grant_id IS NULL GROUP BY f.grant_id""",
    "claim_without_units": """SELECT c.grant_id, 1, 0 FROM claim c LEFT JOIN fulfilment f ON f.grant_id = c.grant_id
        WHERE f.grant_id IS NULL""",
    "claim_of_no_grant": """SELECT c.grant_id, 1, 0 FROM claim c LEFT JOIN "grant" g ON g.id = c.grant_id
        WHERE g.id IS NULL""",
    "claim_of_other_campaign": """SELECT c.grant_id, 0, count(*) FROM claim c JOIN "grant" g ON g.id = c.grant_id
        LEFT JOIN fulfilment f ON f.grant_id = c.grant_id
        WHERE c.campaign_id <> g.campaign_id OR f.campaign_id <> c.campaign_id GROUP BY c.grant_id""",
    "claim_not_reached": """SELECT c.grant_id, 1, 0 FROM claim c JOIN "grant" g ON g.id = c.grant_id
        WHERE g.reached_at IS NULL""",
    "unit_without_code": """SELECT f.grant_id, count(*), count(k.id) FROM fulfilment f
        LEFT JOIN code k ON k.id = f.code_id WHERE f.state = 'revealed' OR f.code_id IS NOT NULL
        GROUP BY f.grant_id HAVING count(*) <> count(k.id)""",
    "top_up_without_order": """SELECT f.grant_id, count(*), 0 FROM fulfilment f LEFT JOIN purchase_order o
        ON o.grant_id = f.grant_id AND o.part = f.part AND o.unit = f.unit
        WHERE f.code_id IS NULL AND f.state <> 'revealed' AND o.id IS NULL GROUP BY f.grant_id""",
    "order_without_claim": """SELECT o.grant_id, count(*), 0 FROM purchase_order o LEFT JOIN fulfilment f
        ON f.grant_id = o.grant_id AND f.part = o.part AND f.unit = o.unit
        WHERE o.grant_id IS NOT NULL AND f.grant_id IS NULL GROUP BY o.grant_id""",
    "top_up_credited_differs": """SELECT f.grant_id, count(o.id), sum(CASE WHEN f.state = 'credited' THEN 1 ELSE 0 END)
        FROM fulfilment f LEFT JOIN purchase_order o ON o.grant_id = f.grant_id AND o.part = f.part
        AND o.unit = f.unit AND o.state = 'received' WHERE f.code_id IS NULL
        GROUP BY f.grant_id HAVING count(o.id) <> sum(CASE WHEN f.state = 'credited' THEN 1 ELSE 0 END)""",
}


def differences(session: Session) -> list[Difference]:
    """What does not add up between grants, claims, their units and the figures."""
    found = []
    for kind, statement in _CLAIMS.items():
        for grant_id, expected, there in rows_of(session, statement):
            subject = f"grant:{grant_id}"
            found.append(Difference(kind, int(expected), int(there), subject=subject, grant_id=int(grant_id)))
    return found + _figures(session)


def _figures(session: Session) -> list[Difference]:
    """Rollups, summed over writers, against the raw rows."""
    keys = (Rollup.figure, Rollup.campaign_id, Rollup.product_id, Rollup.department, Rollup.bucket)
    summed = select(*keys, func.sum(Rollup.value)).group_by(*keys)
    found: Counter[Any] = Counter({tuple(row[:5]): int(row[5]) for row in session.execute(summed)})
    raw = raw_figures.counted(session)
    return [
        Difference("rollup", raw[key], found[key], subject=_subject(*key), campaign_id=key[1], product_id=key[2])
        for key in sorted(set(raw) | set(found))
        if raw[key] != found[key]
    ]


def _subject(figure: str, campaign_id: int, _product_id: int, department: str, bucket: int) -> str:
    when = str(bucket) if figure == "curve" else day_of(bucket).isoformat()
    return ":".join(part for part in (figure, str(campaign_id), department, when) if part)
