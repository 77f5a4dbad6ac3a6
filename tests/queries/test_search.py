"""Ctrl+K finds people by whatever one has at hand, by index, and says where their benefit is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import event, text, update
from sqlalchemy.orm import Session

from tests.support.world import World, open_world
from welfare_desk.context import AppContext
from welfare_desk.db.models.people import Person
from welfare_desk.queries import search
from welfare_desk.services import claims
from welfare_desk.services.claims import ClaimRequest


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> Iterator[World]:
    made = open_world(database_url, tmp_path)
    yield made
    made.ctx.engine.dispose()


def name(ctx: AppContext, session: Session, *, person_id: int, **values: str) -> None:
    session.execute(update(Person).where(Person.id == person_id).values(**values))


def found(world: World, words: str) -> list[tuple[str, int]]:
    return [(hit.kind, hit.id) for hit in world.ctx.read(search.find, text=words)]


def test_a_person_is_found_by_anything_one_has_at_hand(world: World) -> None:
    zhang, *others = world.people(30)
    world.ctx.write(
        name, person_id=zhang, name="张三丰", pinyin="zsf zhangsanfeng", phone="+8613812347788", number_key="A77",
        key="n:A77", employee_no="0A77", email="sanfeng@example.com", reference="ABCD2345",
    )  # fmt: skip
    asked = ("张三", "三丰", "zsf", "zhangsan", "7788", "0a77", "A7", "sanfeng@", "abcd-2345", " ABCD 2345 ")
    for words in asked:
        assert found(world, words) == [("person", zhang)], words
    assert found(world, "") == found(world, "没有这个人") == []
    assert len(found(world, "员工")) == search.PEOPLE
    assert found(world, "%") == found(world, "_") == []
    assert others


def test_a_reference_code_leads_to_the_grant_and_its_answer(world: World) -> None:
    product = world.product()
    world.stock(product, 5)
    people = world.people(2)
    campaign, [first, second] = world.campaign(product, people, reserved={product: 2})
    world.campaign(product, people[:1], name="第二次")
    world.ctx.write(claims.settle, requests=[ClaimRequest(first, trusted=True)])
    reference = world.ctx.read(lambda s: s.scalar(text(f'SELECT reference FROM "grant" WHERE id = {first}')))
    [hit] = world.ctx.read(search.find, text=f"{reference[:4].lower()}-{reference[4:]}")
    assert (hit.kind, hit.id, hit.grant_id) == ("grant", people[0], first)
    answer = world.ctx.read(search.answer, person_id=hit.id, clock=world.clock, grant_id=hit.grant_id)
    assert answer is not None
    assert [(one.grant.grant_id == first, one.why.reason) for one in answer.grants] == [(True, "claimed"),
                                                                                        (False, "ready")]  # fmt: skip
    other = world.ctx.read(search.answer, person_id=people[1], clock=world.clock)
    assert other is not None
    assert [one.grant.grant_id for one in other.grants] == [second]
    assert world.ctx.read(search.answer, person_id=1, clock=world.clock) is None
    assert ("campaign", campaign) in found(world, "中秋")
    assert ("product", product) in found(world, "视频")


def test_beginnings_are_looked_up_in_an_index(sqlite_database: str, tmp_path: Path) -> None:
    world = open_world(sqlite_database, tmp_path)
    world.people(20)
    asked: list[tuple[str, object]] = []

    def note(_connection: object, _cursor: object, statement: str, values: object, *_rest: object) -> None:
        asked.append((statement, values))

    event.listen(world.ctx.engine, "before_cursor_execute", note)
    assert len(world.ctx.read(search.find, text="001")) == search.PEOPLE
    event.remove(world.ctx.engine, "before_cursor_execute", note)
    plans = [plan_of(world, *one) for one in asked if "FROM person" in one[0]]
    world.ctx.engine.dispose()
    assert plans
    assert all("SEARCH person USING INDEX" in plan for plan in plans)


def plan_of(world: World, statement: str, values: object) -> str:
    with world.ctx.engine.connect() as connection:
        return str(connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all())  # type: ignore[arg-type]
