"""Sends a test message to whoever asked: a real recipient's data, and a link that opens a test page."""

from __future__ import annotations

from typing import Any

from welfare_desk.context import AppContext
from welfare_desk.domain.plans import Audience, Plan
from welfare_desk.errors import NotFound, Unavailable
from welfare_desk.integrations.channels.registry import CHANNELS
from welfare_desk.jobs import message_texts
from welfare_desk.jobs.send_messages import message_id
from welfare_desk.jobs.work import Work
from welfare_desk.queries import letters
from welfare_desk.services import links, mail_settings, processes


def run(ctx: AppContext, work: Work) -> dict[str, Any]:
    """The job `send_test`: params `to`, and `grant_id` or `plan` (with `person_id`). Consumes nothing."""
    ctx.read(mail_settings.refuse_demo)
    server = ctx.read(lambda session: mail_settings.opened(ctx, session))
    if server is None:
        raise Unavailable("mail_not_configured")
    facts = _facts(ctx, work.params)
    page = ctx.write(processes.start_phone_test, address=links.link_base(ctx))
    number = message_id(work.id, server)
    letter = message_texts.letter(
        facts, template="invitation", to=str(work.params["to"]), url=page.url, message_id=number, test=True
    )
    with CHANNELS["email"](server).session() as session:
        delivery = session.send(letter)
    if delivery.state != "sent":
        raise Unavailable("mail_test_refused", reason=f"{delivery.code} {delivery.detail}".strip())
    return {"to": letter.to}


def _facts(ctx: AppContext, params: dict[str, Any]) -> letters.Facts:
    if "plan" in params:
        plan = Plan(audience=Audience("all"), **params["plan"])
        return ctx.read(letters.of_plan, plan=plan, person_id=params.get("person_id"))
    facts = ctx.read(letters.of_grant, grant_id=int(params["grant_id"]))
    if facts is None:
        raise NotFound("nothing_to_test")
    return facts
