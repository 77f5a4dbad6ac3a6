"""The list of tickets at the desk: what waits first, found by reference, answered once, never a code."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.support import looks
from tests.support.desk import DeskWorld, find_button, open_desk, press, shown, words
from welfare_desk.desktop.main_window import MainWindow
from welfare_desk.desktop.pages.ticket_drawer import TicketDrawer
from welfare_desk.desktop.pages.tickets import TicketsPage
from welfare_desk.desktop.pages.today import TodayPage
from welfare_desk.i18n import set_language
from welfare_desk.queries import tickets as queries
from welfare_desk.services import tickets
from welfare_desk.services.claims import ClaimRequest, settle

HOUR = 3_600_000


@pytest.fixture
def made(tmp_path: Path) -> Iterator[DeskWorld]:
    """A desk whose people have claimed three cards."""
    set_language("zh_CN")
    with open_desk(tmp_path / "data") as desk:
        yield desk


def reported(made: DeskWorld, *kinds: str) -> list[int]:
    """Grants about which so much was reported, one each."""
    world = made.world
    product = world.product()
    world.stock(product, len(kinds))
    _campaign, grants = world.campaign(product, world.people(len(kinds)), reserved={product: len(kinds)})
    world.ctx.write(settle, requests=[ClaimRequest(grant, trusted=True) for grant in grants])
    for grant, kind in zip(grants, kinds, strict=True):
        world.ctx.write(tickets.report_problem, grant_id=grant, kind=kind, note="<b>试过</b>两次")
    return grants


def test_empty_it_says_what_will_appear(made: DeskWorld, qtbot: QtBot) -> None:
    page = shown(qtbot, TicketsPage(made.desk))
    made.settle()
    assert page.views.currentWidget() is page.none
    assert "没有人在等答复" in " ".join(words(page))


def test_a_report_appears_by_itself_and_is_answered(made: DeskWorld, qtbot: QtBot) -> None:
    page = shown(qtbot, TicketsPage(made.desk))
    made.settle()
    (grant,) = reported(made, "used")
    made.until(lambda: page.model.rows, what="the report on screen")
    line = page.model.rows[0]
    assert (line[1], line[4]) == (("待答复", "warn"), "提示已使用")
    page.table.opened.emit(line)
    drawer = made.heard["drawer_asked"][-1][0]
    assert isinstance(drawer, TicketDrawer)
    shown(qtbot, drawer)
    assert "<b>试过</b>两次" in words(drawer)
    press(drawer, "答复并关闭")
    made.settle()
    assert "请写下给领取人的答复。" in " ".join(words(drawer))
    drawer.answer.setPlainText("供应商已重新激活，请再试")
    press(drawer, "答复并关闭")
    made.settle()
    face = made.world.ctx.read(queries.of_grant, grant_id=grant)
    assert face is not None
    assert (face.state, face.answer) == ("closed", "供应商已重新激活，请再试")
    made.until(lambda: not page.model.rows, what="the answered report gone")
    page.states.choose("closed")
    page.refresh()
    made.settle()
    assert page.model.rows[0][1] == ("已答复", "ok")


def test_a_ticket_somebody_else_answered_says_so(made: DeskWorld, qtbot: QtBot) -> None:
    reported(made, "other")
    (row,) = made.world.ctx.read(queries.tickets, now=made.world.clock.now())
    drawer = shown(qtbot, TicketDrawer(made.desk, row))
    made.world.ctx.write(tickets.close_ticket, ticket_id=row.id, answer="好")
    drawer.answer.setPlainText("也好")
    press(drawer, "答复并关闭")
    made.settle()
    assert "已经答复了这张工单" in " ".join(words(drawer))
    assert find_button(drawer, "答复并关闭").isEnabled()


def test_search_chips_and_what_is_overdue(made: DeskWorld, qtbot: QtBot) -> None:
    reported(made, "used", "invalid", "other")
    page = shown(qtbot, TicketsPage(made.desk))
    made.settle()
    wanted = page.model.rows[1]
    page.show_target(reference=wanted[2])
    made.until(lambda: len(page.model.rows) == 1, what="one ticket found")
    assert page.model.rows[0][2] == wanted[2]
    page.search.setText("查无此人")
    made.until(lambda: page.views.currentWidget() is page.nothing, what="nothing found")
    press(page, "清除筛选")
    made.until(lambda: len(page.model.rows) == 3, what="all again")
    made.world.clock.moment += 25 * HOUR
    page.states.choose("overdue")
    page.refresh()
    made.settle()
    assert {line[1] for line in page.model.rows} == {("已超时", "bad")}


def test_no_code_is_on_the_screen(made: DeskWorld, qtbot: QtBot) -> None:
    reported(made, "used", "used")
    page = shown(qtbot, TicketsPage(made.desk))
    made.settle()
    drawer = shown(qtbot, TicketDrawer(made.desk, page.model.rows[0][-1]))
    everything = repr(page.model.rows) + " ".join(words(page) + words(drawer))
    assert not [secret for secret in made.world.codes if secret in everything or secret[-4:] in everything]


def test_today_and_the_rail_say_that_somebody_waits(made: DeskWorld, qtbot: QtBot) -> None:
    reported(made, "used", "invalid")
    page = shown(qtbot, TodayPage(made.desk))
    made.settle()
    assert any("2 个反映的问题待答复" in text for text in words(page))
    press(page, "查看工单")
    assert made.heard["went"][-1][0] == "tickets"
    window = MainWindow(made.desk)
    qtbot.addWidget(window)
    made.desk.counted.emit("today", 2)
    assert window.rail._buttons["today"].text() == "今日  (2)"
    made.desk.counted.emit("today", 0)
    assert window.rail._buttons["today"].text() == "今日"
    made.world.clock.moment += 25 * HOUR
    page.refresh()
    made.settle()
    assert any("2 个反映的问题已超过答复期限" in text for text in words(page))


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_nothing_is_cut_off(made: DeskWorld, qtbot: QtBot, language: str) -> None:
    set_language(language)
    reported(made, "used", "not_credited", "other")
    page = shown(qtbot, TicketsPage(made.desk))
    made.settle()
    drawer = shown(qtbot, TicketDrawer(made.desk, page.model.rows[0][-1]))
    drawer.resize(420, 680)
    assert looks.problems(page) == []
    assert looks.problems(drawer) == []
    set_language("zh_CN")
