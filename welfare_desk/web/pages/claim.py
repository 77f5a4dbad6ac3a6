"""The claim page, the hot route: a link is checked by its signature alone, a POST goes to the settler."""

from __future__ import annotations

from welfare_desk.errors import WelfareError
from welfare_desk.queries.standing import standing
from welfare_desk.security.links import Link
from welfare_desk.services.claims import ClaimRequest
from welfare_desk.web import answers, guards, notices
from welfare_desk.web.guards import Receive, Scope, Send
from welfare_desk.web.host import Host, empty, key_number, reply
from welfare_desk.web.notices import Answer, Asked

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
        asked = Asked(language, typed.get("identity", ""), typed.get("account", ""))
        await reply(scope, send, await act(host, link, asked))
    else:
        await reply(scope, send, await look(host, link, Asked(language)))


async def act(host: Host, link: Link, asked: Asked) -> Answer:
    """Claims, or shows again what was claimed; the answer comes after commit and journal."""
    face = host.faces.known(key_number(link))
    try:
        settled = await host.settler.submit(ClaimRequest(link.grant_id, link.version, asked.identity, asked.account))
    except WelfareError:
        return notices.unavailable(face, asked.language)
    return answers.claimed(host.faces.known(key_number(link)), asked, settled, host.ctx.clock.now())


async def look(host: Host, link: Link, asked: Asked) -> Answer:
    """The page as it stands, without anything secret."""

    def read() -> Answer:
        face = host.faces.fresh(key_number(link))
        seen = host.ctx.read(standing, grant_id=link.grant_id, clock=host.ctx.clock, link_version=link.version)
        return answers.looked(face, asked, seen)

    try:
        return await host.apart(read)
    except WelfareError:
        return notices.unavailable(host.faces.known(key_number(link)), asked.language)
