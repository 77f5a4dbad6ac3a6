"""Segments: what a filter means is what Python would say, counts are live, and a campaign keeps who it was for."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.support.world import HOUR, World, open_world
from welfare_desk.context import AppContext
from welfare_desk.db.models.campaigns import Campaign, Grant
from welfare_desk.db.models.people import Person
from welfare_desk.db.models.shelf import Product
from welfare_desk.domain.plans import Audience, Plan, make_plan
from welfare_desk.domain.segments import Filter, read_filter, today
from welfare_desk.errors import NotFound, Refused
from welfare_desk.queries import people, segments
from welfare_desk.services import launching
from welfare_desk.services.segments import add_segment, change_segment, remove_segment

DAY = date(2026, 11, 22)
DEPARTMENTS = ("总部", "总部/财务部", "总部门", "总部/财务部/a%b", "华东/上海", "hq", "HQ", "")
TAGS = ("", ",远程,", ",远程,新员工,", ",远程办公,", ",VIP,", ",vip,")


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> Iterator[World]:
    made = open_world(database_url, tmp_path)
    yield made
    made.ctx.engine.dispose()


def scatter(world: World, count: int, seed: int) -> list[dict[str, Any]]:
    """People with everything at random; returns what they are."""
    chance = random.Random(seed)
    everybody = [
        {
            "id": person_id, "department": chance.choice(DEPARTMENTS), "status": chance.choice(("active", "left")),
            "hire_date": chance.choice((None, (DAY - timedelta(days=chance.randint(-5, 60))).isoformat())),
            "birthday": chance.choice((None, f"{1 + person_id % 12:02d}-15", f"1990-{1 + person_id % 12:02d}-01")),
            "site": chance.choice((None, "北京", "Paris")), "level": chance.choice((None, "P5", "p5")),
            "tags": chance.choice(TAGS),
        }
        for person_id in world.people(count)
    ]  # fmt: skip

    def write(_ctx: AppContext, session: Session) -> None:
        for values in everybody:
            session.execute(update(Person).where(Person.id == values["id"]).values(values))

    world.ctx.write(write)
    return everybody


def is_meant(person: dict[str, Any], wanted: Filter) -> bool:
    """What a filter says, in Python."""
    first, last = wanted.hired_between(DAY)
    month = wanted.month(DAY)
    hired, born = person["hire_date"] or "", person["birthday"] or ""
    return (
        wanted.status in ("any", person["status"])
        and (not wanted.department or f"{person['department']}/".startswith(f"{wanted.department}/"))
        and (not first or (hired != "" and hired >= first))
        and (not last or (hired != "" and hired <= last))
        and (not month or born[-5:-3] == month)
        and (not wanted.sites or person["site"] in wanted.sites)
        and (not wanted.levels or person["level"] in wanted.levels)
        and (not wanted.tags or bool(set(person["tags"].split(",")) & set(wanted.tags)))
    )


WANTED = (
    Filter(), Filter(status="any"), Filter(status="left"), Filter(department="总部"), Filter(department="总部/财务部"),
    Filter(department="HQ", status="any"), Filter(department="总部/财务部/a%b", status="any"),
    Filter(hired_within_days=30, status="any"), Filter(hired_from="2026-11-01", hired_to="2026-11-10"),
    Filter(hired_to="2026-10-31", status="any"), Filter(birthday_month="this", status="any"),
    Filter(birthday_month="next", status="any"), Filter(birthday_month="3", status="any"),
    Filter(sites=("北京", "Paris"), levels=("P5",), status="any"), Filter(tags=("远程",), status="any"),
    Filter(tags=("VIP", "新员工"), status="any"), Filter(tags=("%",), status="any"), Filter(levels=("P9",)),
    Filter(department="总部", tags=("远程",), birthday_month="12", sites=("北京",), status="any"),
)  # fmt: skip


@pytest.mark.parametrize("seed", [1, 2])
def test_the_database_means_what_the_filter_says(world: World, seed: int) -> None:
    everybody = scatter(world, 300, seed)
    hits = 0
    for wanted in WANTED:
        meant = {person["id"] for person in everybody if is_meant(person, wanted)}
        rows = world.ctx.read(people.people, wanted=wanted, today=DAY, limit=None).rows
        assert {row.id for row in rows} == meant, wanted
        assert world.ctx.read(people.count_people, wanted=wanted, today=DAY) == len(meant)
        hits += bool(meant)
    assert hits > len(WANTED) - 5


def test_counts_are_live_and_taken_in_one_look(world: World) -> None:
    assert world.ctx.read(segments.segments, today=DAY) == ()
    everybody = scatter(world, 100, 3)
    for at, wanted in enumerate(WANTED):
        world.ctx.write(add_segment, name=f"人群{at:02d}", wanted=wanted.document())
    counted = world.ctx.read(segments.segments, today=DAY)
    assert [row.people for row in counted] == [sum(is_meant(one, row.filter) for one in everybody) for row in counted]
    assert [row.filter for row in counted] == list(WANTED)
    before = counted[0].people
    world.people(2)
    assert world.ctx.read(segments.segments, today=DAY)[0].people == (before or 0) + 2


def test_what_people_have_is_offered_the_most_frequent_first(world: World) -> None:
    scatter(world, 80, 4)
    offered = world.ctx.read(segments.choices)
    assert set(offered.sites) == {"北京", "Paris"}
    assert set(offered.tags) == {"远程", "新员工", "远程办公", "VIP", "vip"}
    assert offered.tags[0] == "远程"


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ({"salary": 1}, "segment_key"), ({"status": "gone"}, "segment_status"), ({"hired_to": "soon"}, "segment_date"),
        ({"hired_within_days": -1}, "segment_days"), ({"hired_within_days": True}, "segment_days"),
        ({"birthday_month": 13}, "segment_month"), ({"tags": [1]}, "segment_texts"), ({"sites": {}}, "segment_texts"),
        ({"hired_within_days": 3, "hired_to": "2026-01-01"}, "segment_hired_twice"),
        ({"hired_from": "2026-02-01", "hired_to": "2026-01-01"}, "segment_hired_order"), ({"levels": 3}, "segment_"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_refused(document: dict[str, Any], code: str) -> None:
    with pytest.raises(Refused, match=code):
        read_filter(document)


def test_a_filter_survives_its_document() -> None:
    for wanted in WANTED:
        assert read_filter(wanted.document()) == wanted
    assert read_filter({"birthday_month": 3, "tags": " 远程 ,"}) == Filter(birthday_month="3", tags=("远程",))
    assert Filter().document() == {}
    assert Filter(birthday_month="next").month(date(2026, 12, 31)) == "01"


def test_segments_are_named_once_and_come_back(world: World) -> None:
    made = world.ctx.write(add_segment, name=" 新 员工 ", wanted={"hired_within_days": 30})
    assert (made.key, made.name) == ("xinyuangong", "新 员工")
    second = world.ctx.write(add_segment, name="新员工", wanted={})
    assert second.key == "xinyuangong-2"
    with pytest.raises(Refused, match="segment_exists"):
        world.ctx.write(add_segment, name="新员工", wanted={})
    with pytest.raises(Refused, match="segment_exists"):
        world.ctx.write(add_segment, name="x", wanted={}, key="xinyuangong")
    for key in ("A b", "-", "x" * 41, "人"):
        with pytest.raises(Refused, match="segment_key_form"):
            world.ctx.write(add_segment, name="y", wanted={}, key=key)
    changed = world.ctx.write(change_segment, key="xinyuangong", name="新同事", wanted={"tags": ["新"]})
    assert (changed.name, changed.filter) == ("新同事", Filter(tags=("新",)))
    world.ctx.write(change_segment, key="xinyuangong", name="新同事")  # its own name is not taken by another
    with pytest.raises(Refused, match="segment_exists"):
        world.ctx.write(change_segment, key="xinyuangong", name="新员工")
    gone = world.ctx.write(remove_segment, key="xinyuangong")
    with pytest.raises(NotFound, match="segment_unknown"):
        world.ctx.read(segments.segment, key="xinyuangong")
    world.ctx.write(add_segment, name=gone.name, wanted=gone.filter.document(), key=gone.key)
    assert world.ctx.read(segments.segment, key="xinyuangong").name == "新同事"


def test_a_plan_names_a_segment_by_its_key() -> None:
    written = {"name": "n", "product": "p", "opens": "2026-11-20T09:00:00", "closes": "2026-12-01T00:00:00"}
    assert make_plan(written | {"audience": {"segment": " vips "}}).audience == Audience("segment", segment="vips")
    for wrong in ({"segment": " "}, {"segment": 3}, {"segment": "a", "department": "b"}):
        with pytest.raises(Refused, match="plan_audience"):
            make_plan(written | {"audience": wrong})


def test_a_campaign_takes_who_the_segment_means_at_launch_and_keeps_it(world: World) -> None:
    product = world.product()
    world.stock(product, 5)
    key = world.ctx.read(lambda session: session.scalar(select(Product.key).where(Product.id == product)))
    first, second, gone, _untagged = world.people(4)
    world.ctx.write(_tag, ids=[first, second, gone])
    world.ctx.write(_leave, person_id=gone)
    saved = world.ctx.write(add_segment, name="远程", wanted={"tags": ["远程"], "status": "any"})
    now = world.clock.now()
    plan = Plan("远程福利", key or "", Audience("segment", segment=saved.key), now - HOUR, now + HOUR)
    launched = launching.launch(world.ctx, plan=plan)
    world.ctx.write(change_segment, key=saved.key, wanted={"tags": ["别的"]})
    stored = world.ctx.read(lambda session: session.get_one(Campaign, launched.campaign_id).audience)
    assert stored == {"segment": saved.key, "name": "远程", "filter": {"tags": ["远程"], "status": "any"},
                      "day": today(now).isoformat()}  # fmt: skip
    granted = select(Grant.person_id).where(Grant.campaign_id == launched.campaign_id)
    assert set(world.ctx.read(lambda session: session.scalars(granted).all())) == {first, second}
    unknown = Plan("x", key or "", Audience("segment", segment="nobody"), now - HOUR, now + HOUR)
    with pytest.raises(Refused, match="plan_segment_unknown") as refused:
        launching.launch(world.ctx, plan=unknown)
    assert refused.value.field == "audience"


def _tag(_ctx: AppContext, session: Session, *, ids: list[int]) -> None:
    session.execute(update(Person).where(Person.id.in_(ids)).values(tags=",远程,"))


def _leave(_ctx: AppContext, session: Session, *, person_id: int) -> None:
    session.execute(update(Person).where(Person.id == person_id).values(status="left"))
