"""The demo company is true to itself: everything adds up, and it never mixes with real people."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import func, select

from tests.support.demo_desk import make_demo, open_demo
from tests.support.world import open_world
from welfare_desk.db.models.people import Person
from welfare_desk.db.models.shelf import Product
from welfare_desk.domain import demo_story
from welfare_desk.errors import Refused, Unavailable
from welfare_desk.queries import campaigns, reports, settings
from welfare_desk.queries.reconcile import reconcile
from welfare_desk.services import demo


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_the_demo_company_reconciles(tmp_path: Path, language: str) -> None:
    ctx = open_demo(make_demo(tmp_path / "demo", language))
    try:
        now = ctx.clock.now()
        assert ctx.read(reconcile, now=now).differences == ()
        shared = ctx.read(settings.shared)
        assert (shared["demo"], shared["company_name"]) == (True, demo_story.COMPANY[language])
        phases = [row.phase for row in ctx.read(campaigns.campaigns, now=now)]
        assert sorted(phases) == ["ended", "ended", "ended", "open"]
        assert ctx.read(lambda session: session.scalar(select(func.count()).select_from(Person))) == 40
        assert ctx.read(lambda session: session.scalar(select(func.count()).select_from(Product))) == 6
        total = ctx.read(reports.totals)
        assert 80 < total.claimed < total.reached < total.grants == 160
        with pytest.raises(Unavailable):
            demo.load(ctx)
    finally:
        ctx.engine.dispose()


def test_demo_data_loads_on_either_database(database_url: str, tmp_path: Path) -> None:
    world = open_world(database_url, tmp_path)
    try:
        demo.load(world.ctx)
        assert world.ctx.read(reconcile, now=world.clock.now()).ok
        with pytest.raises(Refused, match="demo_not_empty"):
            demo.load(world.ctx)
    finally:
        world.ctx.engine.dispose()
