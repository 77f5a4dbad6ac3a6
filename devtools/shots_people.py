"""The directory with five people and with 100,000: list, tree, segments, filter, drawer, leaving, the wizard's step."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from benchmarks.directory import fill
from devtools.stage import Shot, stage
from tests.support.desk import DeskWorld
from welfare_desk.desktop.main_window import MainWindow
from welfare_desk.desktop.pages.person_leave import LeaveForm
from welfare_desk.desktop.widgets.fields import choose
from welfare_desk.queries import people as queries
from welfare_desk.services import people, segments

MANY = 100_000
FIVE = (
    ("张三", "00001", "总部/财务部", "13800138001", "1990-11-12", "上海", "P6", "新员工,远程"),
    ("李四", "00002", "总部/人力资源部", "13800138002", "11-30", "上海", "P7", ""),
    ("王小明", "00003", "华东/上海/销售一部", "13800138003", "", "上海", "P5", "骨干"),
    ("Anna Smith", "A-17", "华东/杭州", "", "1985-02-01", "杭州", "M2", "远程"),
    ("赵敏", "00005", "总部", "13800138005", "1999-07-07", "北京", "", ""),
)
SEGMENTS: dict[str, dict[str, Any]] = {
    "新员工": {"hired_within_days": 30}, "本月生日": {"birthday_month": "this"},
    "上海远程": {"sites": ["上海"], "tags": ["远程"]},
}  # fmt: skip


def shoot(out: Path, language: str, theme: str) -> list[str]:
    """Pictures the people pages; returns the problems it saw."""
    with stage(out, language, theme) as on:
        desk, window, shot = on.desk, on.window, on.shot
        window.show_page("people")
        shot("empty")
        _five(desk)
        _few(desk, window, shot)
        desk.world.ctx.write(fill, count=MANY, first=1000)
        desk.desk.changed.emit("people")
        _many(desk, window, shot)
    return on.problems


def _five(desk: DeskWorld) -> None:
    for name, number, department, phone, birthday, site, level, tags in FIVE:
        person = desk.world.ctx.write(
            people.add_person, name=name, employee_no=number, department=department, phone=phone, birthday=birthday,
            site=site, level=level, tags=tags, hire_date="2026-11-02",
        )  # fmt: skip
        if number == "00001":
            desk.world.campaign(desk.world.product(), [person.id])
    for name, wanted in SEGMENTS.items():
        desk.world.ctx.write(segments.add_segment, name=name, wanted=wanted)
    desk.desk.changed.emit("people")


def _few(desk: DeskWorld, window: MainWindow, shot: Shot) -> None:
    page: Any = window.page("people")
    shot("five")
    page.table.selectRow(1)
    shot("selected")
    at = next(at for at, row in enumerate(page.model.rows) if row[0] == "00001")
    page.table.opened.emit(page.model.rows[at])
    shot("person")
    found = desk.desk.ctx.read(queries.by_id, person_id=page.model.rows[at][-1])
    desk.desk.open_drawer(LeaveForm(desk.desk, found, 1))
    shot("leave")
    page.add_person()
    shot("new")
    page.segments.ask_filter()
    shot("filter")
    choose(page.segments.form.form.field("hired"), "between")
    shot("filter-between")
    window.drawer.close_drawer()
    page.chips.choose("segment:benyueshengri")
    page.chips.chosen.emit(page.chips.view())
    shot("segment")
    page.search.setText("nobody")
    page.search.returnPressed.emit()
    shot("nothing")
    page.search.clear()


def _many(desk: DeskWorld, window: MainWindow, shot: Shot) -> None:
    page: Any = window.page("people")
    page.chips.choose("active")
    page.chips.chosen.emit(page.chips.view())
    shot("many")
    page.search.setText("zw")
    page.search.returnPressed.emit()
    shot("many-search")
    page.search.clear()
    page.departments.choose("华东/中心1")
    page.departments.picked.emit("华东/中心1")
    shot("many-department")
    desk.desk.go("campaign_wizard", segment="shanghaiyuancheng")
    desk.settle(60)
    wizard: Any = window.page("campaign_wizard")
    wizard.wizard.go(1)
    shot("wizard-who")
