"""The claim page, the hot route: a link is checked by its signature alone, a POST goes to the settler."""

from __future__ import annotations

from welfare_desk.errors import WelfareError
from welfare_desk.queries.standing import standing
from welfare_desk.queries.tickets import of_grant
from welfare_desk.security.links import Link
from welfare_desk.services.claims import ClaimRequest
from welfare_desk.web import after, answers, guards, notices
from welfare_desk.web.faces import Face
from welfare_desk.web.guards import Receive, Scope, Send
from welfare_desk.web.host import Host, empty, key_number, reply
from welfare_desk.web.notices import Answer, Asked
from welfare_desk.web.settler import Settled

PREFIX = "/C/"


async def serve(host: Host, scope: Scope, receive: Receive, send: Send) -> None:
    """`/C/<40 signs>`: a GET looks and changes nothing, a POST claims or shows again."""
    language = guards.language(scope, host.default_language())
    link: Link | None = scope.get("link") or host.keys.check_link(scope["path"][len(PREFIX) :].rstrip("/"))
    if link is None:
        host.settler.meter.forged += 1
        await reply(scope, send, notices.unknown(host.faces.known(), language))
    elif scope["method"] == "POST":
        typed = await guards.form(receive)
        if typed is None:
            await empty(send, 413, (b"connection", b"close"))
            return
        await reply(scope, send, await act(host, link, asked_by(typed, language), typed))
    else:
        await reply(scope, send, await look(host, link, Asked(language)))


def asked_by(typed: dict[str, str], language: str, carried: str = "") -> Asked:
    """What a form asks for."""
    account, at = typed.get("account", ""), typed.get("at", "")
    return Asked(
        language, typed.get("identity", ""), account, carried, bool(account) and typed.get("confirm") == account,
        "edit" in typed, typed.get("show", ""), int(at) if at.isascii() and at.isdigit() and len(at) < 4 else 0,
    )  # fmt: skip


async def act(host: Host, link: Link, asked: Asked, typed: dict[str, str]) -> Answer:
    """Claims, or shows again what was claimed; the answer comes after commit and journal."""
    try:
        if asked.shows and not await host.apart(lambda: _has_claimed(host, link)):
            return await look(
                host, link, asked
            )  # what was not claimed has no receipt, and asking for it claims nothing
        account = "" if asked.edits or asked.shows else asked.account
        request = ClaimRequest(link.grant_id, link.version, asked.identity, account, confirmed=asked.confirmed)
        settled = await host.settler.submit(request)
        face = host.faces.known(key_number(link))
        if settled.outcome.verdict.again or face.draws:
            return await host.apart(lambda: _more(host, face, asked, settled, typed))
    except WelfareError:
        return notices.unavailable(host.faces.known(key_number(link)), asked.language)
    return answers.claimed(face, asked, settled, host.ctx.clock.now())


async def look(host: Host, link: Link, asked: Asked) -> Answer:
    """The page as it stands, without anything secret."""
    try:
        seen = await host.looks.ask(link)
        claimed = seen.claimed_at is not None
        ticket = await host.apart(lambda: host.ctx.read(of_grant, grant_id=link.grant_id)) if claimed else None
    except WelfareError:
        return notices.unavailable(host.faces.known(key_number(link)), asked.language)
    return answers.looked(host.faces.known(key_number(link)), asked, seen, ticket)


def _has_claimed(host: Host, link: Link) -> bool:
    return host.ctx.read(standing, grant_id=link.grant_id, clock=host.ctx.clock).claimed_at is not None


def _more(host: Host, face: Face, asked: Asked, settled: Settled, typed: dict[str, str]) -> Answer:
    """Pages that need more than the settlement: what was claimed before may have a ticket, a coupon has a picture."""
    outcome = settled.outcome
    if not outcome.verdict.again:
        return answers.claimed(face, asked, settled, host.ctx.clock.now())
    if asked.shows in after.SHOWS and outcome.units and outcome.verdict.reason in answers.GIVEN:
        return after.page(host, face, asked, settled, typed)
    ticket = host.ctx.read(of_grant, grant_id=outcome.grant_id)
    return answers.claimed(face, asked, settled, host.ctx.clock.now(), ticket)
