"""`welfare-desk why REF [--at TIME]`: can this person claim now; if not, why, and when."""

from __future__ import annotations

import argparse

from welfare_desk.commands import base
from welfare_desk.commands.campaign import joined
from welfare_desk.domain.verdict_words import why_phrase
from welfare_desk.domain.windows import iso, moment, zone_of
from welfare_desk.queries import campaigns, grants
from welfare_desk.queries import why as queries


def register(parser: argparse.ArgumentParser) -> None:
    """Adds the options of `why`."""
    base.common(parser)
    parser.set_defaults(run=why)
    parser.add_argument("ref", metavar="REF", help="reference code of a grant or person, or employee number")
    parser.add_argument("--at", metavar="TIME", help="at another time; without an offset local to the campaign")
    parser.add_argument("--campaign", metavar="C", help="when the person has grants in several campaigns")


def why(args: argparse.Namespace) -> int:
    """Prints can_claim, reason (the claim page's state), next_at and a sentence."""
    ctx = base.desk(args)
    within = ctx.read(campaigns.find, ref=args.campaign) if args.campaign else None
    hit = ctx.read(grants.one, ref=args.ref, campaign_id=within)
    zone = zone_of(ctx.read(campaigns.head, campaign_id=hit.campaign_id).timezone)
    at = moment(args.at, zone, field="at") if args.at else None
    found = ctx.read(queries.why, grant_id=hit.grant_id, clock=ctx.clock, at=at)
    sentence = joined(
        (
            why_phrase(
                reason=found.reason, name=found.name, campaign=found.campaign_name, timezone=found.timezone,
                opens_at=found.opens_at, closes_at=found.closes_at, state=found.state, next_at=found.next_at,
                claimed_at=found.claimed_at, now=at if at is not None else ctx.clock.now(),
            ),
        )
    )  # fmt: skip
    document = {
        "can_claim": found.can_claim, "reason": found.reason,
        "next_at": iso(found.next_at, zone) if found.next_at is not None else None, "sentence": sentence,
        "reference": found.reference, "campaign": found.campaign,
    }  # fmt: skip
    base.emit(args, document, [sentence])
    return 0
