"""Codes on the counter during one settlement: taken for the batch, handed out, the rest put back."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Row
from sqlalchemy.orm import Session

from welfare_desk.db import claim_sql
from welfare_desk.db.engine import is_sqlite
from welfare_desk.db.models.purchasing import NEVER_EXPIRES
from welfare_desk.queries import reservations
from welfare_desk.queries.claim_scene import Scene

PLACE_S = 5.0
_places: dict[tuple[str, int], tuple[tuple[int, int] | None, float]] = {}


@dataclass(slots=True)
class Shelf:
    """Taken codes by product. `limits`: how many units a short campaign may still have of a product."""

    codes: dict[int, deque[Row[Any]]] = field(default_factory=dict)
    limits: dict[tuple[int, int], int] = field(default_factory=dict)
    held: set[int] = field(default_factory=set)

    def missing(self, campaign_id: int, needs: Counter[int]) -> list[int]:
        """The products of which not enough is left for one more grant of that campaign."""
        return [product_id for product_id, count in needs.items()
                if len(self.codes.get(product_id, ())) < count
                or self.limits.get((campaign_id, product_id), count) < count]  # fmt: skip

    def held_by_others(self, product_id: int) -> bool:
        """Whether this product ran short only because other transactions hold units of it."""
        return product_id in self.held

    def take(self, campaign_id: int, product_id: int) -> Row[Any]:
        """Hands out one code; `missing` said that there is one."""
        if (campaign_id, product_id) in self.limits:
            self.limits[campaign_id, product_id] -= 1
        return self.codes[product_id].popleft()

    def give_back(self, connection: Connection) -> None:
        """Puts every code that nobody got back into stock."""
        left = [row.id for codes in self.codes.values() for row in codes]
        if left:
            claim_sql.give_back(connection, left)


def fill_shelf(session: Session, scene: Scene, grant_ids: Sequence[int]) -> Shelf:
    """Takes what the batch needs, product by product in ascending order."""
    shelf = Shelf()
    connection = session.connection()
    wanted: Counter[int] = Counter()
    campaigns = Counter(scene.grants[grant_id].campaign_id for grant_id in grant_ids)
    for campaign_id, grants in campaigns.items():
        for product_id, count in scene.rules[campaign_id].code_needs().items():
            wanted[product_id] += count * grants
    for product_id in sorted(wanted):
        _limit(session, scene, shelf, campaigns, product_id)
        rows = _take(connection, product_id, wanted[product_id], scene.now)
        shelf.codes[product_id] = deque(rows)
        if len(rows) < wanted[product_id] and claim_sql.free_remain(connection, product_id, scene.now):
            shelf.held.add(product_id)
    return shelf


def _take(connection: Connection, product_id: int, count: int, now: int) -> list[Row[Any]]:
    """Takes behind the place where the last take ended, and from the front when that does not give enough.

    On PostgreSQL used codes stay in the index until a vacuum; without the place every take would walk them all. The
    place is forgotten after five seconds, so that codes put back and batches that expire sooner come first again.
    """
    key = (str(connection.engine.url), product_id)
    place, until = _places.get(key, (None, 0.0))
    if place is None or is_sqlite(connection) or time.monotonic() > until or place[0] <= now:
        rows = claim_sql.take_codes(connection, product_id, count, now)
        until = time.monotonic() + PLACE_S
    else:
        rows = claim_sql.take_codes(connection, product_id, count, now, place)
        if len(rows) < count:
            rows += claim_sql.take_codes(connection, product_id, count - len(rows), now)
    if rows:
        _places[key] = (rows[-1].expires_at or NEVER_EXPIRES, rows[-1].id), until
    return rows


def _limit(session: Session, scene: Scene, shelf: Shelf, campaigns: Counter[int], product_id: int) -> None:
    """A short campaign takes first come from free units, never what other campaigns have reserved."""
    for campaign_id in sorted(campaigns):
        rivals = scene.rules[campaign_id].is_short(product_id) and reservations.others_keep(
            session, campaign_id, product_id, now=scene.now
        )
        if rivals:  # only then must settlements on this product take turns
            claim_sql.lock_reservations(session.connection(), product_id)
            shelf.limits[campaign_id, product_id] = reservations.left_for(
                session, campaign_id, product_id, now=scene.now
            )
