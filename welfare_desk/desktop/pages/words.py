"""States and kinds in the words and tones of the window; every page says the same thing the same way."""

from __future__ import annotations

from typing import Protocol

from welfare_desk.i18n import _

Word = tuple[str, str]  # text, tone of its badge


class GrantLike(Protocol):
    """What a grant's status is told from; times are epoch milliseconds."""

    @property
    def state(self) -> str: ...
    @property
    def message(self) -> str | None: ...
    @property
    def reached_at(self) -> int | None: ...
    @property
    def claimed_at(self) -> int | None: ...


def kind_word(kind: str) -> str:
    """What kind of product it is."""
    return {
        "card_secret": _("Card secret"),
        "coupon": _("Coupon"),
        "top_up": _("Top-up"),
        "link": _("Link"),
        "bundle": _("Bundle"),
    }.get(kind, kind)


def person_status(status: str) -> Word:
    """Whether a person works here."""
    return (_("Active"), "ok") if status == "active" else (_("Left"), "plain")


def phase_word(phase: str) -> Word:
    """Where a campaign stands."""
    return {
        "launching": (_("Being launched"), "info"),
        "upcoming": (_("Not open yet"), "info"),
        "open": (_("Running"), "ok"),
        "paused": (_("Paused"), "warn"),
        "ended": (_("Ended"), "plain"),
        "closed": (_("Closed"), "plain"),
    }.get(phase, (phase, ""))


def grant_status(grant: GrantLike, opens_at: int, closes_at: int, now: int) -> Word:
    """Where one person's grant stands at `now`."""
    if grant.claimed_at is not None:
        return _("Has claimed"), "ok"
    if grant.state == "revoked":
        return _("Revoked"), "bad"
    if grant.state == "left":
        return _("Left"), "plain"
    if closes_at <= now:
        return _("Ended unclaimed"), "plain"
    if grant.message == "failed":
        return _("Not delivered"), "bad"
    if grant.message in ("queued", "sending"):
        return _("Being sent"), "info"
    if grant.reached_at is None:
        return _("Not delivered yet"), "warn"
    return (_("Not open yet"), "info") if opens_at > now else (_("Unclaimed"), "info")


def message_state(state: str | None) -> Word:
    """Where a message stands; None when none was meant to be sent."""
    return {
        "queued": (_("Waiting"), "info"),
        "sending": (_("Being sent"), "info"),
        "sent": (_("Sent"), "ok"),
        "failed": (_("Failed"), "bad"),
        "skipped": (_("Skipped"), "plain"),
    }.get(state or "", ("–", ""))


def fulfilment_state(state: str) -> Word:
    """How far the thing itself has come to the person."""
    return {
        "revealed": (_("Code shown"), "ok"),
        "crediting": (_("Being credited"), "info"),
        "credited": (_("Credited"), "ok"),
        "failed": (_("Not credited"), "bad"),
        "unknown": (_("Being checked"), "warn"),
    }.get(state, (state, ""))


def order_state(state: str) -> Word:
    """Where a purchase order stands. Unknown is a normal state: it is asked again, never ordered twice."""
    return {
        "created": (_("Waiting"), "info"),
        "sent": (_("Sent to the supplier"), "info"),
        "processing": (_("Being delivered"), "info"),
        "unknown": (_("Unknown, being checked"), "warn"),
        "received": (_("Received"), "ok"),
        "partial": (_("Partly received"), "warn"),
        "failed": (_("Failed"), "bad"),
    }.get(state, (state, ""))


def ticket_kind(kind: str) -> str:
    """What is said to be wrong."""
    return {
        "used": _("Said to be used already"),
        "invalid": _("Said to be invalid"),
        "not_credited": _("Top-up not arrived"),
        "other": _("Something else"),
    }.get(kind, kind)


def ticket_state(state: str, *, overdue: bool) -> Word:
    """Whether somebody still waits for an answer."""
    if state == "closed":
        return _("Answered"), "ok"
    return (_("Overdue"), "bad") if overdue else (_("To answer"), "warn")


def import_state(state: str) -> Word:
    """What became of an import."""
    return {
        "applying": (_("Being imported"), "info"),
        "applied": (_("Imported"), "ok"),
        "cancelled": (_("Cancelled"), "plain"),
        "undone": (_("Undone"), "plain"),
    }.get(state, (state, ""))


def top_up_state(state: str) -> Word:
    """Where the order of a top-up stands, as the person sees it."""
    return {
        "created": (_("Waiting"), "info"),
        "sent": (_("Being credited"), "info"),
        "processing": (_("Being credited"), "info"),
        "unknown": (_("Unknown, being checked"), "warn"),
        "received": (_("Credited"), "ok"),
        "failed": (_("Not credited"), "bad"),
    }.get(state, (state, ""))


def word_text(word: Word) -> str:
    """For table columns that hold a Word."""
    return word[0]


def word_tone(word: Word) -> str:
    """For table columns that hold a Word; "" draws no badge."""
    return "" if word[1] == "plain" else word[1]
