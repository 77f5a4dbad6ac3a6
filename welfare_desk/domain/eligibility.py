"""Law 9, the one evaluator: may this person claim now; if not, why, and when next.

The claim page, "why can this person not claim", the campaign preview and replays call `judge`, nothing else decides.
Reasons are the claim page's states. Times are epoch milliseconds UTC, windows are half open `[opens_at, closes_at)`.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass

from welfare_desk.domain.accounts import tidy_account
from welfare_desk.domain.people import number_key

FAILURES_ALLOWED = 10
FAILURES_FORGOTTEN_MS = 15 * 60_000


@dataclass(frozen=True, slots=True)
class GrantFacts:
    """What the evaluator must know of a grant. `state`: open, revoked, left. `fulfilments`: the states of its units."""

    state: str
    link_version: int
    number_key: str | None
    claimed_at: int | None = None
    fulfilments: tuple[str, ...] = ()
    failures: int = 0
    failures_since: int | None = None


@dataclass(frozen=True, slots=True)
class CampaignFacts:
    """What the evaluator must know of a campaign. `account_kind`: what a top-up in it needs, or None."""

    state: str
    opens_at: int
    closes_at: int
    verify: str
    account_kind: str | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """Somebody acts: the version in the link (None when there is no link), identity and account as typed.

    `confirmed`: the account was shown once more and said to be right (callers without a page need not ask).
    """

    link_version: int | None
    identity: str = ""
    account: str = ""
    confirmed: bool = True


@dataclass(frozen=True, slots=True)
class Verdict:
    """`reason` is the page's state; `can_claim` says that the act gives something new now.

    `again`: the person passed the check and has claimed before, so the same thing is shown.
    `retry`: a failed top-up is to be tried with the account given. `wrong`: this counts as a wrong identity.
    """

    reason: str
    can_claim: bool = False
    next_at: int | None = None
    again: bool = False
    retry: bool = False
    wrong: bool = False
    tries_left: int | None = None


def judge(
    grant: GrantFacts | None,
    campaign: CampaignFacts | None,
    *,
    now: int,
    attempt: Attempt | None = None,
    sold_out: bool = False,
) -> Verdict:
    """The verdict on looking (`attempt` None) or acting. `sold_out`: no unit is left for this grant."""
    if grant is None or campaign is None or campaign.state == "launching":
        return Verdict("unknown")
    if grant.state != "open" or (attempt and attempt.link_version not in (None, grant.link_version)):
        return Verdict("revoked")
    locked_until = locked(grant, now)
    if campaign.verify != "none" and locked_until is not None:
        return Verdict("rate_limited", next_at=locked_until)
    if grant.claimed_at is None:
        closed = outside(campaign, now)
        if closed is not None:
            return closed
    if attempt is not None and not matches(grant, campaign, attempt.identity):
        return Verdict("mismatch", wrong=True, tries_left=max(0, FAILURES_ALLOWED - _recent(grant, now) - 1))
    if grant.claimed_at is not None:
        return _claimed(grant, campaign, attempt)
    if sold_out:
        return Verdict("sold_out")
    if attempt is None:
        return Verdict("ready", can_claim=True)
    if campaign.account_kind and tidy_account(campaign.account_kind, attempt.account) is None:
        return Verdict("account")
    if campaign.account_kind and not attempt.confirmed:
        return Verdict("confirm")
    return Verdict("claimed", can_claim=True)


def outside(campaign: CampaignFacts, now: int) -> Verdict | None:
    """The verdict when the campaign takes no new claims now, otherwise None."""
    if campaign.state == "closed" or now >= campaign.closes_at:
        return Verdict("expired")
    if now < campaign.opens_at:
        return Verdict("too_early", next_at=campaign.opens_at)
    if campaign.state == "paused":
        return Verdict("unavailable")
    return None


def matches(grant: GrantFacts, campaign: CampaignFacts, identity: str) -> bool:
    """Whether the typed employee number is the person's; `123` equals `00123`, blanks, width and case are ignored."""
    if campaign.verify == "none":
        return True
    known = grant.number_key or ""
    typed = number_key(identity[:64]) or ""
    return hmac.compare_digest(typed.encode(), known.encode()) and bool(known)


def locked(grant: GrantFacts, now: int) -> int | None:
    """Until when wrong identities lock the grant, or None."""
    if grant.failures >= FAILURES_ALLOWED and _recent(grant, now) and grant.failures_since is not None:
        return grant.failures_since + FAILURES_FORGOTTEN_MS
    return None


def failures_after(grant: GrantFacts, now: int) -> tuple[int, int]:
    """(failures, failures_since) after one more wrong identity."""
    recent = _recent(grant, now)
    return recent + 1, grant.failures_since if recent and grant.failures_since is not None else now


def _recent(grant: GrantFacts, now: int) -> int:
    if grant.failures_since is None or now >= grant.failures_since + FAILURES_FORGOTTEN_MS:
        return 0
    return grant.failures


def _claimed(grant: GrantFacts, campaign: CampaignFacts, attempt: Attempt | None) -> Verdict:
    states = set(grant.fulfilments)
    if states & {"crediting", "unknown"}:
        reason = "pending"
    elif "failed" in states:
        reason = "failed"
    elif states == {"credited"}:
        reason = "credited"
    else:
        reason = "claimed"
    if attempt is None:
        return Verdict(reason)
    if reason == "failed" and attempt.account and campaign.account_kind:
        if tidy_account(campaign.account_kind, attempt.account) is None:
            return Verdict("account", again=True)
        return Verdict("pending", again=True, retry=True) if attempt.confirmed else Verdict("confirm", again=True)
    return Verdict(reason, again=True)
