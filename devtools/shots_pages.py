"""People, import, shelf, orders and campaigns: every screen, empty and filled."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from devtools.stage import Shot, stage
from tests.support.desk import DeskWorld, write_list
from welfare_desk.desktop.main_window import MainWindow
from welfare_desk.services import demo

PAGES = ("people", "shelf", "purchasing", "campaigns")


def shoot(out: Path, language: str, theme: str) -> list[str]:
    """Pictures every screen of these pages; returns the problems it saw."""
    with stage(out, language, theme) as on:
        desk, window, shot = on.desk, on.window, on.shot
        for name in PAGES:
            window.show_page(name)
            shot(f"{name}-empty")
        _import(desk, window, shot)
        _fill(desk)
        _people(window, shot)
        _goods(window, shot)
        _campaigns(desk, window, shot)
        _wizard(desk, window, shot)
    return on.problems


def _import(desk: DeskWorld, window: MainWindow, shot: Shot) -> None:
    window.show_page("import_people")
    shot("import-file")
    found = write_list(Path("员工名单.csv").resolve(), 5, bad=2)
    desk.desk.go("import_people", path=str(found))
    shot("import-columns")
    wizard: Any = window.page("import_people").wizard  # type: ignore[attr-defined]  # a page of its own kind
    wizard.next.click()
    shot("import-check")
    window.show_page("people")


def _fill(desk: DeskWorld) -> None:
    demo.load(desk.world.ctx)
    for noun in ("people", "products", "stock", "campaigns", "suppliers", "orders"):
        desk.desk.changed.emit(noun)


def _people(window: MainWindow, shot: Shot) -> None:
    page: Any = window.page("people")
    window.show_page("people")
    shot("people")
    page.table.selectRow(2)
    page.table.opened.emit(page.model.rows[2])
    shot("person")
    page.add_person()
    shot("person-new")
    window.drawer.close_drawer()


def _goods(window: MainWindow, shot: Shot) -> None:
    page: Any = window.page("shelf")
    window.show_page("shelf")
    shot("shelf")
    page.table.opened.emit(page.model.rows[0])
    shot("product")
    page.bundle.click()
    shot("bundle")
    page.suppliers.click()
    shot("suppliers")
    window.show_page("shelf", {"connect": True})
    shot("supplier-new")
    orders: Any = window.page("purchasing")
    window.show_page("purchasing")
    shot("orders")
    for tab in ("stock", "batches", "top_ups"):
        orders.tabs.choose(tab)
        orders.tabs.chosen.emit(tab)
        shot(tab)
    orders.ask_order()
    shot("order-new")
    window.drawer.close_drawer()


def _campaigns(desk: DeskWorld, window: MainWindow, shot: Shot) -> None:
    page: Any = window.page("campaigns")
    window.show_page("campaigns")
    shot("campaigns")
    desk.desk.go("campaign", campaign_id=page.model.rows[0][-1])
    shot("campaign")
    detail: Any = window.page("campaign")
    detail.people.table.selectRow(0)
    shot("campaign-person")
    detail.extend.click()
    shot("campaign-extend")
    window.drawer.close_drawer()


def _wizard(desk: DeskWorld, window: MainWindow, shot: Shot) -> None:
    desk.desk.go("campaign_wizard")
    desk.settle(60)
    page: Any = window.page("campaign_wizard")
    page.what.cards.buttons()[0].click()
    for name in ("what", "who", "when", "how", "review"):
        shot(f"wizard-{name}")
        if name != "review":
            page.wizard.next.click()
