"""Campaigns in the window: five steps, the review that asks the launch's own query, the detail page and its actions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from tests.support.desk import DeskWorld, open_desk, press, shown, words
from tests.support.world import HOUR, MovedClock
from welfare_desk.desktop.pages.campaign_detail import CampaignPage
from welfare_desk.desktop.pages.campaign_wizard import REVIEW, WHAT, WHEN, WHO, CampaignWizardPage
from welfare_desk.desktop.pages.campaigns import CampaignsPage
from welfare_desk.desktop.pages.extend_form import ExtendForm
from welfare_desk.desktop.pages.wizard_when import shown as as_edited
from welfare_desk.queries import campaigns, grants
from welfare_desk.services import grants as grant_service


@pytest.fixture
def world(qtbot: QtBot, tmp_path: Path) -> Iterator[DeskWorld]:
    with open_desk(tmp_path / "data") as made:
        yield made


@pytest.fixture
def wizard(qtbot: QtBot, world: DeskWorld) -> Any:
    """The wizard with five codes and three people, two departments."""
    product = world.world.product()
    world.world.stock(product, 5)
    world.world.people(2, department="总部/财务部")
    world.world.people(1, department="华东")
    page = shown(qtbot, CampaignWizardPage(world.desk))
    world.settle()
    return page


def forward(world: DeskWorld, page: Any, steps: int) -> None:
    for _step in range(steps):
        page.wizard.next.click()
        world.settle()


def launched(world: DeskWorld) -> Any:
    [found] = world.desk.ctx.read(campaigns.campaigns, now=world.world.clock.now())
    return found


def test_five_steps_launch_a_campaign(world: DeskWorld, wizard: Any) -> None:
    wizard.what.cards.buttons()[0].click()
    forward(world, wizard, 4)
    assert wizard.wizard.index() == REVIEW
    assert "3 people get 3 links" in wizard.review.sentence.text()
    assert wizard.wizard.next.text() == "Send 3 links"
    forward(world, wizard, 1)
    found = launched(world)
    assert (found.grants, found.name, found.cost_minor) == (3, "视频会员月卡", 3000)
    assert world.heard["went"][-1][0] == "campaign"
    assert wizard.what.product() is None  # the next one starts empty


def test_nothing_chosen_is_asked_for(world: DeskWorld, wizard: Any) -> None:
    forward(world, wizard, 1)
    assert wizard.wizard.index() == WHAT
    assert wizard.wizard.banner.text() == "Choose what is given."


def test_the_review_counts_who_is_chosen(world: DeskWorld, wizard: Any) -> None:
    wizard.what.cards.buttons()[0].click()
    forward(world, wizard, 1)
    assert wizard.who.count.text() == "3 people"
    wizard.who.choices["department"].setChecked(True)
    forward(world, wizard, 1)
    assert wizard.wizard.index() == WHO
    assert wizard.wizard.banner.text() == "Choose a department."
    wizard.who.picker.choose("总部")
    wizard.who.picker.picked.emit("总部")
    forward(world, wizard, 3)
    assert wizard.review.review.people == 2
    forward(world, wizard, 1)
    assert launched(world).grants == 2


def test_pasted_numbers_are_people(world: DeskWorld, wizard: Any) -> None:
    wizard.what.cards.buttons()[0].click()
    forward(world, wizard, 1)
    wizard.who.choices["numbers"].setChecked(True)
    wizard.who.numbers.setPlainText("1, 00003\n999")
    world.until(lambda: wizard.who.count.text() == "2 people")
    assert "999" in wizard.who.missing.text()
    forward(world, wizard, 3)
    assert not wizard.review.ready()  # somebody unknown is named
    assert not wizard.wizard.next.isEnabled()


def test_chosen_people_arrive_with_the_wizard(world: DeskWorld, wizard: Any) -> None:
    wizard.show_target(people=["00002", "00003"])
    assert wizard.who.choices["chosen"].isChecked()
    assert wizard.who.audience() == {"people": ["00002", "00003"]}


def test_a_closing_before_the_opening_stays_where_it_is(world: DeskWorld, wizard: Any) -> None:
    wizard.what.cards.buttons()[0].click()
    forward(world, wizard, 2)
    wizard.when.closes.setDateTime(wizard.when.opens.dateTime().addSecs(-60))
    forward(world, wizard, 1)
    assert wizard.wizard.index() == WHEN
    assert "after the opening" in wizard.wizard.banner.text()
    wizard.when.zone.setCurrentText("Mars/Olympus")
    forward(world, wizard, 1)
    assert "Mars/Olympus" in wizard.wizard.banner.text()


def test_short_stock_needs_a_second_look(qtbot: QtBot, world: DeskWorld, wizard: Any) -> None:
    world.world.people(10)
    wizard.what.cards.buttons()[0].click()
    forward(world, wizard, 4)
    assert wizard.review.review.short == 8
    assert not wizard.wizard.next.isEnabled()
    press(wizard, "Order them")
    assert world.heard["went"][-1][0] == "purchasing"
    wizard.review.allow_short.setChecked(True)
    assert wizard.wizard.next.isEnabled()
    forward(world, wizard, 1)
    assert launched(world).grants == 13


def test_a_big_launch_wants_the_number_typed(world: DeskWorld, wizard: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def refused(*_said: Any, typed: str = "", **_more: Any) -> bool:
        asked.append(typed)
        return False

    monkeypatch.setattr("welfare_desk.desktop.pages.campaign_wizard.confirm", refused)
    monkeypatch.setattr("welfare_desk.desktop.pages.campaign_wizard.MUCH_MINOR", 2000)
    wizard.what.cards.buttons()[0].click()
    forward(world, wizard, 5)
    assert asked == ["3"]
    assert world.desk.ctx.read(campaigns.campaigns, now=world.world.clock.now()) == ()
    assert wizard.wizard.next.isEnabled()


def test_without_sending_links_are_only_made(world: DeskWorld, wizard: Any) -> None:
    wizard.what.cards.buttons()[0].click()
    forward(world, wizard, 3)
    wizard.how.paper.setChecked(True)
    assert not wizard.how.text.isVisible()
    forward(world, wizard, 1)
    assert wizard.wizard.next.text() == "Make 3 links"
    assert wizard.review.review.unreachable == 0


def test_the_list_filters_by_phase_and_text(qtbot: QtBot, world: DeskWorld) -> None:
    people = world.world.people(1)
    product = world.world.product()
    now = world.world.clock.now()
    world.world.campaign(product, people, name="running")
    world.world.campaign(product, people, name="over", opens_at=now - 9 * HOUR, closes_at=now - HOUR)
    page = shown(qtbot, CampaignsPage(world.desk))
    world.settle()
    assert {row[0] for row in page.model.rows} == {"running", "over"}
    page.phases.choose("open")
    page.phases.chosen.emit("open")
    assert [row[0] for row in page.model.rows] == ["running"]
    page.search.setText("nothing")
    page.search.returnPressed.emit()
    assert page.views.currentWidget().action.text() == "Clear the filter"
    page.views.currentWidget().action.click()
    assert len(page.model.rows) == 2


def test_no_campaign_yet_offers_one(qtbot: QtBot, world: DeskWorld) -> None:
    page = shown(qtbot, CampaignsPage(world.desk))
    world.settle()
    page.views.currentWidget().action.click()
    assert world.heard["went"][-1][0] == "campaign_wizard"


@pytest.fixture
def detail(qtbot: QtBot, world: DeskWorld) -> Any:
    """The page of a campaign of three people."""
    product = world.world.product()
    world.world.stock(product, 3)
    people = world.world.people(3)
    campaign_id, _grants = world.world.campaign(product, people, reserved={product: 3}, channels=["email"])
    page = shown(qtbot, CampaignPage(world.desk))
    page.show_target(campaign_id=campaign_id)
    world.settle()
    return page


def test_the_detail_page_shows_everybody(world: DeskWorld, detail: Any) -> None:
    assert len(detail.people.model.rows) == 3
    assert detail.kpis["grants"].value() == "3"
    assert detail.kpis["unclaimed"].value() == "3"
    assert "3 units reserved" in words(detail)
    assert detail.state.text() == "Running"


def test_pause_and_resume(world: DeskWorld, detail: Any) -> None:
    detail.pause.click()
    world.settle()
    assert detail.state.text() == "Paused"
    assert not detail.pause.isVisible()
    detail.resume.click()
    world.settle()
    assert detail.state.text() == "Running"


def test_closing_asks_and_ends(world: DeskWorld, detail: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("welfare_desk.desktop.pages.campaign_detail.confirm", lambda *_a, **_k: True)
    detail.close_.click()
    world.settle()
    assert detail.state.text() == "Closed"
    assert not detail.export.isVisible()


def test_extending_keeps_to_the_zone(qtbot: QtBot, world: DeskWorld, detail: Any) -> None:
    form = shown(qtbot, ExtendForm(world.desk, detail._detail.row))
    form.closes.setDateTime(as_edited(datetime.fromisoformat("2030-01-01T12:00")))
    form.save.click()
    world.settle()
    assert launched(world).closes_at == 1_893_470_400_000  # 2030-01-01 12:00 in Shanghai


def test_extending_backwards_is_refused_in_words(qtbot: QtBot, world: DeskWorld, detail: Any) -> None:
    form = shown(qtbot, ExtendForm(world.desk, detail._detail.row))
    form.closes.setDateTime(as_edited(datetime.now() - timedelta(days=900)))  # noqa: DTZ005 - a wall clock
    form.save.click()
    world.settle()
    assert form.form._rows["closes"][1].text() or form.banner.text()
    assert form.save.isEnabled()


def test_one_person_is_sent_again_replaced_and_revoked(
    world: DeskWorld, detail: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("welfare_desk.desktop.pages.grant_actions.confirm", lambda *_a, **_k: True)
    detail.people.table.selectRow(0)
    grant_id = detail.people._chosen.id
    for text in ("Resend", "Replace link", "Revoke"):
        press(detail.people, text)
        world.settle()
        detail.refresh()
        detail.people.refresh()
        world.settle()
    rows = world.desk.ctx.read(grants.grants, campaign_id=launched(world).id).rows
    assert next(row.state for row in rows if row.id == grant_id) == "revoked"
    assert detail.kpis["unclaimed"].value() == "2"
    said = [text for text, _action, _run in world.heard["toasted"]]
    assert len(said) == 3
    assert all("{" not in text for text in said)


def test_the_people_of_a_campaign_are_filtered(world: DeskWorld, detail: Any) -> None:
    [first, *_others] = world.desk.ctx.read(grants.grants, campaign_id=launched(world).id).rows
    world.world.ctx.write(grant_service.revoke, grant_id=first.id)
    detail.people.states.choose("revoked")
    detail.people.states.chosen.emit("revoked")
    world.settle()
    assert [row[0] for row in detail.people.model.rows] == [first.reference]
    detail.people.search.setText("nobody")
    detail.people.search.returnPressed.emit()
    world.settle()
    assert "Nobody here" in words(detail)


def test_a_closed_window_is_said_to_be_over(world: DeskWorld, detail: Any) -> None:
    clock = world.world.clock
    assert isinstance(clock, MovedClock)
    for one in (clock, world.desk.ctx.clock):
        one.moment += 48 * HOUR
    detail.refresh()
    world.settle()
    assert detail.state.text() == "Ended"
    assert not detail.pause.isVisible()
