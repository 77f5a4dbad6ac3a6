"""Link sheets: minted by the service, readable by the asker alone."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from tests.support.mail import link_in, mail_sink
from tests.support.world import World, at_desk, open_world
from welfare_desk.db.models.campaigns import Grant
from welfare_desk.db.models.claims import Rollup
from welfare_desk.db.models.jobs import Job, JobRow, SentTest
from welfare_desk.db.models.operators import AuditEntry
from welfare_desk.db.models.shelf import Product
from welfare_desk.domain.plans import Audience, Plan
from welfare_desk.errors import NotFound, Refused, Unavailable
from welfare_desk.jobs import mint_sheet, runner
from welfare_desk.queries import jobs as job_queries
from welfare_desk.queries import sent_tests
from welfare_desk.services import grants, links, messages, settings

BASE = "https://claim.example.com"


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> Iterator[World]:
    made = open_world(database_url, tmp_path)
    made.ctx.write(settings.change, values={"public_url": BASE + "/"})
    yield made
    made.ctx.engine.dispose()


def rows(world: World, model: Any) -> list[Any]:
    return list(world.ctx.read(lambda session: session.scalars(select(model)).all()))


def asked(world: World, campaign_id: int) -> tuple[int, bytes]:
    """A desk asks and the service does it."""
    key = links.new_key()
    job_id = at_desk(world).write(links.ask_sheet, campaign_id=campaign_id, private_key=key)
    runner.run_once(world.ctx, job_id, deadline=time.monotonic() + 30)
    return job_id, key


def test_a_desk_opens_what_the_service_minted_for_it(world: World) -> None:
    people = world.people(2, department="总部/财务部") + world.people(1, department="总部/产品部")
    campaign_id, ids = world.campaign(world.product("top_up"), people)
    world.ctx.write(grants.replace, grant_id=ids[0])
    world.ctx.write(grants.revoke, grant_id=ids[1])
    job_id, key = asked(world, campaign_id)
    sheet = links.open_sheet(at_desk(world), job_id=job_id, private_key=key)
    assert (sheet.public_url, sheet.name, sheet.product) == (BASE, "中秋福利", "视频会员月卡")
    assert {row.grant_id for row in sheet.rows} == {ids[0], ids[2]}
    keys: Any = world.ctx.keys
    for row in sheet.rows:
        assert row.url == row.url.upper()
        link = keys.check_link(row.url.removeprefix("HTTPS://CLAIM.EXAMPLE.COM/C/"))
        assert (link.grant_id, link.version) == (row.grant_id, 1 if row.grant_id == ids[0] else 0)
        grant = next(grant for grant in rows(world, Grant) if grant.id == row.grant_id)
        assert (row.reference, row.department) == (grant.reference, grant.department)
    assert [row.department for row in sheet.rows] == sorted(row.department for row in sheet.rows)


def test_a_saved_sheet_reaches_its_people_and_is_forgotten(world: World) -> None:
    campaign_id, _ids = world.campaign(world.product("top_up"), world.people(3))
    job_id, key = asked(world, campaign_id)
    desk = at_desk(world)
    sheet = links.open_sheet(desk, job_id=job_id, private_key=key)
    assert all(grant.reached_at is None for grant in rows(world, Grant))
    links.finish_sheet(desk, job_id=job_id, sheet=sheet, by="exported")
    assert {(grant.reached_at, grant.reached_by) for grant in rows(world, Grant)} == {(world.clock.now(), "exported")}
    assert sum(row.value for row in rows(world, Rollup) if row.figure == "reached") == 3
    assert rows(world, JobRow) == []
    actions = [entry.action for entry in rows(world, AuditEntry)]
    assert {"job.mint_sheet", "links.exported"} <= set(actions)
    with pytest.raises(Refused) as gone:
        links.open_sheet(desk, job_id=job_id, private_key=key)
    assert gone.value.code == "sheet_gone"
    world.clock.moment += 1000
    again, key = asked(world, campaign_id)
    links.finish_sheet(desk, job_id=again, sheet=links.open_sheet(desk, job_id=again, private_key=key), by="printed")
    assert {grant.reached_by for grant in rows(world, Grant)} == {"exported"}  # reached once
    assert sum(row.value for row in rows(world, Rollup) if row.figure == "reached") == 3


def test_nobody_but_the_asker_can_open_a_sheet(world: World) -> None:
    campaign_id, _ids = world.campaign(world.product("top_up"), world.people(1))
    job_id, _key = asked(world, campaign_id)
    with pytest.raises(Refused) as refused:
        links.open_sheet(at_desk(world), job_id=job_id, private_key=links.new_key())
    assert refused.value.code == "seal_broken"
    [row] = rows(world, JobRow)
    token = links.link_url(world.ctx, BASE, rows(world, Grant)[0].id, 0).rpartition("/")[2].encode()
    everything = b"".join([row.sealed, *(str((job.params, job.result)).encode() for job in rows(world, Job))])
    assert token not in everything
    with pytest.raises(Unavailable):
        links.link_url(at_desk(world), BASE, rows(world, Grant)[0].id, 0)


def test_chunks_cannot_change_places(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links, "ROWS_PER_CHUNK", 2)
    campaign_id, _ids = world.campaign(world.product("top_up"), world.people(4))
    job_id, key = asked(world, campaign_id)
    assert len(links.open_sheet(world.ctx, job_id=job_id, private_key=key).rows) == 4
    first, second = rows(world, JobRow)

    def swap(_ctx: Any, session: Any) -> None:
        one, two = session.get(JobRow, (job_id, first.chunk)), session.get(JobRow, (job_id, second.chunk))
        one.sealed, two.sealed = two.sealed, one.sealed

    world.ctx.write(swap)
    with pytest.raises(Refused) as refused:
        links.open_sheet(world.ctx, job_id=job_id, private_key=key)
    assert refused.value.code == "seal_broken"


def test_sheets_that_nobody_fetches_are_deleted_after_an_hour(world: World) -> None:
    campaign_id, _ids = world.campaign(world.product("top_up"), world.people(1))
    asked(world, campaign_id)
    stop = threading.Event()
    stop.set()
    assert mint_sheet.sweep(world.ctx, stop) == 0
    world.clock.moment += links.KEPT_MS + 1
    assert mint_sheet.sweep(world.ctx, stop) == 1
    assert rows(world, JobRow) == []


@pytest.mark.logs
def test_a_sheet_of_an_unknown_campaign_has_no_rows(world: World) -> None:
    key = links.new_key()
    job_id = world.ctx.write(links.ask_sheet, campaign_id=1, private_key=key)
    runner.run_once(world.ctx, job_id, deadline=time.monotonic() + 30)
    with pytest.raises(NotFound):
        links.open_sheet(world.ctx, job_id=job_id, private_key=key)


def test_a_test_mail_carries_real_data_and_a_test_page(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    campaign_id, _ids = world.campaign(world.product("top_up"), world.people(1))
    with mail_sink() as sink:
        monkeypatch.setenv("WELFARE_DESK_SMTP", sink.address())
        job_id = at_desk(world).write(messages.request_test, to="me@example.com", campaign_id=campaign_id)
        runner.run_once(world.ctx, job_id, deadline=time.monotonic() + 30)
    state = world.ctx.read(job_queries.job, job_id=job_id)
    assert state is not None
    assert (state.state, state.result) == ("done", {"to": "me@example.com"})
    [mail] = sink.mails
    assert mail["To"] == "me@example.com"
    assert "测试" in mail["Subject"]
    body = mail.get_body(("plain",))
    assert body is not None
    assert "员工1" in body.get_content()
    assert link_in(mail).startswith("HTTPS://CLAIM.EXAMPLE.COM/S/")
    assert all(grant.reached_at is None for grant in rows(world, Grant))


def test_a_test_mail_of_a_plan_opens_its_page_before_there_is_a_campaign(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    product = world.product("coupon")
    key = world.ctx.read(lambda session: session.get_one(Product, product).key)
    now = world.clock.now()
    plan = Plan("春节福利", key, Audience("all"), now + 1, now + 2, quantity=2)
    with mail_sink() as sink:
        monkeypatch.setenv("WELFARE_DESK_SMTP", sink.address())
        job_id = at_desk(world).write(messages.request_test, to="me@example.com", plan=plan)
        runner.run_once(world.ctx, job_id, deadline=time.monotonic() + 30)
    [kept] = rows(world, SentTest)
    assert link_in(sink.mails[0]).endswith(f"/S/{kept.token}")
    face = world.ctx.read(sent_tests.sent_test, token=kept.token, now=now)
    assert face is not None
    assert (face.name, face.parts[0].kind, face.parts[0].quantity) == ("春节福利", "coupon", 2)


@pytest.mark.logs
def test_a_test_mail_says_why_it_could_not_be_sent(world: World) -> None:
    world.campaign(world.product("top_up"), world.people(1))
    job_id = world.ctx.write(messages.request_test, to="me@example.com")
    runner.run_once(world.ctx, job_id, deadline=time.monotonic() + 30)
    state = world.ctx.read(job_queries.job, job_id=job_id)
    assert state is not None
    assert (state.state, (state.error or {}).get("code")) == ("failed", "mail_not_configured")
    with pytest.raises(Refused) as refused:
        world.ctx.write(messages.request_test, to="nobody")
    assert refused.value.field == "to"
