"""Tickets and the looks of the claim page at the desk: list, drawer, answered, nothing to do, and the settings."""

from __future__ import annotations

from pathlib import Path

from devtools.stage import stage
from tests.support.desk import DeskWorld
from welfare_desk.desktop.pages.settings import SettingsPage
from welfare_desk.desktop.pages.tickets import TicketsPage
from welfare_desk.queries import tickets as queries
from welfare_desk.services import tickets
from welfare_desk.services.claims import ClaimRequest, settle

KINDS = ("used", "invalid", "other", "used", "not_credited")
NOTE = "兑换时提示“已使用”，我还没有用过。截图发给了王敏。"


def shoot(out: Path, language: str, theme: str) -> list[str]:
    """Pictures these screens; returns the problems it saw."""
    with stage(out, language, theme) as on:
        desk, window, shot = on.desk, on.window, on.shot
        window.show_page("tickets")
        shot("tickets-empty")
        _report(desk)
        page = window.page("tickets")
        assert isinstance(page, TicketsPage)
        page.refresh()
        shot("tickets")
        page.table.opened.emit(page.model.rows[0])
        shot("tickets-drawer")
        window.show_page("today")
        shot("tickets-today")
        window.show_page("settings")
        settings = window.page("settings")
        assert isinstance(settings, SettingsPage)
        desk.settle(60)
        settings.look.colour.setText("#FFC800")
        shot("settings-look")
    return on.problems


def _report(desk: DeskWorld) -> None:
    """Five people have claimed and say that it does not work; the last one has an answer."""
    world = desk.world
    product = world.product()
    world.stock(product, len(KINDS))
    _campaign, grants = world.campaign(product, world.people(len(KINDS)), reserved={product: len(KINDS)})
    world.ctx.write(settle, requests=[ClaimRequest(grant, trusted=True) for grant in grants])
    for grant, kind in zip(grants, KINDS, strict=True):
        world.ctx.write(tickets.report_problem, grant_id=grant, kind=kind, note=NOTE)
    found = world.ctx.read(queries.tickets, now=world.clock.now())
    world.ctx.write(tickets.close_ticket, ticket_id=found[-1].id, answer="供应商已为您补充到账，请查看。")
