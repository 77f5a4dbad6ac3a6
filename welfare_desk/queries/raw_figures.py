"""The figures counted from raw rows: what rollups must equal, to the last unit.

A grant counts while it is open, and for ever once it was claimed: revoked and left ones that nobody claimed do not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, SQLColumnExpression, func, or_, select
from sqlalchemy.orm import Session

from welfare_desk.db.models.campaigns import Campaign, Grant
from welfare_desk.db.models.claims import Claim
from welfare_desk.domain.figures import QUARTER_MS, local_day, quarter

Key = tuple[str, int, int, str, int]
CHUNK = 500


def counted(session: Session) -> Counter[Key]:
    """(figure, campaign id, product id, department, bucket) → count, from grants and claims."""
    return _counted(session, or_(Grant.state == "open", Claim.grant_id.is_not(None)))


def of_unclaimed(session: Session, *, grant_ids: Iterable[int]) -> Counter[Key]:
    """What these grants add to the figures, whatever their state; claimed ones are left out."""
    ids = sorted(grant_ids)
    sums: Counter[Key] = Counter()
    for start in range(0, len(ids), CHUNK):
        chunk = ids[start : start + CHUNK]
        sums.update(_counted(session, Grant.id.in_(chunk), Claim.grant_id.is_(None)))
    return sums


def _counted(session: Session, *which: ColumnElement[bool]) -> Counter[Key]:
    """Rows are first counted per quarter of an hour by the database; no zone's day begins inside one."""
    session.flush()
    zones = dict(session.execute(select(Campaign.id, Campaign.timezone)).tuples())
    sums: Counter[Key] = Counter()
    for figure, moment in (("grants", Grant.created_at), ("reached", Grant.reached_at), ("claimed", Claim.at)):
        for campaign_id, product_id, department, start, count in _per_quarter(session, moment, which):
            day = local_day(start, zones[campaign_id])
            sums[figure, campaign_id, product_id, department, day] += count
            if figure == "claimed":
                sums["curve", campaign_id, product_id, "", quarter(start)] += count
    return sums


def _per_quarter(
    session: Session, moment: SQLColumnExpression[Any], which: Iterable[ColumnElement[bool]]
) -> list[tuple[int, int, str, int, int]]:
    keys = (Grant.campaign_id, Grant.product_id, Grant.department, moment - moment % QUARTER_MS)
    rows = select(*keys, func.count()).select_from(Grant).outerjoin(Claim, Claim.grant_id == Grant.id)
    found = session.execute(rows.where(moment.is_not(None), *which).group_by(*keys))
    return [(int(row[0]), int(row[1]), str(row[2]), int(row[3]), int(row[4])) for row in found]
