"""The start page `/` for everyone who cannot scan: three things printed or known together find the grant."""

from __future__ import annotations

from typing import Any

from welfare_desk.errors import WelfareError
from welfare_desk.security.carried import check_carried, mint_carried
from welfare_desk.security.links import Link
from welfare_desk.security.references import tidy
from welfare_desk.services.lookups import Found, find_grant
from welfare_desk.web import guards, notices
from welfare_desk.web.faces import Face
from welfare_desk.web.guards import Receive, Scope, Send
from welfare_desk.web.host import Host, empty, reply
from welfare_desk.web.notices import Answer, Asked
from welfare_desk.web.pages import claim
from welfare_desk.web.render import escape

CARRIED_MS = 10 * 60_000


async def serve(host: Host, scope: Scope, receive: Receive, send: Send) -> None:
    """GET shows the three fields; POST finds the grant, and with what that page carries claims it."""
    language = guards.language(scope, host.default_language())
    if scope["method"] != "POST":
        await reply(scope, send, await _form(host, language))
        return
    typed = await guards.form(receive)
    if typed is None:
        await empty(send, 413, (b"connection", b"close"))
        return
    await reply(scope, send, await _post(host, language, typed))


async def _form(host: Host, language: str) -> Answer:
    try:
        face = await host.apart(host.faces.fresh)
    except WelfareError:
        return notices.unavailable(host.faces.known(), language)
    return _page(face, language, "", {})


async def _post(host: Host, language: str, typed: dict[str, str]) -> Answer:
    now = host.ctx.clock.now()
    carried = typed.get("carried", "")
    if carried:
        link = check_carried(host.keys.master, carried, now)
        if link is None:
            return await _form(host, language)
        return await claim.act(host, link, claim.asked_by(typed, language, carried), typed)
    reference = tidy(typed.get("reference", ""))[:16]
    try:
        found = await host.apart(lambda: _find(host, reference, typed))
    except WelfareError:
        return notices.unavailable(host.faces.known(), language)
    if found.state != "match":
        return _refused(host, language, typed, found)
    link = Link(found.grant_id, found.link_version)
    carried = mint_carried(host.keys.master, link, now + CARRIED_MS)
    return await claim.look(host, link, Asked(language, typed.get("identity", ""), "", carried))


def _find(host: Host, reference: str, typed: dict[str, str]) -> Found:
    now = host.ctx.clock.now()
    until = host.attempts.locked_until(reference, now)
    if until is not None:
        return Found("rate_limited", now, next_at=until)
    found = host.ctx.write(
        find_grant, reference=reference, employee_no=typed.get("identity", ""), phone=typed.get("phone", "")
    )
    if found.state == "mismatch":
        host.attempts.note(reference, now)
    return found


def _refused(host: Host, language: str, typed: dict[str, str], found: Found) -> Answer:
    values = {"reference_value": escape(typed.get("reference", "")), "identity": escape(typed.get("identity", ""))}
    if found.state == "rate_limited" and found.next_at is not None:
        minutes = max(1, -(-(found.next_at - found.now) // 60_000))
        values["retry"] = escape(notices.minutes_sentence(language, minutes))
    return _page(host.faces.known(), language, found.state, values)


def _page(face: Face, language: str, state: str, values: dict[str, Any]) -> Answer:
    retry_after = 60 if state == "rate_limited" else 0
    return notices.answer(face, "start.html", language, state, values, error=bool(state), wrong=bool(state),
                          reference="", retry_after=retry_after)  # fmt: skip
