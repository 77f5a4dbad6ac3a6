"""The page of a test send: what people would see, marked all over, consuming nothing."""

from __future__ import annotations

from sqlalchemy import select

from tests.web.scenes import PHONE, Stage, all_scenes
from tests.web.site import Site
from tests.web.tables import everything
from welfare_desk.db.models.jobs import SentTest
from welfare_desk.queries import sent_tests as faces
from welfare_desk.services import sent_tests

DAY = 24 * 3_600_000


def test_claiming_there_shows_a_sample_and_changes_nothing(site: Site) -> None:
    world = site.world
    card, call = world.product(), world.product("top_up", account="phone")
    world.stock(card, 1)
    bundle = world.bundle([(card, 1), (call, 1)])
    _campaign, grants = world.campaign(bundle, world.people(1), reserved={card: 1})
    face = world.ctx.read(faces.face_of_grant, grant_id=grants[0])
    assert face is not None
    url = world.ctx.write(sent_tests.start_sent_test, address=site.address, face=face)
    before = everything(world)
    look = site.look(url)
    assert (look.state, sorted(look.visible), look.codes) == ("test", ["account", "identity"], [])
    asked = site.post(url, identity="whoever", account=PHONE)
    assert (asked.state, asked.visible) == ("test", [])
    shown = site.post(url, **asked.hidden)
    assert (shown.state, shown.codes) == ("test", ["TEST-0000-0000"])
    assert not [secret for secret in world.codes if secret in shown.text]
    for page in (look, asked, shown):
        assert "测试：" in page.text
        assert "background-image" in page.text
    assert site.post(url, identity="x", show="report", send="1", problem="used").state == "test"
    assert everything(world) == before


def test_no_page_behind_a_token_nobody_made_nor_after_two_weeks(site: Site) -> None:
    scene = all_scenes(site)["sent_test"]
    assert site.look(scene.url.lower()).state == "test"
    for token in ("A" * 20, "", "A" * 19, "' OR 1=1 --"):
        assert site.look(f"{site.address}/S/{token}").state == "unknown"
    site.world.clock.moment += 15 * DAY
    assert site.look(scene.url).state == "unknown"
    _campaign, grant, _number = Stage(site).grant(site.world.product())
    face = site.world.ctx.read(faces.face_of_grant, grant_id=grant)
    assert face is not None
    site.world.ctx.write(sent_tests.start_sent_test, address=site.address, face=face)
    kept = site.world.ctx.read(lambda session: list(session.scalars(select(SentTest))))
    assert len(kept) == 1
