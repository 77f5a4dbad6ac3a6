"""From a verdict to a page: which template in which variant, and the personal values that go into its gaps."""

from __future__ import annotations

from welfare_desk.domain.accounts import tidy_account
from welfare_desk.domain.eligibility import Verdict
from welfare_desk.i18n import ntext, text
from welfare_desk.queries.claim_page import CampaignFace
from welfare_desk.queries.claim_scene import Outcome
from welfare_desk.queries.standing import Standing
from welfare_desk.queries.tickets import TicketFace
from welfare_desk.security.masking import mask_account
from welfare_desk.web import moments
from welfare_desk.web.faces import Face
from welfare_desk.web.notices import Answer, Asked, answer, everything_typed, hidden, notice, personal, unknown
from welfare_desk.web.render import escape
from welfare_desk.web.settler import Settled
from welfare_desk.web.units import first_kind, units_html, with_accounts

PENDING_REFRESH_S = 15
ELSEWHERE_REFRESH_S = 120
SOON_MS = 3_600_000
GIVEN = ("claimed", "pending", "failed", "credited")
UNDER_WAY = ("crediting", "unknown")


def looked(face: Face, asked: Asked, standing: Standing, ticket: TicketFace | None = None) -> Answer:
    """The page of somebody who only looks, or who came through the start page and has yet to act."""
    reason = standing.verdict.reason
    if reason == "unknown" or face.campaign is None:
        return unknown(face, asked.language)
    asks_identity = face.campaign.verify == "employee_no" and not asked.carried
    if reason not in (*GIVEN, "ready"):
        return notice(face, asked, standing.verdict, standing.grant_id, standing.now)
    values = personal(asked, standing.grant_id, identity=asked.identity)
    if reason == "ready":
        return answer(face, "ready.html", asked.language, reason, values, asks_identity=asks_identity)
    values["when"] = when(face.campaign, asked.language, standing.claimed_at)
    values["units"] = units_html(face, asked.language, [(unit, None) for unit in standing.units])
    values["ticket"] = ticket_html(face, asked.language, ticket, whole=False)
    has_codes = any(unit.code_id is not None for unit in standing.units)
    # A form is never wiped under somebody's fingers: there is one when codes can be shown, or when it takes long.
    lately = standing.now - (standing.claimed_at or 0) < SOON_MS
    waits = reason == "pending" and not asked.carried and not has_codes and lately
    return answer(
        face, "again.html", asked.language, reason, values, asks_identity=asks_identity, has_codes=has_codes,
        refresh=PENDING_REFRESH_S if waits else 0,
    )  # fmt: skip


def claimed(face: Face, asked: Asked, settled: Settled, now: int, ticket: TicketFace | None = None) -> Answer:
    """The page of somebody who acted: what was given, or why not."""
    outcome, language = settled.outcome, asked.language
    reason = outcome.verdict.reason
    if reason == "unknown" or face.campaign is None:
        return unknown(face, language)
    if reason == "confirm":
        return _confirm(face, asked, outcome.grant_id)
    if reason in ("mismatch", "account"):
        return _wrong(face, asked, outcome.verdict, outcome.grant_id, has_claimed=outcome.claimed_at is not None)
    if reason not in GIVEN or not outcome.units:
        return notice(face, asked, outcome.verdict, outcome.grant_id, now)
    if _is_elsewhere(face.campaign, asked, outcome):
        values = personal(asked, outcome.grant_id)
        refresh = 0 if asked.carried else ELSEWHERE_REFRESH_S
        return answer(face, "elsewhere.html", language, "elsewhere", values, refresh=refresh)
    return _given(face, asked, settled, ticket)


def _given(face: Face, asked: Asked, settled: Settled, ticket: TicketFace | None) -> Answer:
    assert face.campaign is not None
    outcome, language, reason = settled.outcome, asked.language, settled.outcome.verdict.reason
    values = personal(asked, outcome.grant_id, identity=asked.identity)
    units = with_accounts(face.campaign, asked.account, outcome.units)
    given = list(zip(units, settled.codes, strict=True))
    values["when"] = when(face.campaign, language, outcome.claimed_at)
    values["units"] = units_html(face, language, given, asked=asked)
    if ticket is not None:
        values["ticket"] = ticket_html(face, language, ticket)
    has_codes = any(settled.codes)
    waits = reason == "pending" and not asked.carried and not has_codes and not face.test
    return answer(
        face, "given.html", language, reason, values, asks_identity=False, has_codes=has_codes,
        carried=bool(asked.carried), shows=first_kind(face, given), reported=ticket is not None
        and ticket.state == "open", refresh=PENDING_REFRESH_S if waits else 0,
    )  # fmt: skip


def _confirm(face: Face, asked: Asked, grant_id: int) -> Answer:
    """The account once more, before a top-up goes where it cannot be moved from."""
    values = personal(asked, grant_id)
    values["hidden"] = hidden(everything_typed(asked) | {"confirm": asked.account})
    values["edit"] = hidden(everything_typed(asked) | {"edit": "1"})
    values["account"] = escape(asked.account.strip())
    return answer(face, "confirm.html", asked.language, "confirm", values)


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
    wrong_account = bool(asked.account) and not asked.edits
    return answer(
        face, "wrong.html", asked.language, verdict.reason, values, error=mismatch or wrong_account,
        again=wrong_account, asks_identity=mismatch,
        asks_account=bool(face.campaign.account_kind) and not (mismatch and has_claimed),
    )  # fmt: skip


def _is_elsewhere(campaign: CampaignFace, asked: Asked, outcome: Outcome) -> bool:
    """Whether somebody asks for one account while a top-up to another is under way, started on another device."""
    typed = tidy_account(campaign.account_kind or "any", asked.account) if asked.account else None
    if typed is None or any(unit.code_id is not None for unit in outcome.units):
        return False
    running = {unit.account_masked for unit in outcome.units if unit.state in UNDER_WAY}
    return bool(running - {None, mask_account(typed)})


def when(campaign: CampaignFace, language: str, claimed_at: int | None) -> str:
    """When it was claimed, as HTML; empty when it was not."""
    if claimed_at is None:
        return ""
    at = moments.moment(language, claimed_at, campaign.timezone)
    return escape(text(language, "You claimed it on {time}", time=at))


def ticket_html(face: Face, language: str, ticket: TicketFace | None, *, whole: bool = True) -> str:
    """What became of the last report: when an answer comes, or the answer (`whole`: to who passed the check)."""
    if ticket is None or face.campaign is None:
        return ""
    zone = face.campaign.timezone
    page = face.page("ticket.html", language, open=ticket.state == "open", whole=whole)
    values = {
        "since": escape(moments.moment(language, ticket.created_at, zone)),
        "due": escape(moments.moment(language, ticket.due_at, zone)),
        "closed": escape(moments.moment(language, ticket.closed_at or 0, zone)),
        "answer": escape(ticket.answer) if whole else "",
    }
    return page.fill(values).decode()
