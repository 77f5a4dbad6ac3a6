"""The outbox against a real mail server: per person, at least once, never silently lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from tests.support.mail import Sink, link_in, mail_sink
from tests.support.processes import ROOT, clean_environment, free_port
from tests.support.waiting import wait_until
from tests.support.world import HOUR, World, at_desk, open_world
from welfare_desk.db.models.campaigns import Campaign, Grant, Message
from welfare_desk.db.models.claims import Rollup
from welfare_desk.db.models.operators import AuditEntry, Setting
from welfare_desk.db.models.people import Person
from welfare_desk.db.models.shelf import Product
from welfare_desk.domain.plans import Audience, Plan
from welfare_desk.errors import Refused
from welfare_desk.jobs.send_messages import deliver
from welfare_desk.queries import messages as outbox
from welfare_desk.services import campaigns, grants, launching, mail_settings, messages, processes, settings

BASE = "http://10.0.0.5:8080"


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> Iterator[World]:
    made = open_world(database_url, tmp_path)
    made.ctx.write(settings.change, values={"public_url": BASE, "company_name": "星河科技", "hr_contact": "王芳 8001"})
    yield made
    made.ctx.engine.dispose()


@pytest.fixture
def sink(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sink]:
    with mail_sink() as made:
        monkeypatch.setenv("WELFARE_DESK_SMTP", made.address())
        yield made


def launch(world: World, people: int = 3, **changed: Any) -> int:
    product = world.product("top_up")
    world.people(people)
    key = world.ctx.read(lambda session: session.get_one(Product, product).key)
    now = world.clock.now()
    values: dict[str, Any] = {"channels": ("email",), "message": "感谢一年的付出 <3"} | changed
    plan = Plan("中秋福利", key, Audience("all"), now - HOUR, now + 24 * HOUR, **values)
    return launching.launch(world.ctx, plan=plan, again=True).campaign_id


def rows(world: World, model: Any) -> list[Any]:
    return list(world.ctx.read(lambda session: session.scalars(select(model)).all()))


def states(world: World) -> Counter[str]:
    return Counter(message.state for message in rows(world, Message))


def reached(world: World) -> int:
    return sum(row.value for row in rows(world, Rollup) if row.figure == "reached")


def drain(world: World) -> None:
    """Sends until nothing is due any more."""
    while deliver(world.ctx).tried:
        pass


def test_every_person_gets_their_own_link_once(world: World, sink: Sink) -> None:
    launch(world, 60)
    drain(world)
    assert states(world) == {"sent": 60}
    assert sorted(sink.recipients()) == sorted(f"p{n}@example.com" for n in range(1, 61))
    keys: Any = world.ctx.keys
    by_person = {grant.person_id: grant for grant in rows(world, Grant)}
    people = {person.email: person.id for person in rows(world, Person)}
    for mail in sink.mails:
        token = link_in(mail).removeprefix(f"{BASE}/C/".upper())
        assert keys.check_link(token).grant_id == by_person[people[str(mail["To"])]].id
    assert all((grant.reached_at, grant.reached_by) == (world.clock.now(), "email") for grant in by_person.values())
    assert reached(world) == 60
    drain(world)
    assert len(sink.mails) == 60


def test_a_mail_says_what_from_whom_and_whom_to_ask(world: World, sink: Sink) -> None:
    launch(world, 1)
    drain(world)
    [mail] = sink.mails
    assert mail["Subject"] == "星河科技请您领取：中秋福利"
    text, html = (mail.get_body((kind,)).get_content() for kind in ("plain", "html"))  # type: ignore[union-attr]
    [grant] = rows(world, Grant)
    shown = f"{grant.reference[:4]}-{grant.reference[4:]}"
    for body in (text, html):
        for word in ("员工1", "视频会员月卡", "王芳 8001", shown, "工号", "Asia/Shanghai"):
            assert word in body
    assert "感谢一年的付出 <3" in text
    assert "感谢一年的付出 &lt;3" in html
    token = link_in(mail).rpartition("/")[2]
    assert token not in str(mail["Subject"]) + str(mail["Message-ID"])


def test_mails_speak_english_where_the_company_does(world: World, sink: Sink) -> None:
    world.ctx.write(settings.change, values={"language": "en"})
    launch(world, 1, verify="none")
    drain(world)
    body = sink.mails[0].get_body(("plain",))
    assert body is not None
    assert "Claim window" in body.get_content()
    assert "employee number" not in body.get_content()


def test_a_refused_address_fails_alone_and_a_deferred_one_waits(world: World, sink: Sink) -> None:
    campaign = launch(world, 4)
    sink.answers["p1@example.com"] = "550 5.1.1 no such user"
    sink.answers["p2@example.com"] = "450 4.2.0 come back"
    drain(world)
    assert states(world) == {"sent": 2, "failed": 1, "queued": 1}
    progress = world.ctx.read(outbox.progress, campaign_id=campaign)
    assert (progress.sent, progress.failed, progress.queued) == (2, 1, 1)
    [failed] = world.ctx.read(outbox.messages, campaign_id=campaign, state="failed")
    assert (failed.trouble, failed.name) == ("recipient_refused", "员工1")
    assert failed.detail.startswith("550 5.1.1")
    assert reached(world) == 2
    sink.answers.clear()
    world.clock.moment += messages.RETRY_MS[0]
    drain(world)
    assert states(world) == {"sent": 3, "failed": 1}
    assert world.ctx.write(messages.retry_failed, campaign_id=campaign) == 1
    drain(world)
    assert states(world) == {"sent": 4}


def test_what_is_deferred_for_ever_fails_in_the_end(world: World, sink: Sink) -> None:
    launch(world, 1)
    sink.answers["p1@example.com"] = "450 never"
    for _attempt in range(messages.MOST_ATTEMPTS):
        drain(world)
        world.clock.moment += messages.RETRY_MS[-1]
        world.ctx.write(lambda _ctx, session: session.execute(update(Campaign).values(closes_at=32_000_000_000_000)))
    assert states(world) == {"failed": 1}


def test_a_server_that_is_away_loses_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    launch(world, 3)
    port = free_port()
    monkeypatch.setenv("WELFARE_DESK_SMTP", f"smtp://127.0.0.1:{port}?from=hr@example.com")
    first, second = deliver(world.ctx), deliver(world.ctx)
    assert first.rest_s >= 1
    assert states(world) == {"queued": 3}
    state = world.ctx.read(outbox.mail_server)
    assert (state.trouble, state.trouble_at) == ("mail_server_away", world.clock.now())
    assert second.tried == 0
    with mail_sink() as sink:
        monkeypatch.setenv("WELFARE_DESK_SMTP", sink.address())
        world.clock.moment += 60_000
        drain(world)
        assert len(sink.mails) == 3
    assert all(message.attempts == 1 for message in rows(world, Message))
    assert world.ctx.read(outbox.mail_server).trouble is None


def test_without_a_mail_server_messages_wait_and_the_desk_is_told(world: World) -> None:
    launch(world, 2)
    assert deliver(world.ctx).rest_s > 0
    assert states(world) == {"queued": 2}
    noted = world.ctx.read(lambda session: session.get_one(Setting, outbox.TROUBLE_KEY).value)
    assert noted["code"] == "mail_not_configured"


def test_suspected_spam_stops_the_batch(world: World, sink: Sink) -> None:
    launch(world, 5)
    sink.data_answers.update({f"p{n}@example.com": "554 5.7.1 spam" for n in range(1, 6)})
    deliver(world.ctx)
    assert Counter(message.attempts for message in rows(world, Message)) == {0: 4, 1: 1}
    assert world.ctx.read(outbox.mail_server).trouble == "mail_policy_refused"


@pytest.mark.logs
def test_a_message_that_breaks_the_sender_neither_repeats_nor_blocks_others(world: World, sink: Sink) -> None:
    launch(world, 3)
    broken = min(message.id for message in rows(world, Message)) + 1
    world.ctx.write(
        lambda _ctx, session: session.execute(update(Message).where(Message.id == broken).values(template="nothing"))
    )
    deliver(world.ctx)
    world.clock.moment += 10_000
    drain(world)
    assert (len(sink.mails), states(world)) == (2, {"sent": 2, "queued": 1})


def test_who_may_not_claim_any_more_gets_no_mail(world: World, sink: Sink) -> None:
    launch(world, 3)
    first, second, _third = rows(world, Grant)
    world.ctx.write(grants.revoke, grant_id=first.id)
    world.ctx.write(lambda _ctx, session: setattr(session.get_one(Grant, second.id), "state", "left"))
    drain(world)
    assert sorted(message.trouble or "" for message in rows(world, Message)) == ["", "left", "revoked"]
    assert len(sink.mails) == 1


def test_a_paused_campaign_waits_and_an_ended_one_is_skipped(world: World, sink: Sink) -> None:
    campaign = launch(world, 2)
    world.ctx.write(campaigns.pause, campaign_id=campaign)
    drain(world)
    assert states(world) == {"queued": 2}
    world.ctx.write(campaigns.resume, campaign_id=campaign)
    end = rows(world, Campaign)[0].closes_at
    world.clock.moment = end
    drain(world)
    assert states(world) == {"skipped": 2}
    world.ctx.write(campaigns.extend, campaign_id=campaign, closes=end + HOUR)
    drain(world)
    assert (states(world), len(sink.mails)) == ({"sent": 2}, 2)


def test_demo_data_never_leaves(world: World, sink: Sink) -> None:
    world.ctx.write(settings.change, values={"demo": True})
    launch(world, 2)
    drain(world)
    assert (states(world), sink.mails, reached(world)) == ({"skipped": 2}, [], 0)
    with pytest.raises(Refused) as refused:
        world.ctx.write(messages.request_test, to="me@example.com")
    assert refused.value.code == "demo_sends_nothing"


def test_a_link_replaced_while_its_mail_waits_is_sent_in_its_newest_version(world: World, sink: Sink) -> None:
    launch(world, 1)
    [grant] = rows(world, Grant)
    world.ctx.write(grants.replace, grant_id=grant.id)
    drain(world)
    [mail] = sink.mails
    keys: Any = world.ctx.keys
    assert keys.check_link(link_in(mail).rpartition("/")[2]).version == 1


def test_correcting_an_address_sends_the_same_link_there(world: World, sink: Sink) -> None:
    launch(world, 1)
    sink.answers["p1@example.com"] = "550 no"
    drain(world)
    world.ctx.write(lambda _ctx, session: session.execute(update(Person).values(email="right@example.com")))
    [grant] = rows(world, Grant)
    world.ctx.write(grants.resend, grant_id=grant.id)
    drain(world)
    world.ctx.write(grants.resend, grant_id=grant.id)
    drain(world)
    assert sink.recipients() == ["right@example.com"] * 2
    assert len({link_in(mail) for mail in sink.mails}) == 1
    assert states(world) == {"skipped": 1, "sent": 2}


def test_what_a_dead_process_took_is_sent_by_the_next_one(world: World, sink: Sink) -> None:
    launch(world, 3)
    taken = world.ctx.write(messages.take)
    assert world.ctx.write(messages.step, ended=None, following=taken[0], waiting=taken[1:]) is not None
    drain(world)
    assert len(sink.mails) == 3


def test_what_another_living_process_took_is_left_alone(world: World, sink: Sink) -> None:
    for _process in range(2):
        world.ctx.write(processes.register, role="jobs")
    launch(world, 3)
    taken = world.ctx.write(messages.take, limit=2)
    drain(world)
    assert len(sink.mails) == 1
    world.clock.moment += messages.WAITING_MS + 1
    assert world.ctx.write(messages.step, ended=None, following=taken[0]) is None


KILLED = """
import sys
from pathlib import Path
from tests.support.world import MovedClock
from welfare_desk.context import AppContext
from welfare_desk.db.engine import open_engine
from welfare_desk.jobs.send_messages import deliver
from welfare_desk.security import keystore
folder, url, moment = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
keys = keystore.open_store(folder / "keys", "correct horse")
ctx = AppContext(engine=open_engine(url), data=folder, clock=MovedClock(moment), keys=keys, writer=2)
while deliver(ctx).tried:
    pass
"""


@pytest.mark.parametrize("killed_at", [1, 5])
def test_a_kill_between_data_and_record_repeats_one_mail_at_most(
    world: World, sink: Sink, tmp_path: Path, killed_at: int
) -> None:
    launch(world, 8)
    address = world.ctx.engine.url.render_as_string(hide_password=False)
    said = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(tmp_path), address, str(world.clock.now())],
        cwd=ROOT, env=clean_environment({"WELFARE_DESK_SMTP": sink.address()}),
    )  # fmt: skip

    def kill(_recipient: str) -> None:
        if len(sink.mails) == killed_at:
            os.kill(said.pid, signal.SIGKILL)

    sink.on_data = kill
    assert said.wait(timeout=60) == -signal.SIGKILL
    wait_until(lambda: len(sink.mails) >= killed_at)
    sink.on_data = None
    drain(world)
    counted = Counter(sink.recipients())
    assert set(counted) == {f"p{n}@example.com" for n in range(1, 9)}
    assert len(sink.mails) == 9
    [repeated] = [recipient for recipient, count in counted.items() if count == 2]
    first, second = (mail for mail in sink.mails if str(mail["To"]) == repeated)
    assert first["Message-ID"] == second["Message-ID"]
    assert link_in(first) == link_in(second)
    assert (states(world), reached(world)) == ({"sent": 8}, 8)


def test_the_server_set_at_a_desk_is_sealed_and_used_by_the_service(
    world: World, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with mail_sink(login=True) as sink:
        saved = at_desk(world).write(
            mail_settings.save, address=sink.address(login="hr%40example.com:p%40ss%3Aw%2Frd@")
        )
        assert (saved.configured, saved.from_environment) == (True, False)
        assert saved.shown == f"smtp://hr@example.com:***@localhost:{sink.port}"
        launch(world, 1)
        drain(world)
        assert len(sink.mails) == 1
    kept = str([(row.value, row.sealed) for row in rows(world, Setting)])
    noted = str([(row.action, row.detail) for row in rows(world, AuditEntry)])
    for secret in ("p@ss", "p%40ss"):
        assert secret not in kept + noted + caplog.text
    cleared = at_desk(world).write(mail_settings.save, address="")
    assert not cleared.configured


def test_a_server_that_cannot_be_read_is_refused_at_the_desk(world: World) -> None:
    with pytest.raises(Refused) as refused:
        at_desk(world).write(mail_settings.save, address="mail.example.com")
    assert (refused.value.code, refused.value.field) == ("mail_server_address", "smtp")
