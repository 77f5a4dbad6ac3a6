"""What can be done with something claimed: a receipt to print, and saying that it does not work."""

from __future__ import annotations

from welfare_desk.db.models.tickets import KINDS
from welfare_desk.errors import Refused
from welfare_desk.i18n import ntext, text
from welfare_desk.queries.claim_page import CampaignFace, who
from welfare_desk.queries.tickets import TicketFace, of_grant
from welfare_desk.security.masking import mask_name
from welfare_desk.services.tickets import NOTE_SIGNS, report_problem
from welfare_desk.web import moments
from welfare_desk.web.answers import ticket_html
from welfare_desk.web.faces import Face
from welfare_desk.web.host import Host
from welfare_desk.web.notices import Answer, Asked, answer, personal
from welfare_desk.web.render import escape
from welfare_desk.web.settler import Settled
from welfare_desk.web.units import TOP_UP

SHOWS = ("receipt", "report")
REPORTABLE = {"top_up": ("not_credited", "other")}
OF_CODES = ("used", "invalid", "other")


def page(host: Host, face: Face, asked: Asked, settled: Settled, typed: dict[str, str]) -> Answer:
    """The page that `asked.shows`, for somebody who passed the check. Blocks: reads, and a report writes."""
    ticket = host.ctx.read(of_grant, grant_id=settled.outcome.grant_id)
    if asked.shows == "receipt":
        return _receipt(host, face, asked, settled)
    if "problem" not in typed and "send" not in typed:
        return _report(face, asked, settled, ticket, {})
    try:
        reported = host.ctx.write(report_problem, grant_id=settled.outcome.grant_id, kind=typed.get("problem", ""),
                                  note=typed.get("note", "")[:NOTE_SIGNS])  # fmt: skip
    except Refused:
        return _report(face, asked, settled, ticket, typed, error=True)
    if reported.state == "too_many":
        return _report(face, asked, settled, ticket, typed, too_many=True)
    return _report(face, asked, settled, host.ctx.read(of_grant, grant_id=settled.outcome.grant_id), {})


def _receipt(host: Host, face: Face, asked: Asked, settled: Settled) -> Answer:
    campaign, outcome, language = face.campaign, settled.outcome, asked.language
    assert campaign is not None
    values = personal(asked, outcome.grant_id, identity=asked.identity)
    values["name"] = escape(mask_name(host.ctx.read(who, grant_id=outcome.grant_id)))
    at, zone = outcome.claimed_at or 0, campaign.timezone
    values["when"] = escape(f"{moments.dated(at, zone)} {moments.zone_name(language, at, zone)}")
    values["lines"] = _top_ups(language, settled)
    return answer(face, "receipt.html", language, "receipt", values)


def _top_ups(language: str, settled: Settled) -> str:
    said = [text(language, TOP_UP.get(unit.state, TOP_UP["crediting"]), account=unit.account_masked or "")
            for unit in settled.outcome.units if unit.code_id is None]  # fmt: skip
    return "<br>".join(escape(line) for line in said)


def _report(
    face: Face, asked: Asked, settled: Settled, ticket: TicketFace | None, typed: dict[str, str], *,
    error: bool = False, too_many: bool = False,
) -> Answer:  # fmt: skip
    campaign, language = face.campaign, asked.language
    assert campaign is not None
    values = personal(asked, settled.outcome.grant_id, identity=asked.identity)
    values["note"] = escape(typed.get("note", ""))
    values["ticket"] = ticket_html(face, language, ticket)
    is_open = ticket is not None and ticket.state == "open"
    chosen = typed.get("problem", "") if typed.get("problem") in KINDS else ""
    return answer(
        face, "report.html", language, "report", values, error=error, too_many=too_many, reported=is_open,
        kinds=_kinds(campaign), chosen=chosen, most=NOTE_SIGNS, promised=promise(language, face.company.answer_hours),
    )  # fmt: skip


def promise(language: str, hours: int) -> str:
    """How soon an answer comes."""
    if hours % 24 == 0:
        return ntext(language, "You get an answer within {n} day.", "You get an answer within {n} days.", hours // 24)
    return ntext(language, "You get an answer within {n} hour.", "You get an answer within {n} hours.", hours)


def _kinds(campaign: CampaignFace) -> tuple[str, ...]:
    """What can be wrong with what this campaign gives, in the order of KINDS."""
    possible = {kind for part in campaign.parts for kind in REPORTABLE.get(part.kind, OF_CODES)}
    return tuple(kind for kind in KINDS if kind in possible)
