"""What pages of one campaign share, kept for a second, and the pages rendered from it."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import Any

from markupsafe import Markup

from welfare_desk.context import AppContext
from welfare_desk.errors import Unavailable
from welfare_desk.i18n import text
from welfare_desk.queries.claim_page import CampaignFace, Company, PartFace, campaign_face, company
from welfare_desk.web import moments
from welfare_desk.web.render import Page, page_headers, render, style
from welfare_desk.web.wire import joined

FRESH_S = 1.0
KEPT = 512
LABELS = {
    "phone": ("Phone number to top up", "tel"),
    "qq": ("QQ number to top up", "numeric"),
    "email": ("E-mail address of the account to top up", "email"),
}
OTHER_LABEL = ("Account to top up", "text")


@dataclass(slots=True)
class Face:
    """A campaign (None for pages that belong to no campaign) and the company, and pages made so far.

    `test`: the page of a test send. `head`: the headers its pages share. `draws`: some of its pages hold a picture.
    """

    company: Company
    campaign: CampaignFace | None = None
    pages: dict[tuple[Any, ...], Page] = field(default_factory=dict)
    answers: dict[tuple[str, str], Any] = field(default_factory=dict)
    test: bool = False
    head: bytes = b""
    draws: bool = False
    _views: dict[str, dict[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.head = joined(page_headers(self.css()))
        self.draws = any(part.kind == "coupon" for part in self.campaign.parts) if self.campaign else False

    def css(self) -> str:
        """The style of its pages; those of a demo or a test send are marked all over."""
        demo = self.company.demo or bool(self.campaign and self.campaign.demo)
        return style(self.company.colour, watermark=self.test or demo)

    def page(self, template: str, language: str, **facts: Any) -> Page:
        """The page of a template in that variant, rendered at the first call."""
        key = (template, language, *facts.items())
        page = self.pages.get(key)
        if page is None:
            page = self.pages[key] = render(template, language, face=self.view(language), **facts)
        return page

    def part(self, position: int) -> PartFace | None:
        """The part of the campaign's product at that position."""
        parts = self.campaign.parts if self.campaign else ()
        return next((part for part in parts if part.part == position), None)

    def view(self, language: str) -> dict[str, Any]:
        """What templates see as `face`."""
        if language not in self._views:
            self._views[language] = {**_company_view(self.company), **_campaign_view(self.campaign, language)}
            if self.campaign and self.campaign.demo:
                self._views[language]["demo"] = True
            self._views[language] |= {"test": self.test, "css": Markup(self.css())}
        return self._views[language]


def _company_view(shown: Company) -> dict[str, Any]:
    return {"company": shown.name, "contact": shown.contact, "help_text": shown.help_text, "demo": shown.demo,
            "logo": shown.logo}  # fmt: skip


def _campaign_view(campaign: CampaignFace | None, language: str) -> dict[str, Any]:
    if campaign is None:
        return {"name": "", "lines": (), "opens": "", "closes": "", "zone": "", "verify": "none", "account_kind": None,
                "account_label": "", "account_input": "text", "kinds": ()}  # fmt: skip
    label, keyboard = LABELS.get(campaign.account_kind or "", OTHER_LABEL)
    zone = campaign.timezone
    return {
        "name": campaign.name,
        "lines": [f"{part.name} × {part.quantity}" if part.quantity > 1 else part.name for part in campaign.parts],
        "opens": moments.moment(language, campaign.opens_at, zone),
        "closes": moments.end(language, campaign.closes_at, zone),
        "zone": moments.zone_name(language, campaign.opens_at, zone),
        "verify": campaign.verify,
        "account_kind": campaign.account_kind,
        "account_label": text(language, label),
        "account_input": keyboard,
        "kinds": tuple(sorted({part.kind for part in campaign.parts})),
    }


class Faces:
    """The faces by the key number in links. Readers on the event loop use `known`, which never asks the database."""

    def __init__(self, ctx: AppContext) -> None:
        self._ctx = ctx
        self._lock = threading.Lock()
        self._faces: dict[int | None, tuple[float, Face]] = {}
        self._blank = Face(Company())
        self._asked: set[int] = set()

    def known(self, key_number: int | None = None) -> Face:
        """The face as last seen; the company's alone when the campaign is not known."""
        found = self._faces.get(key_number) or self._faces.get(None)
        return found[1] if found else self._blank

    def keep_fresh(self) -> None:
        """For the heart: reads again what was asked for since it last beat, so that no settlement has to."""
        asked, self._asked = self._asked, set()
        for key_number in (None, *asked):
            self._seen(key_number, FRESH_S)

    def fresh(self, key_number: int | None = None, within: float = FRESH_S) -> Face:
        """The face, at most `within` seconds old. While the database is away the last one; else raises Unavailable."""
        if key_number is not None:
            self._asked.add(key_number)
        return self._seen(key_number, within)

    def _seen(self, key_number: int | None, within: float) -> Face:
        now = time.monotonic()
        found = self._faces.get(key_number)
        if found and now - found[0] < within:
            return found[1]
        try:
            shown = self._ctx.read(company)
            campaign = self._ctx.read(campaign_face, key_number=key_number) if key_number is not None else None
        except Unavailable:
            if found:
                return found[1]
            raise
        old = found[1] if found else None
        same = old is not None and old.company == shown and old.campaign == campaign
        face = old if same and old is not None else Face(shown, campaign)
        with self._lock:
            if len(self._faces) >= KEPT:
                self._faces.clear()
            self._faces[key_number] = (now, face)
            if key_number is not None and (None not in self._faces or self._faces[None][1].company != shown):
                self._faces[None] = (now, Face(shown))
        return face
