"""The figures counted from raw rows: what rollups must equal, to the last unit.

A grant counts in whatever state it is, so that a rate does not jump when somebody's link is revoked.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from sqlalchemy import SQLColumnExpression, func, select
from sqlalchemy.orm import Session

from welfare_desk.db.models.campaigns import Campaign, Grant
from welfare_desk.db.models.claims import Claim
from welfare_desk.domain.figures import QUARTER_MS, local_day, quarter

Key = tuple[str, int, int, str, int]


def counted(session: Session) -> Counter[Key]:
    """(figure, campaign id, product id, department, bucket) → count, from grants and claims.

    Rows are first counted per quarter of an hour by the database; no zone's day begins inside one.
    """
    session.flush()
    zones = dict(session.execute(select(Campaign.id, Campaign.timezone)).all())
    sums: Counter[Key] = Counter()
    for figure, moment in (("grants", Grant.created_at), ("reached", Grant.reached_at), ("claimed", Claim.at)):
        for campaign_id, product_id, department, start, count in _per_quarter(session, moment, figure == "claimed"):
            day = local_day(start, zones[campaign_id])
            sums[figure, campaign_id, product_id, department, day] += count
            if figure == "claimed":
                sums["curve", campaign_id, product_id, "", quarter(start)] += count
    return sums


def _per_quarter(
    session: Session, moment: SQLColumnExpression[Any], of_claims: bool
) -> list[tuple[int, int, str, int, int]]:
    keys = (Grant.campaign_id, Grant.product_id, Grant.department, moment - moment % QUARTER_MS)
    rows = select(*keys, func.count()).select_from(Grant).where(moment.is_not(None)).group_by(*keys)
    found = session.execute(rows.join(Claim, Claim.grant_id == Grant.id) if of_claims else rows)
    return [(int(row[0]), int(row[1]), str(row[2]), int(row[3]), int(row[4])) for row in found]
