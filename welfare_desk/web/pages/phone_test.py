"""The phone test: the desk shows a code, a phone opens it, and the form it sends turns the desk's light green."""

from __future__ import annotations

from welfare_desk.errors import WelfareError
from welfare_desk.queries.service import phone_test
from welfare_desk.services.processes import open_phone_test
from welfare_desk.web import guards, notices
from welfare_desk.web.guards import Receive, Scope, Send
from welfare_desk.web.host import Host, empty, reply
from welfare_desk.web.notices import Answer

PREFIX = "/T/"
TOKEN_SIGNS = 20


async def serve(host: Host, scope: Scope, receive: Receive, send: Send) -> None:
    """`/T/<token>`: a GET shows a button (a script presses it), a POST marks the test."""
    language = guards.language(scope, host.default_language())
    token = scope["path"][len(PREFIX) :].rstrip("/").upper()
    posted = scope["method"] == "POST"
    if posted and await guards.form(receive) is None:
        await empty(send, 413, (b"connection", b"close"))
        return
    agent = next((value for name, value in scope["headers"] if name == b"user-agent"), b"")
    seen = agent.decode("latin-1") if posted else None
    await reply(scope, send, await host.apart(lambda: _answer(host, language, token, seen)))


def _answer(host: Host, language: str, token: str, agent: str | None) -> Answer:
    try:
        face = host.faces.fresh()
        if len(token) != TOKEN_SIGNS or not token.isalnum():
            return notices.unknown(face, language)
        if agent is not None:
            known = host.ctx.write(open_phone_test, token=token, agent=agent)
        else:
            known = host.ctx.read(phone_test, token=token) is not None
    except WelfareError:
        return notices.unavailable(host.faces.known(), language)
    if not known:
        return notices.unknown(face, language)
    return notices.answer(face, "test.html", language, "test", {}, opened=agent is not None, reference="")
