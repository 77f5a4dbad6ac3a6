"""The sentence behind a verdict: what to tell somebody who asks why this person can or cannot claim."""

from __future__ import annotations

from welfare_desk.domain.reviews import Phrase
from welfare_desk.domain.windows import shown, zone_of


def why_phrase(
    *, reason: str, name: str, campaign: str, timezone: str, opens_at: int, closes_at: int, state: str = "open",
    next_at: int | None = None, claimed_at: int | None = None, now: int | None = None,
) -> Phrase:  # fmt: skip
    """One sentence for a reason (the claim page's state); `state` is the grant's. Times are epoch milliseconds."""
    zone = zone_of(timezone)
    said = {"name": name, "campaign": campaign, "opens": shown(opens_at, zone), "closes": shown(closes_at, zone)}
    said["next"] = shown(next_at, zone) if next_at is not None else ""
    said["claimed"] = shown(claimed_at, zone) if claimed_at is not None else ""
    if reason == "revoked" and state == "left":
        return Phrase("{name} has left the company, so the grant in {campaign} ended.", said)
    if reason == "expired" and now is not None and now < closes_at:
        return Phrase("{campaign} was closed before its end, so {name} can no longer claim.", said)
    return _phrase(reason, said)


def _phrase(reason: str, said: dict[str, str]) -> Phrase:
    phrases = {
        "ready": Phrase("{name} can claim {campaign} now, until {closes}.", said),
        "too_early": Phrase("{campaign} opens at {opens}; {name} can claim from then on.", said),
        "expired": Phrase("{campaign} ended at {closes}, so {name} can no longer claim.", said),
        "revoked": Phrase("The grant of {name} in {campaign} was revoked.", said),
        "sold_out": Phrase("Every unit of {campaign} has been given; nothing is left for {name}.", said),
        "unavailable": Phrase("{campaign} is paused; {name} can claim once it is resumed.", said),
        "rate_limited": Phrase("Too many wrong employee numbers; {name} can try again at {next}.", said),
        "claimed": Phrase("{name} claimed {campaign} at {claimed}; the same link shows it again.", said),
        "credited": Phrase("{name} claimed {campaign} at {claimed} and the top-up has arrived.", said),
        "pending": Phrase("{name} claimed {campaign} at {claimed}; the supplier is still working on it.", said),
        "failed": Phrase("The top-up of {name} in {campaign} failed; nothing is lost, the page lets them retry.", said),
    }
    return phrases.get(reason, Phrase("{name} cannot claim {campaign} now.", said))
