"""The directory's page: tree, segments as chips, own filters, columns, leaving; and it stays quick with many people."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot
from sqlalchemy import select

from tests.support.desk import DeskWorld, find_button, open_desk, press, shown, turn_events, words
from tests.support.world import HOUR
from welfare_desk.db.models.campaigns import Grant
from welfare_desk.db.models.people import Person, PersonImport
from welfare_desk.desktop.pages.people import PeoplePage
from welfare_desk.desktop.pages.person_drawer import PersonDrawer
from welfare_desk.desktop.pages.person_form import PersonForm
from welfare_desk.desktop.pages.person_leave import LeaveForm
from welfare_desk.desktop.pages.segment_form import SegmentForm
from welfare_desk.desktop.pages.wizard_who import WhoStep
from welfare_desk.desktop.widgets.department_tree import DepartmentTree
from welfare_desk.desktop.widgets.fields import choose
from welfare_desk.domain.segments import Filter
from welfare_desk.queries import people, segments
from welfare_desk.queries.departments import DepartmentRow
from welfare_desk.queries.people import PersonRow
from welfare_desk.services import segments as segment_services
from welfare_desk.services.people import add_person

FOUR = (
    ("张三", "1", "总部/财务部", "上海", "远程", "1990-11-12"),
    ("李四", "2", "总部/人力资源部", "上海", "", "11-30"),
    ("王五", "3", "华东/杭州", "杭州", "远程", "1990-02-01"),
    ("赵六", "4", "", "", "", ""),
)


@pytest.fixture
def world(qtbot: QtBot, tmp_path: Path) -> Iterator[DeskWorld]:
    with open_desk(tmp_path / "data") as made:
        for name, number, department, site, tags, birthday in FOUR:
            add(made, name=name, employee_no=number, department=department, site=site, tags=tags, birthday=birthday)
        yield made


def add(world: DeskWorld, **given: Any) -> PersonRow:
    return world.world.ctx.write(add_person, **given)


def opened(qtbot: QtBot, world: DeskWorld) -> PeoplePage:
    page: PeoplePage = shown(qtbot, PeoplePage(world.desk))
    world.settle()
    return page


def names(page: PeoplePage) -> list[str]:
    return sorted(row[1] for row in page.model.rows)


def form_of(world: DeskWorld, qtbot: QtBot) -> Any:
    """What was slid in last, as the drawer shows it."""
    form = shown(qtbot, world.heard["drawer_asked"][-1][0])
    world.settle()
    return form


def test_the_tree_counts_and_filters_with_all_below(qtbot: QtBot, world: DeskWorld) -> None:
    page = opened(qtbot, world)
    tree = page.departments
    rows = {item.text(0): item.text(1) for item in (tree._everybody, *tree._items.values())}
    assert rows == {"All departments": "4", "总部": "2", "财务部": "1", "人力资源部": "1", "华东": "1", "杭州": "1"}
    assert tree._items["总部"].data(0, Qt.ItemDataRole.AccessibleTextRole) == "总部: 2 people"
    tree.setFocus()
    QTest.keyClick(tree, Qt.Key.Key_Down)  # 华东
    world.settle()
    assert (tree.path(), names(page)) == ("华东", ["王五"])
    QTest.keyClick(tree, Qt.Key.Key_Down)
    world.settle()
    assert tree.path() == "华东/杭州"
    add(world, name="孙七", employee_no="5", department="华东/杭州/一组")
    page.refresh()
    world.settle()
    assert (tree.path(), names(page), tree._items["华东/杭州/一组"].text(1)) == ("华东/杭州", ["孙七", "王五"], "1")


def test_a_filter_is_shown_saved_changed_and_deleted_with_a_way_back(qtbot: QtBot, world: DeskWorld) -> None:
    page = opened(qtbot, world)
    press(page, "Filter …")
    form = form_of(world, qtbot)
    form.lists["tags"].tick("远程")
    world.until(lambda: form.count.text() == "2 people", what="the live count")
    press(form, "Show these people")
    world.settle()
    assert names(page) == ["张三", "王五"]
    assert find_button(page, "Filtered").text() == "Filtered  2"
    page.departments.setCurrentItem(page.departments._items["总部"])
    world.settle()
    assert names(page) == ["张三"]
    press(page, "Filter …")
    form = form_of(world, qtbot)
    assert form.wanted() == Filter(department="总部", tags=("远程",))
    press(form, "Save as segment")
    world.settle()
    assert form.name._rows["name"][1].text()  # it needs a name
    form.name.field("name").setText("远程")
    press(form, "Save as segment")
    world.settle()
    assert find_button(page, "远程").isChecked()
    assert find_button(page, "远程").text() == "远程  1"
    assert names(page) == ["张三"]

    page.chips.changing.emit(page.chips.view())
    form = form_of(world, qtbot)
    form.name.field("name").setText("总部远程")
    choose(form.picker, "")
    press(form, "Save")
    world.settle()
    assert world.desk.ctx.read(segments.named)[0].filter == Filter(tags=("远程",))
    assert find_button(page, "总部远程").text() == "总部远程  2"

    page.chips.removing.emit(page.chips.view())
    world.settle()
    assert page.chips.view().key == "active"
    text, action, undo = world.heard["toasted"][-1]
    assert (action, "总部远程" in text) == ("Undo", True)
    assert world.desk.ctx.read(segments.named) == ()
    undo()
    world.settle()
    assert find_button(page, "总部远程").text() == "总部远程  2"


def test_more_segments_than_chips_are_in_a_menu(qtbot: QtBot, world: DeskWorld) -> None:
    for at in range(12):
        world.world.ctx.write(segment_services.add_segment, name=f"人群{at:02d}", wanted={"tags": ["远程"]})
    page = opened(qtbot, world)
    assert page.chips.others.text() == "4 more"
    last = page.chips.others.menu().actions()[-1]
    assert last.text() == "人群11  2"
    last.trigger()
    world.settle()
    assert find_button(page, "人群11").isChecked()
    assert (page.chips.others.text(), names(page)) == ("3 more", ["张三", "王五"])


def test_counts_on_chips_follow_what_is_written(qtbot: QtBot, world: DeskWorld) -> None:
    world.world.ctx.write(segment_services.add_segment, name="上海", wanted={"sites": ["上海"]})
    page = opened(qtbot, world)
    assert find_button(page, "上海").text() == "上海  2"
    assert find_button(page, "上海").accessibleName() == "上海: 2 people"
    add(world, name="孙七", employee_no="5", site="上海")
    world.desk.changed.emit("people")
    world.settle()
    assert find_button(page, "上海").text() == "上海  3"
    assert find_button(page, "Active").text() == "Active  5"


def test_half_a_date_is_no_complaint_until_the_button(qtbot: QtBot, world: DeskWorld) -> None:
    page = opened(qtbot, world)
    page.segments.ask_filter()
    form = form_of(world, qtbot)
    choose(form.form.field("hired"), "between")
    form.form.field("hired_from").setText("2026-1")
    world.until(lambda: form.count.text() == "", what="no count for half a date")
    assert not form.form._rows["hired_from"][1].text()
    press(form, "Show these people")
    assert "2026-11-20" in form.form._rows["hired_from"][1].text()


def test_all_results_go_to_a_campaign_and_so_does_a_segment(qtbot: QtBot, world: DeskWorld) -> None:
    page = opened(qtbot, world)
    page.table.selectRow(0)
    press(page, "Select all 4 results")
    page.give.click()
    world.settle()
    name, target = world.heard["went"][-1]
    assert (name, len(target["people"])) == ("campaign_wizard", 4)
    page.search.setText("张三")
    page.search.returnPressed.emit()
    world.settle()
    assert not page.foot.isVisible()  # what was selected is not there any more


def test_columns_are_chosen_and_remembered(qtbot: QtBot, world: DeskWorld) -> None:
    page = opened(qtbot, world)
    actions = {action.data(): action for action in page.columns.menu().actions()}
    at = {column.key: at for at, column in enumerate(page.model.columns)}
    assert page.table.isColumnHidden(at["email"])
    assert not actions["employee_no"].isEnabled()
    actions["email"].trigger()
    actions["level"].trigger()
    again = opened(qtbot, world)
    assert (again.table.isColumnHidden(at["email"]), again.table.isColumnHidden(at["level"])) == (False, True)
    assert again.table.columnWidth(at["email"]) > 100
    born = [row[at["birthday"]] for row in again.model.rows if row[1] == "张三"]
    assert again.model.columns[at["birthday"]].show(born[0]) == "12 Nov"


def test_an_old_list_is_said_to_be_old(qtbot: QtBot, world: DeskWorld) -> None:
    page = opened(qtbot, world)
    assert not page.banner.isVisible()

    def imported(_ctx: Any, session: Any) -> None:
        at = world.world.clock.now() - 91 * 24 * HOUR
        session.add(PersonImport(id=1, at=at, operator="", filename="", file_hash="", state="applied",
                                 lease_until=None, report={}))  # fmt: skip

    world.world.ctx.write(imported)
    page.refresh()
    world.settle()
    assert "91 days" in page.banner.text()


def test_the_form_takes_everything_and_an_edit_can_be_undone(qtbot: QtBot, world: DeskWorld) -> None:
    person = next(row for row in world.desk.ctx.read(people.people).rows if row.name == "张三")
    form = shown(qtbot, PersonForm(world.desk, person))
    assert form.form.values()["tags"] == "远程"
    form.form.field("tags").setText("远程，新员工")
    form.form.field("birthday").setText("someday")
    form.save.click()
    world.settle()
    assert form.form._rows["birthday"][1].text()
    form.form.field("birthday").setText("3月5日")
    form.save.click()
    world.settle()
    changed = world.desk.ctx.read(people.by_id, person_id=person.id)
    assert changed is not None
    assert (changed.tags, changed.birthday) == (("远程", "新员工"), "03-05")
    _text, action, undo = world.heard["toasted"][-1]
    assert action == "Undo"
    undo()
    world.settle()
    assert world.desk.ctx.read(people.by_id, person_id=person.id) == person


def state_of(world: DeskWorld, person_id: int) -> list[str]:
    wanted = select(Grant.state).where(Grant.person_id == person_id)
    return list(world.world.ctx.read(lambda session: session.scalars(wanted).all()))


def _keep(_ctx: Any, session: Any, *, person_id: int, extra: dict[str, str]) -> None:
    session.get(Person, person_id).extra = extra


def test_leaving_asks_what_becomes_of_open_grants(qtbot: QtBot, world: DeskWorld) -> None:
    person = next(row for row in world.desk.ctx.read(people.people).rows if row.name == "张三")
    world.world.campaign(world.world.product(), [person.id])
    world.world.ctx.write(_keep, person_id=person.id, extra={"id_number": "110101199011121234", "wecom_userid": "zs"})
    drawer = shown(qtbot, PersonDrawer(world.desk, person.id))
    world.settle()
    assert {"12 Nov", "上海", "远程", "zs", "Identity document number", "••••"} <= set(words(drawer))
    assert not any("1234" in text for text in words(drawer))
    press(drawer, "Leaves …")
    form = form_of(world, qtbot)
    assert "1 grant is not claimed yet." in words(form)
    form.date.setDate(form.today.addDays(3))
    assert (form.save.text(), form.revoke.isEnabled()) == ("Keep this date", False)
    form.date.setDate(form.today)
    press(form, "Mark as left")
    world.settle()
    assert state_of(world, person.id) == ["left"]
    _text, _action, undo = world.heard["toasted"][-1]
    undo()
    world.settle()
    assert state_of(world, person.id) == ["open"]
    form = shown(qtbot, LeaveForm(world.desk, person, 1))
    form.revoke.setChecked(True)
    press(form, "Mark as left")
    world.settle()
    press(drawer, "Works here again")
    world.settle()
    assert state_of(world, person.id) == ["revoked"]


def test_the_wizard_gives_to_a_segment(qtbot: QtBot, world: DeskWorld) -> None:
    made = world.world.ctx.write(segment_services.add_segment, name="远程", wanted={"tags": ["远程"]})
    step = shown(qtbot, WhoStep(world.desk))
    step.choose_segment(made.key)
    step.load()
    world.until(lambda: step.count.text() == "2 people", what="the people of the segment")
    assert step.audience() == {"segment": made.key}
    assert step.trouble() == ""
    world.world.ctx.write(segment_services.remove_segment, key=made.key)
    step.load()
    world.settle()
    world.until(lambda: step.trouble() or step.missing.text(), what="a word about the missing segment")


def test_nothing_of_the_page_is_without_a_name(qtbot: QtBot, world: DeskWorld) -> None:
    page = opened(qtbot, world)
    form = shown(qtbot, SegmentForm(world.desk, page.chips.view(), Filter()))
    world.settle()
    for whole in (page, form):
        for one in whole.findChildren(QWidget):
            if one.isVisible() and one.focusPolicy() & Qt.FocusPolicy.TabFocus and one.parent() is not None:
                text = one.accessibleName() or (one.text() if hasattr(one, "text") else "")
                inner = type(one.parent()).__name__ in ("QSpinBox", "QComboBox", "QDateEdit")
                assert text or inner, f"{one} has no name"


def test_a_tree_of_thousands_is_renewed_at_once(qtbot: QtBot) -> None:
    tree: DepartmentTree = shown(qtbot, DepartmentTree())
    paths = [f"总部{top}" + (f"/组{below}" if below else "") for top in range(10) for below in range(300)]

    def rows(people_below: int) -> list[DepartmentRow]:
        return [DepartmentRow(path, path.rpartition("/")[2], path.count("/"), 1, people_below) for path in paths]

    for people_below in (5, 6):
        began = time.process_time()
        tree.show_departments(rows(people_below))
        turn_events()
        assert time.process_time() - began < 1
    assert tree._items["总部3/组7"].text(1) == "6"
    tree.show_departments(rows(7)[:300])
    assert len(tree._items) == 300


def test_many_people_do_not_stop_the_window(qtbot: QtBot, world: DeskWorld) -> None:
    world.world.number = 100
    world.world.people(2_000)
    page = opened(qtbot, world)
    worst = 0.0
    for typed in ("员", "员工", "0001", "zs"):
        page.search.setText(typed)
        page.search.returnPressed.emit()
        while world.desk.background.pending():
            began = time.perf_counter()
            turn_events()
            worst = max(worst, time.perf_counter() - began)
    assert worst < 0.5, "one turn of the event loop"
