"""What pages say of a campaign is read by the heart while it is asked for, so that no settlement waits for it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.world import World
from welfare_desk.queries import claim_page
from welfare_desk.web import faces as kept
from welfare_desk.web.faces import Faces


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The campaigns read, by key number."""
    seen: list[int] = []

    def face(session: Any, *, key_number: int) -> Any:
        seen.append(key_number)
        return claim_page.campaign_face(session, key_number=key_number)

    monkeypatch.setattr(kept, "campaign_face", face)
    monkeypatch.setattr(kept, "FRESH_S", 0.0)
    return seen


def test_a_settlement_reads_what_nobody_knows_and_the_heart_the_rest(lite_world: World, reads: list[int]) -> None:
    product = lite_world.product()
    lite_world.stock(product, 1)
    _campaign, [grant] = lite_world.campaign(product, lite_world.people(1), reserved={product: 1})
    number, faces = grant >> 40, Faces(lite_world.ctx)
    for _settlement in range(3):
        assert faces.fresh(number, within=5.0).campaign is not None
    assert reads == [number]
    faces.keep_fresh()
    assert reads == [number, number]
    faces.keep_fresh()
    assert reads == [number, number]  # nobody asked since
