"""What was given, unit by unit, as HTML: code, card number and secret, coupon with QR, link, or a top-up's state."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from urllib.parse import urlsplit

from welfare_desk.domain.accounts import tidy_account
from welfare_desk.i18n import text
from welfare_desk.queries.claim_page import CampaignFace
from welfare_desk.queries.claim_scene import Unit
from welfare_desk.security.masking import mask_account
from welfare_desk.web import moments
from welfare_desk.web.faces import Face
from welfare_desk.web.notices import Asked, everything_typed, hidden
from welfare_desk.web.pictures import qr_picture
from welfare_desk.web.render import escape
from welfare_desk.web.settler import OpenCode

TOP_UP = {
    "crediting": "Being credited to {account}",
    "unknown": "Being credited to {account}; the supplier is being asked",
    "credited": "Credited to {account}",
    "failed": "Not credited to {account}",
}
SAFE_SCHEMES = ("https", "http")
LONG_SIGNS = 28
Given = Sequence[tuple[Unit, OpenCode | None]]


def with_accounts(campaign: CampaignFace, typed: str, units: Sequence[Unit]) -> list[Unit]:
    """A top-up just accepted does not know its masked account yet; it is the one just typed."""
    if not typed:
        return list(units)
    account = tidy_account(campaign.account_kind or "any", typed)
    masked = mask_account(account) if account else ""
    return [dataclasses.replace(unit, account_masked=masked) if unit.code_id is None and not unit.account_masked
            else unit for unit in units]  # fmt: skip


def units_html(face: Face, language: str, given: Given, *, asked: Asked | None = None) -> str:
    """Every unit as HTML. Codes that were not opened, on a page that only looks, are left out.

    A page has one QR picture, because a long press finds only one: that of the coupon at place `asked.at`; each other
    gets a button that shows its own instead, with what was typed for the check.
    """
    campaign = face.campaign
    assert campaign is not None
    shown = [(unit, code) for unit, code in given if code is not None or unit.code_id is None]
    titled = campaign.bundle or len(given) > 1
    pictured = _pictured(face, shown, asked.at if asked else 0) if face.draws else -1
    return "".join([
        _unit(face, language, unit, code, at, titled=titled, pictured=at == pictured, asked=asked)
        for at, (unit, code) in enumerate(shown)
    ])  # fmt: skip


def _pictured(face: Face, shown: Given, wanted: int) -> int:
    """The place of the coupon that is shown as a picture: the wanted one, else the first."""
    coupons = [at for at, (unit, code) in enumerate(shown) if code is not None and _kind(face, unit) == "coupon"]
    return wanted if wanted in coupons else next(iter(coupons), -1)


def first_kind(face: Face, given: Given) -> str:
    """`coupon` when the first code given is one, which is to be shown to somebody; otherwise ""."""
    if not face.draws:
        return ""
    first = next((_kind(face, unit) for unit, code in given if code is not None), "")
    return first if first == "coupon" else ""


def _kind(face: Face, unit: Unit) -> str:
    part = face.part(unit.part)
    return part.kind if part else ""


def _unit(
    face: Face, language: str, unit: Unit, code: OpenCode | None, at: int, *, titled: bool, pictured: bool,
    asked: Asked | None,
) -> str:  # fmt: skip
    assert face.campaign is not None
    part = face.part(unit.part)
    several = part is not None and part.quantity > 1
    last = part is None or unit.unit == part.quantity - 1
    title = f"{part.name} {unit.unit + 1}/{part.quantity}" if part and several else part.name if part and titled else ""
    how_to = part.how_to if part and last and code is not None else ""
    if code is None:
        account = unit.account_masked or ""
        values = {"status": escape(text(language, TOP_UP.get(unit.state, TOP_UP["crediting"]), account=account))}
        page = face.page("unit.html", language, title=title, at=at, kind="top_up", has_code=False, how_to="")
        return page.fill(values).decode()
    kind = part.kind if part else ""
    values, shape = _code_values(code, kind, pictured=pictured)
    if unit.expires_at is not None:
        until = moments.end(language, unit.expires_at, face.campaign.timezone)
        values["until"] = escape(text(language, "Use it before {time}", time=until))
    if shape == "hidden_qr" and asked is not None:
        values["hidden"] = hidden(everything_typed(asked))
    page = face.page(
        "unit.html", language, title=title, at=at, kind=kind, shape=shape, has_code=True, has_number=bool(code[0]),
        long=len(code[1]) > LONG_SIGNS, has_until="until" in values, how_to=how_to,
    )  # fmt: skip
    return page.fill(values).decode()


def _code_values(code: OpenCode, kind: str, *, pictured: bool) -> tuple[dict[str, str], str]:
    """The values of a code, and its shape: qr, hidden_qr (another coupon shows its own), link, or "" for text alone."""
    number, secret = code
    values = {"number": escape(number), "secret": escape(secret)}
    if kind == "coupon":
        picture = qr_picture(secret) if pictured else ""
        values["qr"] = picture
        return values, "qr" if picture else "" if pictured else "hidden_qr"
    if kind == "link" and _is_safe(secret):
        values["href"] = escape(secret.strip())
        return values, "link"
    return values, ""


def _is_safe(address: str) -> bool:
    """Whether an address may be opened from the page: nothing but the web."""
    try:
        parts = urlsplit(address.strip())
    except ValueError:
        return False
    return parts.scheme.lower() in SAFE_SCHEMES and bool(parts.hostname)
