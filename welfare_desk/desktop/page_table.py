"""Which pages there are, where they stand in the rail, and the keys that lead to them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from welfare_desk.desktop.desk import Desk
from welfare_desk.desktop.pages.backup import BackupPage
from welfare_desk.desktop.pages.campaign_detail import CampaignPage
from welfare_desk.desktop.pages.campaign_wizard import CampaignWizardPage
from welfare_desk.desktop.pages.campaigns import CampaignsPage
from welfare_desk.desktop.pages.dashboard import DashboardPage
from welfare_desk.desktop.pages.import_people import ImportPage
from welfare_desk.desktop.pages.people import PeoplePage
from welfare_desk.desktop.pages.purchasing import PurchasingPage
from welfare_desk.desktop.pages.service import ServicePage
from welfare_desk.desktop.pages.settings import SettingsPage
from welfare_desk.desktop.pages.shelf import ShelfPage
from welfare_desk.desktop.pages.tickets import TicketsPage
from welfare_desk.desktop.pages.today import TodayPage
from welfare_desk.desktop.widgets.page import Page
from welfare_desk.i18n import _


@dataclass(frozen=True)
class Entry:
    """One page: its name for `desk.go`, the rail entry it belongs to, and what makes it."""

    name: str
    rail: str
    make: Callable[[Desk], Page]


@dataclass(frozen=True)
class Section:
    """One entry of the rail."""

    name: str
    icon: str


SECTIONS = (
    Section("today", "today"),
    Section("people", "people"),
    Section("shelf", "shelf"),
    Section("purchasing", "stock"),
    Section("campaigns", "campaign"),
    Section("dashboard", "dashboard"),
    Section("settings", "settings"),
)
PAGES = (
    Entry("today", "today", TodayPage),
    Entry("tickets", "today", TicketsPage),
    Entry("people", "people", PeoplePage),
    Entry("import_people", "people", ImportPage),
    Entry("shelf", "shelf", ShelfPage),
    Entry("purchasing", "purchasing", PurchasingPage),
    Entry("campaigns", "campaigns", CampaignsPage),
    Entry("campaign_wizard", "campaigns", CampaignWizardPage),
    Entry("campaign", "campaigns", CampaignPage),
    Entry("dashboard", "dashboard", DashboardPage),
    Entry("settings", "settings", SettingsPage),
    Entry("service", "settings", ServicePage),
    Entry("backup", "settings", BackupPage),
)


def titles() -> dict[str, str]:
    """The texts of the rail in the language in force."""
    return {
        "today": _("Today"), "people": _("Employees"), "shelf": _("Shelf"), "purchasing": _("Orders and stock"),
        "campaigns": _("Campaigns"), "dashboard": _("Dashboard"), "settings": _("Settings"),
    }  # fmt: skip
