"""Answers that need no units: why there is nothing to give now, and the pages that belong to no grant."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any, NamedTuple

from welfare_desk.domain.eligibility import Verdict
from welfare_desk.i18n import ntext, text
from welfare_desk.queries.claim_page import CampaignFace
from welfare_desk.security.references import grant_reference, show
from welfare_desk.web import moments
from welfare_desk.web.faces import Face
from welfare_desk.web.render import escape, slot

STATUS = {"unknown": 404, "rate_limited": 429, "unavailable": 503}
OPENING_JITTER_S = 20
LONGEST_REFRESH_S = 3600
BUSY_RETRY_S = 30
REFERENCE = slot("reference")


class Asked(NamedTuple):
    """How somebody came here: the language, what was typed, and what the start page carries in place of a link.

    `confirmed`: the account was shown once more and said to be right. `edits`: it is to be typed again.
    `shows`: what is wanted of something claimed: receipt, report, report_form, or qr with `at`.
    """

    language: str
    identity: str = ""
    account: str = ""
    carried: str = ""
    confirmed: bool = False
    edits: bool = False
    shows: str = ""
    at: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """A page ready to be sent; `retry_after` in seconds, 0 for none."""

    status: int
    body: bytes
    retry_after: int = 0
    shared: bytes = b""

    def head(self) -> bytes:
        """The headers of the whole answer as they go over the wire; what all pages of a face share is joined once."""
        again = b"retry-after: %d\r\n" % self.retry_after if self.retry_after else b""
        return b"%scontent-length: %d\r\n%s" % (self.shared, len(self.body), again)


def answer(
    face: Face, template: str, language: str, state: str, values: dict[str, str], *, error: bool = False,
    refresh: Any = 0, script: bool = True, reference: str = REFERENCE, retry_after: int = 0, **facts: Any,
) -> Answer:  # fmt: skip
    """The page of a template with its values filled in, under the status of its state."""
    page = face.page(template, language, state=state, error=error, refresh=refresh, script=script,
                     reference=reference, **facts)  # fmt: skip
    return Answer(STATUS.get(state, 200), page.fill(values), retry_after, face.head)


def personal(asked: Asked, grant_id: int, **carried: str) -> dict[str, str]:
    """The values most pages have: the reference code, and hidden fields that carry on what was checked."""
    fields = {"carried": asked.carried, **carried}
    return {"reference": show(grant_reference(grant_id)), "hidden": hidden(fields) if any(fields.values()) else ""}


def hidden(fields: dict[str, str]) -> str:
    """Hidden form fields for every value that is not empty."""
    return "".join(
        f'<input type="hidden" name="{name}" value="{escape(value)}">' for name, value in fields.items() if value
    )


def unknown(face: Face, language: str) -> Answer:
    """The page of a link that is none: the same whatever is wrong with it."""
    answered = face.answers.get(("unknown", language))
    if answered is None:
        heading = text(language, "We cannot find this benefit")
        body = (text(language, "Please check that the whole link was opened, or scan the code again."),)
        answered = face.answers["unknown", language] = _bare(face, language, "unknown", heading, body)
    return answered


def unavailable(face: Face, language: str) -> Answer:
    """The page when the database is away, the keys are closed or too many wait."""
    heading = text(language, "Claiming is not possible right now")
    body = (text(language, "Your share is safe. Please try again in a few minutes."),)
    return _bare(face, language, "unavailable", heading, body, BUSY_RETRY_S)


def _bare(face: Face, language: str, state: str, heading: str, body: tuple[str, ...], retry_after: int = 0) -> Answer:
    return answer(face, "notice.html", language, state, {}, tone="warn", heading=heading, body=body, again=False,
                  asks_identity=False, reference="", script=False, retry_after=retry_after)  # fmt: skip


def everything_typed(asked: Asked) -> dict[str, str]:
    """What the next page asks again without anybody typing it again."""
    confirm = asked.account if asked.confirmed else ""
    return {"carried": asked.carried, "identity": asked.identity, "account": asked.account, "confirm": confirm}


def notice(face: Face, asked: Asked, verdict: Verdict, grant_id: int, now: int) -> Answer:
    """The page that says why there is nothing now: too early, over, gone, stopped, locked, paused or still held."""
    assert face.campaign is not None
    language, state = asked.language, verdict.reason
    values = personal(asked, grant_id)
    tone, heading, body = _said(face.campaign, language, state)
    facts: dict[str, Any] = {"tone": tone, "heading": heading, "body": body, "again": False, "asks_identity": False}
    if state == "too_early":
        left = face.campaign.opens_at - now
        values |= {"note": escape(_left(language, left)), "refresh": str(_refresh_at_opening(left))}
        return answer(face, "notice.html", language, state, values, refresh=slot("refresh"), **facts)
    if state == "pending":
        values["hidden"] = hidden(everything_typed(asked))
        return answer(face, "notice.html", language, state, values, **{**facts, "again": True})
    retry_after = 0
    if state == "rate_limited":
        until = verdict.next_at or now
        values["note"] = escape(retry_sentence(language, until, face.campaign.timezone))
        retry_after = max(1, -(-(until - now) // 1000))
    if state == "unavailable":
        retry_after = BUSY_RETRY_S
    return answer(face, "notice.html", language, state, values, script=False, retry_after=retry_after, **facts)


def retry_sentence(language: str, until: int, timezone: str) -> str:
    """When a lock on attempts ends."""
    return text(language, "Please try again at {time}.", time=moments.clock(until, timezone))


def minutes_sentence(language: str, minutes: int) -> str:
    """How long a lock on attempts lasts, where no campaign's zone is known."""
    return ntext(language, "Please try again in {n} minute.", "Please try again in {n} minutes.", minutes)


def _left(language: str, milliseconds: int) -> str:
    return text(language, "{time} to go.", time=moments.remaining(language, milliseconds))


def _refresh_at_opening(milliseconds: int) -> int:
    """Seconds until the page looks again: spread behind the opening, so that not all phones ask at once."""
    return min(LONGEST_REFRESH_S, max(1, milliseconds // 1000) + random.randint(1, OPENING_JITTER_S))


def _said(campaign: CampaignFace, language: str, state: str) -> tuple[str, str, tuple[str, ...]]:
    """(tone, heading, sentences) of a state."""
    if state == "too_early":
        opens = moments.moment(language, campaign.opens_at, campaign.timezone)
        kept = () if campaign.short else (text(language, "Your share is set aside for you; there is no hurry."),)
        return "info", text(language, "Claiming opens on {opens}", opens=opens), kept
    if state == "expired":
        return "warn", text(language, "Claiming has ended"), (text(language, "If you still need it, please ask HR."),)
    if state == "sold_out":
        return (
            "warn",
            text(language, "All of it has been claimed"),
            (text(language, "Nothing is left of it right now."),),
        )
    if state == "rate_limited":
        return "bad", text(language, "Too many attempts"), ()
    if state == "unavailable":
        return "warn", text(language, "Claiming is paused for the moment"), (
            text(language, "Your share is safe. Please try again later."),)  # fmt: skip
    if state == "pending":
        return "info", text(language, "Many are claiming right now"), (
            text(language, "Yours is not decided yet. Please press the button once more."),)  # fmt: skip
    return "warn", text(language, "This link is no longer in use"), (
        text(language, "Please use the link in your latest message, or ask HR."),)  # fmt: skip
