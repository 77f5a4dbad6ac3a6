"""The figures counted from raw rows: what rollups must equal, to the last unit."""

from __future__ import annotations

from collections import Counter
from typing import Any

from sqlalchemy import Select, SQLColumnExpression, func, select
from sqlalchemy.orm import Session

from welfare_desk.db.models.campaigns import Campaign, Grant
from welfare_desk.db.models.claims import Claim
from welfare_desk.domain.figures import QUARTER_MS, local_day, quarter

Key = tuple[str, int, int, str, int]


def counted(session: Session) -> Counter[Key]:
    """(figure, campaign id, product id, department, bucket) → count, from grants and claims.

    Rows are first counted per quarter of an hour by the database; no zone's day begins inside one.
    """
    zones = dict(session.execute(select(Campaign.id, Campaign.timezone)).tuples())
    sums: Counter[Key] = Counter()
    for figure, rows in (
        ("grants", _per_quarter(Grant.created_at)),
        ("reached", _per_quarter(Grant.reached_at).where(Grant.reached_at.is_not(None))),
        ("claimed", _per_quarter(Claim.at).join(Claim, Claim.grant_id == Grant.id)),
    ):
        for campaign_id, product_id, department, start, count in session.execute(rows).tuples():
            day = local_day(start, zones[campaign_id])
            sums[figure, campaign_id, product_id, department, day] += count
            if figure == "claimed":
                sums["curve", campaign_id, product_id, "", quarter(start)] += count
    return sums


def _per_quarter(moment: SQLColumnExpression[Any]) -> Select[int, int, str, int, int]:
    start = moment - moment % QUARTER_MS
    keys = (Grant.campaign_id, Grant.product_id, Grant.department, start)
    return select(*keys, func.count()).select_from(Grant).group_by(*keys)
