"""The page behind the link of a test send: the claim page of the campaign with a mark all over, giving nothing."""

from __future__ import annotations

from welfare_desk.domain.eligibility import Attempt, CampaignFacts, GrantFacts, Verdict, judge
from welfare_desk.domain.people import number_key
from welfare_desk.errors import WelfareError
from welfare_desk.queries.claim_page import CampaignFace, PartFace
from welfare_desk.queries.claim_scene import Outcome, Unit
from welfare_desk.queries.sent_tests import sent_test
from welfare_desk.queries.standing import Standing
from welfare_desk.security.references import decode
from welfare_desk.web import answers, guards, notices
from welfare_desk.web.faces import Face
from welfare_desk.web.guards import Receive, Scope, Send
from welfare_desk.web.host import Host, empty, reply
from welfare_desk.web.notices import Answer, Asked
from welfare_desk.web.pages.claim import asked_by
from welfare_desk.web.settler import OpenCode, Settled

PREFIX = "/S/"
TOKEN_SIGNS = 20
NOBODY = int.from_bytes(decode("TESTTEST") or b"")  # the grant whose reference code reads so
SAMPLES = {"link": "https://example.com/test", "coupon": "TEST-COUPON-0000"}
SAMPLE = "TEST-0000-0000"


async def serve(host: Host, scope: Scope, receive: Receive, send: Send) -> None:
    """`/S/<token>`: GET and POST show what people would see; neither changes anything."""
    language = guards.language(scope, host.default_language())
    token = scope["path"][len(PREFIX) :].rstrip("/").upper()
    typed = await guards.form(receive) if scope["method"] == "POST" else {}
    if typed is None:
        await empty(send, 413, (b"connection", b"close"))
        return
    posted = scope["method"] == "POST"
    asked = asked_by(typed, language)
    await reply(scope, send, await host.apart(lambda: _answer(host, token, asked, posted=posted)))


def _answer(host: Host, token: str, asked: Asked, *, posted: bool) -> Answer:
    now = host.ctx.clock.now()
    try:
        company = host.faces.fresh().company
        known = len(token) == TOKEN_SIGNS and token.isalnum()
        campaign = host.ctx.read(sent_test, token=token, now=now) if known else None
    except WelfareError:
        return notices.unavailable(host.faces.known(), asked.language)
    if campaign is None:
        return notices.unknown(host.faces.known(), asked.language)
    face = Face(company, campaign, test=True)
    if not posted:
        return answers.looked(face, asked, Standing(NOBODY, campaign.id, Verdict("ready", can_claim=True), now))
    return answers.claimed(face, asked, _pretend(campaign, asked, now), now)


def _pretend(campaign: CampaignFace, asked: Asked, now: int) -> Settled:
    """What the settler would answer to somebody whose number is the one typed, with samples in place of codes."""
    grant = GrantFacts("open", 0, number_key(asked.identity[:64]))
    facts = CampaignFacts("open", now, now + 1, campaign.verify, campaign.account_kind)
    account = "" if asked.edits else asked.account
    verdict = judge(grant, facts, now=now, attempt=Attempt(None, asked.identity, account, asked.confirmed))
    if not verdict.can_claim:
        return Settled(Outcome(NOBODY, campaign.id, verdict))
    given = [_unit(part, unit) for part in campaign.parts for unit in range(part.quantity)]
    units = tuple(unit for unit, _code in given)
    topped_up = any(unit.state == "crediting" for unit in units)
    reason = "pending" if topped_up else "claimed"
    return Settled(Outcome(NOBODY, campaign.id, Verdict(reason), units, now), tuple(code for _unit, code in given))


def _unit(part: PartFace, unit: int) -> tuple[Unit, OpenCode | None]:
    if part.kind == "top_up":
        return Unit(part.part, unit, part.product_id, "crediting"), None
    return Unit(part.part, unit, part.product_id, "revealed", code_id=0), ("", SAMPLES.get(part.kind, SAMPLE))
