"""One person added and corrected by hand, found again by number, name, pinyin, phone and reference."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from tests.support.world import World, open_world
from welfare_desk.db.models.campaigns import Grant
from welfare_desk.db.models.people import Person
from welfare_desk.errors import NotFound, Refused
from welfare_desk.jobs import leave_dates
from welfare_desk.queries import departments, people, person_grants, why
from welfare_desk.queries.people import PersonRow
from welfare_desk.services import claims
from welfare_desk.services.claims import ClaimRequest
from welfare_desk.services.people import add_person, edit_person


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> Iterator[World]:
    made = open_world(database_url, tmp_path)
    yield made
    made.ctx.engine.dispose()


def add(world: World, **given: Any) -> PersonRow:
    return world.ctx.write(add_person, **{"name": "张三", "employee_no": "00123", **given})


def edit(world: World, row: PersonRow, *, revoke: bool = False, **changes: str | None) -> PersonRow:
    return world.ctx.write(edit_person, person_id=row.id, changes=changes, revoke=revoke)


def found(world: World, search: str) -> list[str]:
    return [row.name for row in world.ctx.read(people.people, search=search).rows]


def test_values_are_read_as_in_lists(world: World) -> None:
    row = add(world, department="总部 > 财务部", phone="138 0013 8000", email="Zhang@Example.com", hire_date="2024/1/5")
    assert (row.employee_no, row.department, row.phone, row.email) == (
        "00123",
        "总部/财务部",
        "+8613800138000",
        "zhang@example.com",
    )
    assert (row.hire_date, row.status) == ("2024-01-05", "active")


@pytest.mark.parametrize(
    ("given", "field", "code"),
    [
        ({"name": " "}, "name", "row_no_name"),
        ({"phone": "138"}, "phone", "row_phone"),
        ({"email": "a@"}, "email", "row_email"),
        ({"hire_date": "明天"}, "hire_date", "row_date"),
        ({"employee_no": None}, "employee_no", "person_incomplete"),
        ({"status": "也许"}, "status", "row_status"),
    ],
)
def test_what_cannot_be_read_is_refused_by_field(world: World, given: dict[str, Any], field: str, code: str) -> None:
    with pytest.raises(Refused, match=code) as refusal:
        add(world, **given)
    assert refusal.value.field == field


def test_nobody_exists_twice(world: World) -> None:
    add(world, department="总部")
    with pytest.raises(Refused, match="person_exists") as refusal:
        add(world, name="李四", employee_no="１23")
    assert refusal.value.field == "employee_no"
    assert refusal.value.params["name"] == "张三"
    other = add(world, name="李四", employee_no="124")
    with pytest.raises(Refused, match="person_exists"):
        edit(world, other, employee_no="123")
    with pytest.raises(NotFound, match="person_unknown"):
        world.ctx.write(edit_person, person_id=5, changes={"name": "x"})
    with pytest.raises(Refused, match="field_unknown"):
        edit(world, other, shoe_size="44")


def test_correcting_and_emptying_fields(world: World) -> None:
    row = add(world, email="a@b.cc", phone="13800138000", department="总部")
    changed = edit(world, row, email=None, department="", name="单雄信", employee_no=None)
    assert (changed.email, changed.department, changed.employee_no) == (None, "", None)
    assert found(world, "sxx") == found(world, "shanxiong") == ["单雄信"]
    with pytest.raises(Refused, match="person_incomplete"):
        edit(world, changed, phone="")


def test_leaving_and_returning_move_grants(world: World) -> None:
    row = add(world)
    world.campaign(world.product("top_up"), [row.id])
    left = edit(world, row, status="left")
    assert (left.status, left.leave_date) == ("left", "2026-11-18")
    assert world.ctx.read(lambda session: session.scalars(select(Grant.state)).all()) == ["left"]
    assert edit(world, row, status="active").leave_date is None
    assert world.ctx.read(lambda session: session.scalars(select(Grant.state)).all()) == ["open"]
    edit(world, row, revoke=True, status="left", leave_date="2026-11-01")
    edit(world, row, status="active")
    assert world.ctx.read(lambda session: session.scalars(select(Grant.state)).all()) == ["revoked"]


def test_what_was_kept_for_somebody_who_left_can_be_taken(world: World) -> None:
    row = add(world)
    world.campaign(world.product("top_up"), [row.id])
    with pytest.raises(Refused, match="revoke_active"):
        edit(world, row, revoke=True, site="上海")
    edit(world, row, status="left")
    edit(world, row, revoke=True)
    edit(world, row, status="active")
    assert world.ctx.read(lambda session: session.scalars(select(Grant.state)).all()) == ["revoked"]


def test_search(world: World) -> None:
    add(world, phone="13800138765", email="zhang@example.com", department="总部/财务部")
    add(world, name="李四", employee_no="A7", department="总部", status="left")
    smith = add(world, name="Anna Smith", employee_no="9", department="总部门")
    for text in (
        "张",
        "123",
        "00123",
        "zs",
        "zhangsan",
        "8765",
        "13800138765",
        "138 0013 8765",
        "+86 138-0013-8765",
        "(138)00138765",
        "zhang@",
        "张三 财",
        "ＺＳ",
    ):
        expected = [] if text == "张三 财" else ["张三"]
        assert found(world, text) == expected, text
    assert found(world, "S00123") == found(world, "abc8765") == []
    assert found(world, "smith") == found(world, "anna") == found(world, smith.reference) == ["Anna Smith"]
    assert found(world, "%") == found(world, "_") == []
    assert [row.name for row in world.ctx.read(people.people, department="总部").rows] == ["李四", "张三"]
    assert world.ctx.read(people.count_people, status="left") == 1
    assert [row.name for row in world.ctx.read(people.find, text="a7")] == ["李四"]
    assert world.ctx.read(people.find, text=" ") == ()


def test_a_reference_means_a_person_a_grant_or_a_number(world: World) -> None:
    row = add(world)
    _campaign, grants = world.campaign(world.product("top_up"), [row.id])
    handle = world.ctx.read(lambda session: session.get_one(Grant, grants[0]).reference)
    for text in (row.reference, f"{row.reference[:4].lower()}-{row.reference[4:]}", handle, "123", "00123"):
        assert [one.id for one in world.ctx.read(people.resolve, reference=text)] == [row.id], text
    assert world.ctx.read(people.resolve, reference=" ") == ()
    detail = world.ctx.read(person_grants.person, person_id=row.id)
    assert detail is not None
    assert [(grant.reference, grant.state, grant.claimed_at) for grant in detail.grants] == [(handle, "open", None)]
    assert world.ctx.read(person_grants.person, person_id=1) is None


def test_pages_follow_each_other_without_gap_or_repeat(world: World) -> None:
    world.people(57)
    for sort in people.SORTS:
        for descending in (False, True):
            ids: list[int] = []
            after = None
            while True:
                page = world.ctx.read(people.people, sort=sort, descending=descending, after=after, limit=10)
                ids += [row.id for row in page.rows]
                after = page.next
                if after is None:
                    break
            assert len(ids) == len(set(ids)) == 57


def test_a_search_counts_its_hits(world: World) -> None:
    world.people(30)
    page = world.ctx.read(people.people, search="员工", limit=7)
    assert (len(page.rows), page.total) == (7, 30)
    rest = world.ctx.read(people.people, search="员工", limit=None, after=page.next)
    assert (len(rest.rows), rest.total) == (23, None)
    assert world.ctx.read(people.people, search="nobody").total == 0
    assert world.ctx.read(people.people, limit=7).total is None


def test_departments_are_a_tree(world: World) -> None:
    world.people(3, department="总部/财务部/一组")
    world.people(2, department="总部")
    world.people(1, department="")
    rows = world.ctx.read(departments.departments)
    assert [(row.path, row.depth, row.people, row.people_below) for row in rows] == [
        ("总部", 0, 2, 5), ("总部/财务部", 1, 0, 3), ("总部/财务部/一组", 2, 3, 3),
    ]  # fmt: skip


def test_everything_of_a_person_by_hand(world: World) -> None:
    row = add(world, birthday="5月12日", site=" 上海 ", level="P6", tags="新员工、远程,新员工", leave_date="2027-01-31")
    assert (row.birthday, row.site, row.level, row.tags) == ("05-12", "上海", "P6", ("新员工", "远程"))
    assert (row.leave_date, row.status) == ("2027-01-31", "active")
    changed = edit(world, row, birthday="1990-12-03", site="", tags=None, leave_date="")
    assert (changed.birthday, changed.site, changed.tags, changed.leave_date) == ("1990-12-03", None, (), None)
    with pytest.raises(Refused, match="row_birthday") as refused:
        edit(world, row, birthday="明天")
    assert refused.value.field == "birthday"


def test_a_leave_date_that_has_come_is_leaving(world: World) -> None:
    row = add(world)
    world.campaign(world.product("top_up"), [row.id])
    assert edit(world, row, leave_date="2026-11-19").status == "active"
    assert edit(world, row, leave_date="2026-11-18").status == "left"
    assert world.ctx.read(lambda session: session.scalars(select(Grant.state)).all()) == ["left"]
    with pytest.raises(Refused, match="person_leave_date"):
        edit(world, row, status="active", leave_date="2026-11-01")
    back = edit(world, row, status="active")
    assert (back.status, back.leave_date) == ("active", None)
    assert add(world, name="李四", employee_no="9", leave_date="2026-11-01").status == "left"


def test_who_has_a_leave_date_cannot_claim_from_that_day_on(world: World) -> None:
    product = world.product()
    world.stock(product, 3)
    row, staying = add(world, leave_date="2026-11-19"), add(world, name="李四", employee_no="9")
    _campaign, [grant, other] = world.campaign(product, [row.id, staying.id], reserved={product: 2})
    midnight = 1_795_017_600_000  # 2026-11-19 in Shanghai
    later = world.ctx.read(why.why, grant_id=grant, clock=world.clock, at=midnight)
    assert (later.reason, later.can_claim) == ("revoked", False)
    assert world.ctx.read(why.why, grant_id=grant, clock=world.clock, at=midnight - 1).can_claim
    world.clock.moment = midnight
    asked = [ClaimRequest(grant, identity="123"), ClaimRequest(other, identity="9")]
    outcomes = world.ctx.write(claims.settle, requests=asked)
    assert [outcome.verdict.reason for outcome in outcomes] == ["revoked", "claimed"]


def test_people_leave_on_their_day(world: World) -> None:
    row, later = add(world, leave_date="2026-11-19"), add(world, name="李四", employee_no="9", leave_date="2026-11-20")
    world.campaign(world.product("top_up"), [row.id, later.id])
    stop = threading.Event()
    stop.set()
    assert leave_dates.sweep(world.ctx, stop) == 0
    world.clock.moment = 1_795_017_600_000
    assert leave_dates.sweep(world.ctx, stop) == 1
    assert leave_dates.sweep(world.ctx, stop) == 0
    states = select(Person.name, Person.status, Grant.state).join(Grant, Grant.person_id == Person.id)
    found = {name: (status, state) for name, status, state in world.ctx.read(lambda s: s.execute(states).all())}
    assert found == {"张三": ("left", "left"), "李四": ("active", "open")}
