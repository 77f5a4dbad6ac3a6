"""The people pages: the list with its filters, one person by hand. The import has tests of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.support.desk import DeskWorld, open_desk, press, shown, words
from welfare_desk.desktop.pages.people import PeoplePage
from welfare_desk.desktop.pages.person_drawer import PersonDrawer
from welfare_desk.desktop.pages.person_form import PersonForm
from welfare_desk.queries import people
from welfare_desk.queries.person_grants import person


@pytest.fixture
def world(qtbot: QtBot, tmp_path: Path) -> Iterator[DeskWorld]:
    with open_desk(tmp_path / "data") as made:
        yield made


def test_the_empty_list_offers_one_way_in(qtbot: QtBot, world: DeskWorld) -> None:
    page = shown(qtbot, PeoplePage(world.desk))
    world.settle()
    assert page.views.currentWidget().action.text() == "Import people"
    assert not page.import_.isVisible()


def test_search_and_filters_ask_the_database(qtbot: QtBot, world: DeskWorld) -> None:
    world.world.people(3, department="总部/财务部")
    world.world.people(2, department="华东")
    page = shown(qtbot, PeoplePage(world.desk))
    world.settle()
    assert page.total.text() == "5 people"
    page.departments.choose("总部")
    page.departments.picked.emit("总部")
    world.settle()
    assert page.total.text() == "3 people"
    page.search.setText("00002")
    page.search.returnPressed.emit()
    world.settle()
    assert [row[0] for row in page.model.rows] == ["00002"]
    page.search.setText("nobody at all")
    page.search.returnPressed.emit()
    world.settle()
    assert page.views.currentWidget().action.text() == "Clear the filter"


def test_the_list_loads_page_by_page(qtbot: QtBot, world: DeskWorld) -> None:
    world.world.people(450)
    page = shown(qtbot, PeoplePage(world.desk))
    world.settle()
    assert len(page.model.rows) == 200
    page.table.scrollToBottom()
    world.settle()
    assert len(page.model.rows) > 200
    assert len({row[-1] for row in page.model.rows}) == len(page.model.rows)


def test_somebody_is_added_by_hand(qtbot: QtBot, world: DeskWorld) -> None:
    form = shown(qtbot, PersonForm(world.desk))
    form.form.field("name").setText("赵敏")
    form.form.field("employee_no").setText("777")
    form.form.field("email").setText("not an address")
    form.save.click()
    world.settle()
    assert form.form._rows["email"][1].text()
    form.form.field("email").setText("zm@example.com")
    form.save.click()
    world.settle()
    assert [one.name for one in world.desk.ctx.read(people.people).rows] == ["赵敏"]


def test_an_address_is_corrected(qtbot: QtBot, world: DeskWorld) -> None:
    person_id = world.world.people(1)[0]
    found = world.desk.ctx.read(person, person_id=person_id)
    form = shown(qtbot, PersonForm(world.desk, found.person))
    form.form.field("email").setText("right@example.com")
    form.save.click()
    world.settle()
    assert world.desk.ctx.read(person, person_id=person_id).person.email == "right@example.com"


def test_the_drawer_shows_what_was_granted(qtbot: QtBot, world: DeskWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    person_id = world.world.people(1)[0]
    world.world.campaign(world.world.product(), [person_id])
    drawer = shown(qtbot, PersonDrawer(world.desk, person_id))
    world.settle()
    assert "中秋福利" in words(drawer)
    monkeypatch.setattr("welfare_desk.desktop.pages.grant_actions.confirm", lambda *_a, **_k: True)
    press(drawer, "Revoke")
    world.settle()
    assert "Revoked" in words(drawer)
    assert world.desk.ctx.read(person, person_id=person_id).grants[0].state == "revoked"
