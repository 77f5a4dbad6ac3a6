"""Tickets: one open per grant, answered once, listed without a code, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from tests.support.world import World, at_desk, open_world
from welfare_desk.errors import Conflict, NotFound, Refused
from welfare_desk.queries import tickets as queries
from welfare_desk.security.references import show
from welfare_desk.services import settings, tickets
from welfare_desk.services.claims import ClaimRequest, settle

HOUR = 3_600_000


@pytest.fixture
def made(database_url: str, tmp_path: Path) -> Iterator[tuple[World, list[int]]]:
    """A world with three people who claimed a card."""
    world = open_world(database_url, tmp_path)
    product = world.product()
    world.stock(product, 3)
    _campaign, grants = world.campaign(product, world.people(3), reserved={product: 3})
    world.ctx.write(settle, requests=[ClaimRequest(grant, trusted=True) for grant in grants])
    yield world, grants
    world.ctx.engine.dispose()


def test_one_open_ticket_per_grant_with_the_promised_time(made: tuple[World, list[int]]) -> None:
    world, (first, second, _third) = made
    now = world.clock.now()
    opened = world.ctx.write(tickets.report_problem, grant_id=first, kind="used", note="  a\x00b\r\nc  ")
    assert opened == tickets.Reported("open", now + 24 * HOUR)
    world.ctx.write(settings.change, values={"answer_hours": 6})
    assert world.ctx.write(tickets.report_problem, grant_id=first, kind="other") == opened
    assert world.ctx.write(tickets.report_problem, grant_id=second, kind="invalid").due_at == now + 6 * HOUR
    listed = world.ctx.read(queries.tickets, now=now)
    assert [row.grant_id for row in listed] == [second, first]
    assert listed[1].note == "ab\nc"
    assert world.ctx.read(queries.counts, now=now) == queries.TicketCounts(2, 0, 0, now + 6 * HOUR)
    assert world.ctx.read(queries.counts, now=now + 7 * HOUR).overdue == 1
    assert [row.grant_id for row in world.ctx.read(queries.tickets, now=now + 7 * HOUR, state="overdue")] == [second]


def test_the_desk_answers_once(made: tuple[World, list[int]]) -> None:
    world, (grant, *_rest) = made
    desk = at_desk(world)
    desk.write(tickets.report_problem, grant_id=grant, kind="used")
    (row,) = desk.read(queries.tickets, now=world.clock.now())
    with pytest.raises(Refused, match="ticket_answer"):
        desk.write(tickets.close_ticket, ticket_id=row.id, answer=" \n ")
    assert desk.write(tickets.close_ticket, ticket_id=row.id, answer="已换新码") == grant
    with pytest.raises(Conflict, match="ticket_closed"):
        desk.write(tickets.close_ticket, ticket_id=row.id, answer="x")
    with pytest.raises(NotFound, match="ticket_unknown"):
        desk.write(tickets.close_ticket, ticket_id=1, answer="x")
    (closed,) = desk.read(queries.tickets, now=world.clock.now(), state="closed")
    assert (closed.answer, closed.operator) == ("已换新码", "test")
    assert not desk.read(queries.tickets, now=world.clock.now())


def test_found_by_reference_number_and_name(made: tuple[World, list[int]]) -> None:
    world, grants = made
    for grant in grants:
        world.ctx.write(tickets.report_problem, grant_id=grant, kind="other")
    now = world.clock.now()
    wanted = world.ctx.read(queries.tickets, now=now)[1]
    for search in (show(wanted.reference), wanted.reference.lower(), wanted.person, wanted.reference[:5]):
        found = world.ctx.read(queries.tickets, now=now, search=search)
        assert wanted.id in [row.id for row in found], search
    assert len(world.ctx.read(queries.tickets, now=now, search=show(wanted.reference))) == 1
    assert not world.ctx.read(queries.tickets, now=now, search="100%")
    assert not world.ctx.read(queries.tickets, now=now, search="查无此人")


def test_no_kind_but_those_there_are(made: tuple[World, list[int]]) -> None:
    world, (grant, *_rest) = made
    with pytest.raises(Refused, match="ticket_kind"):
        world.ctx.write(tickets.report_problem, grant_id=grant, kind="bogus")


def test_the_list_holds_no_code(made: tuple[World, list[int]]) -> None:
    world, grants = made
    for grant in grants:
        world.ctx.write(tickets.report_problem, grant_id=grant, kind="used")
    listed = repr(world.ctx.read(queries.tickets, now=world.clock.now()))
    assert not [secret for secret in world.codes if secret in listed or secret[-4:] in listed]


def test_a_report_that_lost_the_race_finds_the_winners(
    made: tuple[World, list[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    world, (grant, *_rest) = made
    first = world.ctx.write(tickets.report_problem, grant_id=grant, kind="used")
    look, looks = tickets._open, []

    def late(session: Session, grant_id: int) -> int | None:
        looks.append(grant_id)
        return None if len(looks) == 1 else look(session, grant_id)  # the other one committed right after this look

    monkeypatch.setattr(tickets, "_open", late)
    assert world.ctx.write(tickets.report_problem, grant_id=grant, kind="other") == first
    assert len(looks) == 2
    assert len(world.ctx.read(queries.tickets, now=world.clock.now())) == 1
