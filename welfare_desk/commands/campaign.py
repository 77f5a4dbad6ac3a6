"""`welfare-desk campaign …`: launch, preview, list, show, pause, resume, close, extend, revoke, replace, resend."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from welfare_desk import i18n
from welfare_desk.commands import base
from welfare_desk.context import AppContext
from welfare_desk.domain import money
from welfare_desk.domain.plans import Plan, PlanRefused, raise_problems, read_plan
from welfare_desk.domain.reviews import Phrase, Review, review_phrases
from welfare_desk.domain.windows import iso, shown, zone_of
from welfare_desk.errors import Refused
from welfare_desk.i18n import _
from welfare_desk.queries import campaign_reviews
from welfare_desk.queries import campaigns as queries
from welfare_desk.queries import grants as grant_queries
from welfare_desk.security.references import show as dashed
from welfare_desk.services import addresses, campaigns, grants, launching, links

T = TypeVar("T")

LARGEST_PLAN = 16_000_000
CHANGES: dict[str, tuple[str, Callable[..., campaigns.CampaignChanged]]] = {
    "pause": ("nobody can claim until it is resumed", campaigns.pause),
    "resume": ("claiming goes on", campaigns.resume),
    "close": ("end it for good", campaigns.close),
}
GRANT_CHANGES: dict[str, tuple[str, Callable[..., grants.GrantChanged]]] = {
    "revoke": ("take an unclaimed right back", grants.revoke),
    "replace": ("a new link for the same right; the old one stops working", grants.replace),
    "resend": ("send the same link again, to the address the person has now", grants.resend),
}


def register(parser: argparse.ArgumentParser) -> None:
    """Adds the subcommands of `campaign`."""
    sub = parser.add_subparsers(required=True, metavar="COMMAND")
    launch = base.leaf(sub, "launch", "launch a campaign from a plan file", launch_plan)
    launch.add_argument("plan", type=Path, metavar="PLAN.toml")
    launch.add_argument("--allow-short", action="store_true", help="also when fewer units are free than needed")
    launch.add_argument("--again", action="store_true", help="also when a campaign of that name is open")
    base.leaf(sub, "preview", "what a launch would do", preview_plan).add_argument(
        "plan", type=Path, metavar="PLAN.toml"
    )
    base.leaf(sub, "list", "campaigns and their figures", list_campaigns)
    base.leaf(sub, "show", "one campaign", show_campaign).add_argument("campaign", metavar="C")
    for name, (summary, _service) in CHANGES.items():
        changing = base.leaf(sub, name, summary, change)
        changing.set_defaults(change=name)
        changing.add_argument("campaign", metavar="C")
    extend = base.leaf(sub, "extend", "move the end; a date alone means the end of that day", extend_campaign)
    extend.add_argument("campaign", metavar="C")
    extend.add_argument("date", metavar="DATE")
    extend.add_argument("--allow-short", action="store_true", help="also when its units were promised to others")
    for name, (summary, _grant_service) in GRANT_CHANGES.items():
        leaf = base.leaf(sub, name, summary, change_grant)
        leaf.set_defaults(change=name)
        leaf.add_argument("ref", metavar="REF", help="reference code or employee number")
        leaf.add_argument("--campaign", metavar="C", help="when the person has grants in several campaigns")


def launch_plan(args: argparse.Namespace) -> int:
    """Launches; refusals name the field."""
    plan = _read(args)
    ctx = base.desk(args)
    launched = _telling_all(
        lambda: launching.launch(ctx, _progress(args), plan=plan, allow_short=args.allow_short, again=args.again)
    )
    if plan.channels:
        warn_local(links.link_base(ctx))
    document = {
        "campaign": launched.campaign, "grants": launched.grants, "unreachable": launched.unreachable,
        "short": launched.short, "cost_minor": launched.cost_minor, "currency": launched.currency,
    }  # fmt: skip
    sentence = _(
        "Campaign {campaign} is launched: {grants} grants, {unreachable} without address, {short} units short, {cost}.",
        campaign=launched.campaign, grants=launched.grants, unreachable=launched.unreachable, short=launched.short,
        cost=money.shown(launched.cost_minor, launched.currency),
    )  # fmt: skip
    base.emit(args, document, [sentence])
    return 0


def preview_plan(args: argparse.Namespace) -> int:
    """Prints the review that the launch would use."""
    plan = _read(args)
    ctx = base.desk(args)
    review = _telling_all(lambda: ctx.read(campaign_reviews.review, plan=plan, now=ctx.clock.now()))
    _telling_all(lambda: raise_problems(list(review.refusals)))
    sentence = joined(review_phrases(review, plan))
    base.emit(args, _review_document(review, sentence), [sentence])
    return 0


def _review_document(review: Review, sentence: str) -> dict[str, Any]:
    needs = [
        {"product": need.product, "needed": need.needed, "free": need.free, "short": need.short}
        for need in review.needs
    ]
    return {
        "grants": review.people, "unreachable": review.unreachable, "short": review.short,
        "cost_minor": review.cost_minor, "currency": review.currency, "by_channel": review.by_channel, "needs": needs,
        "left": review.left, "duplicates": review.duplicates, "warnings": review.warnings, "sentence": sentence,
    }  # fmt: skip


def list_campaigns(args: argparse.Namespace) -> int:
    """Prints the campaigns, newest first."""
    ctx = base.desk(args)
    base.emit(args, {"rows": [_row(row) for row in ctx.read(queries.campaigns, now=ctx.clock.now())]})
    return 0


def show_campaign(args: argparse.Namespace) -> int:
    """Prints one campaign with its rules."""
    ctx = base.desk(args)
    found = ctx.read(queries.campaign, campaign_id=_campaign(ctx, args.campaign), now=ctx.clock.now())
    document = _row(found.row) | {
        "audience": found.audience, "verify": found.verify, "channels": found.channels, "quantity": found.quantity,
        "reserved": found.reserved, "open_grants": found.open_grants, "revoked": found.revoked, "left": found.left,
        "messages": found.messages,
    }  # fmt: skip
    base.emit(args, document)
    return 0


def change(args: argparse.Namespace) -> int:
    """Pauses, resumes or closes."""
    ctx = base.desk(args)
    changed = ctx.write(CHANGES[args.change][1], campaign_id=_campaign(ctx, args.campaign))
    return _changed(args, changed)


def extend_campaign(args: argparse.Namespace) -> int:
    """Moves the end of a campaign."""
    ctx = base.desk(args)
    campaign_id = _campaign(ctx, args.campaign)
    changed = ctx.write(campaigns.extend, campaign_id=campaign_id, closes=args.date, allow_short=args.allow_short)
    return _changed(args, changed)


def change_grant(args: argparse.Namespace) -> int:
    """Revokes a grant, replaces its link or sends it again."""
    ctx = base.desk(args)
    within = _campaign(ctx, args.campaign) if args.campaign else None
    hit = ctx.read(grant_queries.one, ref=args.ref, campaign_id=within)
    changed = ctx.write(GRANT_CHANGES[args.change][1], grant_id=hit.grant_id)
    document = {
        "reference": changed.reference, "campaign": hit.campaign, "state": changed.state,
        "link_version": changed.link_version, "queued": changed.queued,
    }  # fmt: skip
    base.emit(args, document, [f"{dashed(changed.reference)}  {hit.name}  {changed.state}"])
    return 0


def joined(phrases: tuple[Phrase, ...]) -> str:
    """Phrases as one text in the language of this process."""
    return "".join(i18n.text(i18n.language(), phrase.msgid, **phrase.params) for phrase in phrases)


def warn_local(address: str) -> None:
    """Says on standard error when links lead to an address that works inside this network only."""
    if addresses.is_local(address):
        said = _("Links begin with {address}: phones outside this network cannot open them.", address=address)
        print(said, file=sys.stderr)


def _read(args: argparse.Namespace) -> Plan:
    base.speak()
    try:
        if args.plan.stat().st_size > LARGEST_PLAN:
            raise Refused("plan_too_large", field="plan", file=str(args.plan))
        source = args.plan.read_bytes()
    except OSError as error:
        raise Refused("plan_unreadable", field="plan", file=str(args.plan), reason=error.strerror or "") from error
    return _telling_all(lambda: read_plan(source))


def _telling_all(work: Callable[[], T]) -> T:
    """Runs `work`; a plan with several faults has all but the first said on standard error right away."""
    try:
        return work()
    except PlanRefused as refused:
        for other in refused.others:
            print(f"{other.field}: {i18n.error_text(i18n.language(), other)}", file=sys.stderr)
        raise


def _progress(args: argparse.Namespace) -> Callable[..., None]:
    def report(done: int, total: int = 0, _text: str = "") -> None:
        if sys.stderr.isatty() and not getattr(args, "json", False):
            print(f"\r{done:,} / {total:,}", end="\n" if done >= total else "", file=sys.stderr)

    return report


def _campaign(ctx: AppContext, ref: str) -> int:
    return ctx.read(queries.find, ref=ref)


def _row(row: queries.CampaignRow) -> dict[str, Any]:
    zone = zone_of(row.timezone)
    return {
        "campaign": row.campaign, "name": row.name, "product": row.product, "state": row.phase,
        "opens": iso(row.opens_at, zone), "closes": iso(row.closes_at, zone), "timezone": row.timezone,
        "grants": row.grants, "reached": row.reached, "claimed": row.claimed, "rate": row.rate,
        "cost_minor": row.cost_minor, "currency": row.currency,
    }  # fmt: skip


def _changed(args: argparse.Namespace, changed: campaigns.CampaignChanged) -> int:
    zone = zone_of(changed.timezone)
    document = {"campaign": changed.campaign, "state": changed.state, "closes": iso(changed.closes_at, zone)}
    base.emit(
        args, document, [f"{changed.campaign}  {changed.name}  {changed.state}  {shown(changed.closes_at, zone)}"]
    )
    return 0
