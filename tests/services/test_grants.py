"""Revoking, replacing and finding one person's right."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select, update

from tests.support.world import HOUR, World, open_world
from welfare_desk.db.models.campaigns import Grant, Message
from welfare_desk.db.models.operators import AuditEntry
from welfare_desk.db.models.people import Person
from welfare_desk.domain.verdict_words import why_phrase
from welfare_desk.errors import NotFound, Refused
from welfare_desk.queries import campaigns as campaign_queries
from welfare_desk.queries import grants as grant_queries
from welfare_desk.queries.standing import standing
from welfare_desk.queries.why import why
from welfare_desk.services import campaigns, grants
from welfare_desk.services.claims import ClaimRequest, settle


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> Iterator[World]:
    made = open_world(database_url, tmp_path)
    yield made
    made.ctx.engine.dispose()


def granted(world: World, count: int = 1, **changed: object) -> list[int]:
    product = world.product()
    world.stock(product, count)
    _campaign, ids = world.campaign(product, world.people(count), reserved={product: count}, **changed)  # type: ignore[arg-type]
    return ids


def row(world: World, grant_id: int) -> Grant:
    return world.ctx.read(lambda session: session.get_one(Grant, grant_id))


def reason(world: World, grant_id: int, version: int | None = None) -> str:
    stands = world.ctx.read(standing, grant_id=grant_id, clock=world.clock, link_version=version)
    return stands.verdict.reason


def claim(world: World, grant_id: int) -> None:
    world.ctx.write(settle, requests=[ClaimRequest(grant_id, trusted=True, via="operator")])


def test_a_revoked_right_cannot_be_claimed_and_its_link_is_old(world: World) -> None:
    [grant] = granted(world)
    changed = world.ctx.write(grants.revoke, grant_id=grant)
    assert (changed.state, changed.link_version, reason(world, grant)) == ("revoked", 1, "revoked")
    assert world.ctx.write(grants.revoke, grant_id=grant).link_version == 1
    with pytest.raises(Refused) as refused:
        world.ctx.write(grants.replace, grant_id=grant)
    assert refused.value.code == "grant_not_open"


def test_a_claimed_right_cannot_be_revoked_but_its_link_can_be_replaced(world: World) -> None:
    [grant] = granted(world)
    claim(world, grant)
    with pytest.raises(Refused) as refused:
        world.ctx.write(grants.revoke, grant_id=grant)
    assert refused.value.code == "grant_claimed"
    assert world.ctx.write(grants.replace, grant_id=grant).link_version == 1
    assert (reason(world, grant, 0), reason(world, grant, 1)) == ("revoked", "claimed")


def test_only_the_newest_link_works(world: World) -> None:
    [grant] = granted(world)
    world.ctx.write(grants.replace, grant_id=grant)
    assert (reason(world, grant, 0), reason(world, grant, 1)) == ("revoked", "ready")


def test_after_63_links_a_right_gets_a_new_reference_and_keeps_its_messages(world: World) -> None:
    [grant] = granted(world, channels=["email"])
    for version in range(1, 64):
        assert world.ctx.write(grants.replace, grant_id=grant).link_version == version
    before = row(world, grant).reference
    changed = world.ctx.write(grants.replace, grant_id=grant)
    assert changed.grant_id != grant
    assert changed.grant_id >> 40 == grant >> 40
    assert (changed.link_version, changed.reference != before) == (0, True)
    messages = world.ctx.read(lambda session: session.scalars(select(Message)).all())
    assert {message.grant_id for message in messages} == {changed.grant_id}
    assert [message.state for message in messages].count("queued") == 1
    assert reason(world, grant) == "unknown"


def test_after_63_links_a_claimed_right_keeps_what_it_has(world: World) -> None:
    [grant] = granted(world)
    claim(world, grant)
    world.ctx.write(lambda _ctx, session: session.execute(update(Grant).values(link_version=63)))
    with pytest.raises(Refused) as refused:
        world.ctx.write(grants.replace, grant_id=grant)
    assert refused.value.code == "grant_links_used_up"


def test_nothing_is_sent_again_without_an_address(world: World) -> None:
    [grant] = granted(world)
    world.ctx.write(lambda _ctx, session: session.execute(update(Person).values(email=None)))
    with pytest.raises(Refused) as refused:
        world.ctx.write(grants.resend, grant_id=grant)
    assert refused.value.code == "no_address"


def test_what_was_done_to_a_right_is_in_the_audit_log(world: World) -> None:
    first, second = granted(world, 2)
    world.ctx.write(grants.replace, grant_id=first)
    world.ctx.write(grants.resend, grant_id=first)
    world.ctx.write(grants.revoke, grant_id=second)
    entries = world.ctx.read(lambda session: session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all())
    assert [(entry.action, entry.operator) for entry in entries] == [
        ("grant.replaced", "test"), ("grant.resent", "test"), ("grant.revoked", "test"),
    ]  # fmt: skip


def test_a_right_is_found_by_any_reference_as_people_write_them(world: World) -> None:
    [grant] = granted(world)
    found = row(world, grant)
    person = world.ctx.read(lambda session: session.get_one(Person, found.person_id))
    shown = f"{found.reference[:4]}-{found.reference[4:]}"
    for written in (
        found.reference,
        shown,
        shown.lower(),
        f" {shown} ",
        person.reference.lower(),
        "1",
        "00001",
        "０００１",
    ):
        assert world.ctx.read(grant_queries.one, ref=written).grant_id == grant
    for written in ("", "-", "2", "ZZZZZZZZ"):
        with pytest.raises(NotFound):
            world.ctx.read(grant_queries.one, ref=written)


def test_several_rights_of_one_person_are_listed(world: World) -> None:
    product = world.product("top_up")
    people = world.people(1)
    first, _ids = world.campaign(product, people)
    second, [wanted] = world.campaign(product, people, name="春节福利")
    with pytest.raises(Refused) as refused:
        world.ctx.read(grant_queries.one, ref="1")
    assert (refused.value.code, refused.value.params["count"]) == ("grant_unclear", 2)
    assert "春节福利" in refused.value.params["listed"]
    assert world.ctx.read(grant_queries.one, ref="1", campaign_id=second).grant_id == wanted
    assert first != second


def test_grants_come_page_by_page_and_by_state(world: World) -> None:
    ids = granted(world, 5)
    [campaign] = {row(world, grant).campaign_id for grant in ids}
    claim(world, ids[0])
    world.ctx.write(grants.revoke, grant_id=ids[1])
    seen, after = [], None
    while True:
        page = world.ctx.read(grant_queries.grants, campaign_id=campaign, after=after, limit=2)
        seen += [found.id for found in page.rows]
        after = page.next
        if after is None:
            break
    assert sorted(seen) == sorted(ids)

    def count(state: str = "", search: str = "") -> int:
        return len(world.ctx.read(grant_queries.grants, campaign_id=campaign, state=state, search=search).rows)

    assert [count(state) for state in ("open", "claimed", "unclaimed", "unreached", "revoked", "left")] == [
        4, 1, 3, 3, 1, 0,
    ]  # fmt: skip
    assert count("failed_message") == 0
    assert (count(search="员工2"), count(search="00004"), count(search="P3@"), count(search="nobody")) == (1, 1, 1, 0)


@pytest.mark.parametrize(("before_end", "expected"), [(1, "ready"), (0, "expired")])
def test_why_and_the_list_end_at_the_very_moment_the_page_does(world: World, before_end: int, expected: str) -> None:
    [grant] = granted(world)
    campaign_id = row(world, grant).campaign_id
    closes = world.clock.now() + 24 * HOUR
    found = world.ctx.read(why, grant_id=grant, clock=world.clock, at=closes - before_end)
    assert (found.reason, found.can_claim) == (expected, expected == "ready")
    shown = world.ctx.read(campaign_queries.campaign, campaign_id=campaign_id, now=closes - before_end)
    assert shown.row.phase == ("open" if before_end else "ended")


def test_why_says_when_somebody_can_claim(world: World) -> None:
    opens = world.clock.now() + HOUR
    [grant] = granted(world, opens_at=opens)
    found = world.ctx.read(why, grant_id=grant, clock=world.clock)
    assert (found.can_claim, found.reason, found.next_at) == (False, "too_early", opens)
    phrase = why_phrase(reason=found.reason, name=found.name, campaign=found.campaign_name, timezone=found.timezone,
                        opens_at=found.opens_at, closes_at=found.closes_at)  # fmt: skip
    assert phrase.msgid.format(**phrase.params).startswith("中秋福利 opens at ")


def test_campaigns_are_found_by_key_or_name_and_listed_with_their_figures(world: World) -> None:
    first, second = granted(world, 2)
    campaign = row(world, first).campaign_id
    world.ctx.write(grants.revoke, grant_id=second)
    claim(world, first)
    detail = world.ctx.read(campaign_queries.campaign, campaign_id=campaign, now=world.clock.now())
    assert (detail.row.grants, detail.row.reached, detail.row.claimed, detail.row.rate) == (2, 1, 1, 1.0)
    assert (detail.open_grants, detail.revoked, detail.reserved) == (1, 1, 0)
    key = detail.row.campaign
    for written in (key, key.lower(), f"{key[:4]}-{key[4:]}", "中秋福利"):
        assert world.ctx.read(campaign_queries.find, ref=written) == campaign
    with pytest.raises(NotFound):
        world.ctx.read(campaign_queries.find, ref="nothing")
    granted(world)
    with pytest.raises(Refused) as refused:
        world.ctx.read(campaign_queries.find, ref="中秋福利")
    assert refused.value.code == "campaign_unclear"
    listed = world.ctx.read(campaign_queries.campaigns, now=world.clock.now())
    assert {found.id for found in listed} > {campaign}
    assert len(world.ctx.read(campaign_queries.campaigns, now=world.clock.now(), search=key[:5])) == 1
    world.ctx.write(campaigns.close, campaign_id=campaign)
    assert world.ctx.read(campaign_queries.campaign, campaign_id=campaign, now=0).row.phase == "closed"
