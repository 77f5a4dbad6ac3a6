"""From a verdict to a page: which template in which variant, and the personal values that go into its gaps."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from welfare_desk.domain.accounts import tidy_account
from welfare_desk.domain.eligibility import Verdict
from welfare_desk.i18n import ntext, text
from welfare_desk.queries.claim_page import CampaignFace
from welfare_desk.queries.claim_scene import Unit
from welfare_desk.queries.standing import Standing
from welfare_desk.security.masking import mask_account
from welfare_desk.web import moments
from welfare_desk.web.faces import Face
from welfare_desk.web.notices import Answer, Asked, answer, notice, personal, unknown
from welfare_desk.web.render import escape
from welfare_desk.web.settler import OpenCode, Settled

PENDING_REFRESH_S = 15
GIVEN = ("claimed", "pending", "failed", "credited")
TOP_UP = {
    "crediting": "Being credited to {account}",
    "unknown": "Being credited to {account}; the supplier is being asked",
    "credited": "Credited to {account}",
    "failed": "Not credited to {account}",
}
Given = Sequence[tuple[Unit, OpenCode | None]]


def looked(face: Face, asked: Asked, standing: Standing) -> Answer:
    """The page of somebody who only looks, or who came through the start page and has yet to act."""
    reason = standing.verdict.reason
    if reason == "unknown" or face.campaign is None:
        return unknown(face, asked.language)
    asks_identity = face.campaign.verify == "employee_no" and not asked.ticket
    if reason not in (*GIVEN, "ready"):
        return notice(face, asked, standing.verdict, standing.grant_id, standing.now)
    values = personal(asked, standing.grant_id, identity=asked.identity)
    if reason == "ready":
        return answer(face, "ready.html", asked.language, reason, values, asks_identity=asks_identity)
    values["when"] = _when(face.campaign, asked.language, standing.claimed_at)
    values["units"] = _units(face, asked.language, [(unit, None) for unit in standing.units])
    has_codes = any(unit.code_id is not None for unit in standing.units)
    waits = reason == "pending" and not asked.ticket and not has_codes  # a form is never wiped under somebody's fingers
    return answer(
        face, "again.html", asked.language, reason, values, asks_identity=asks_identity, has_codes=has_codes,
        refresh=PENDING_REFRESH_S if waits else 0,
    )  # fmt: skip


def claimed(face: Face, asked: Asked, settled: Settled, now: int) -> Answer:
    """The page of somebody who acted: what was given, or why not."""
    outcome, language = settled.outcome, asked.language
    reason = outcome.verdict.reason
    if reason == "unknown" or face.campaign is None:
        return unknown(face, language)
    if reason in ("mismatch", "account"):
        return _wrong(face, asked, outcome.verdict, outcome.grant_id, has_claimed=outcome.claimed_at is not None)
    if reason not in GIVEN or not outcome.units:
        return notice(face, asked, outcome.verdict, outcome.grant_id, now)
    values = personal(asked, outcome.grant_id, identity=asked.identity)
    units = [_with_account(face.campaign, asked, unit) for unit in outcome.units]
    values["when"] = _when(face.campaign, language, outcome.claimed_at)
    values["units"] = _units(face, language, list(zip(units, settled.codes, strict=True)))
    has_codes = any(settled.codes)
    return answer(
        face, "given.html", language, reason, values, asks_identity=False, has_codes=has_codes,
        carried=bool(asked.ticket),
        refresh=PENDING_REFRESH_S if reason == "pending" and not asked.ticket and not has_codes else 0,
    )  # fmt: skip


def _wrong(face: Face, asked: Asked, verdict: Verdict, grant_id: int, *, has_claimed: bool) -> Answer:
    """The form again, with what was typed and what is wrong with it."""
    assert face.campaign is not None
    mismatch = verdict.reason == "mismatch"
    keeps_identity = not mismatch and face.campaign.verify == "employee_no"
    values = personal(asked, grant_id, identity=asked.identity if keeps_identity else "")
    values |= {"identity": escape(asked.identity), "account": escape(asked.account)}
    if mismatch and verdict.tries_left is not None:
        values["tries"] = escape(
            ntext(asked.language, "{n} more try.", "{n} more tries.", verdict.tries_left) if verdict.tries_left else ""
        )
    return answer(
        face, "wrong.html", asked.language, verdict.reason, values, error=mismatch or bool(asked.account),
        again=bool(asked.account), asks_identity=mismatch,
        asks_account=bool(face.campaign.account_kind) and not (mismatch and has_claimed),
    )  # fmt: skip


def _when(campaign: CampaignFace, language: str, claimed_at: int | None) -> str:
    if claimed_at is None:
        return ""
    at = moments.moment(language, claimed_at, campaign.timezone)
    return escape(text(language, "You claimed it on {time}", time=at))


def _with_account(campaign: CampaignFace, asked: Asked, unit: Unit) -> Unit:
    """A top-up just accepted does not know its masked account yet; it is the one just typed."""
    if unit.code_id is not None or unit.account_masked:
        return unit
    account = tidy_account(campaign.account_kind or "any", asked.account)
    return dataclasses.replace(unit, account_masked=mask_account(account) if account else "")


def _units(face: Face, language: str, given: Given) -> str:
    """Every unit as HTML. Codes that were not opened, on a page that only looks, are left out."""
    campaign = face.campaign
    assert campaign is not None
    shown = [(unit, code) for unit, code in given if code is not None or unit.code_id is None]
    titled = campaign.bundle or len(given) > 1
    return "".join(_unit(face, language, unit, code, at, titled=titled) for at, (unit, code) in enumerate(shown))


def _unit(face: Face, language: str, unit: Unit, code: OpenCode | None, at: int, *, titled: bool) -> str:
    assert face.campaign is not None
    part = face.part(unit.part)
    several = part is not None and part.quantity > 1
    last = part is None or unit.unit == part.quantity - 1
    title = f"{part.name} {unit.unit + 1}/{part.quantity}" if part and several else part.name if part and titled else ""
    how_to = part.how_to if part and last and code is not None else ""
    values = {}
    if code is None:
        account = unit.account_masked or ""
        values["status"] = escape(text(language, TOP_UP.get(unit.state, TOP_UP["crediting"]), account=account))
    else:
        number, secret = code
        values |= {"number": escape(number), "secret": escape(secret)}
        if unit.expires_at is not None:
            until = moments.end(language, unit.expires_at, face.campaign.timezone)
            values["until"] = escape(text(language, "Use it before {time}", time=until))
    page = face.page(
        "unit.html", language, title=title, at=at, has_code=code is not None, has_number=bool(code and code[0]),
        has_until="until" in values, how_to=how_to,
    )  # fmt: skip
    return page.fill(values).decode()
