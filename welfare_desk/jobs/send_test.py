"""Sends a test message to whoever asked: a real recipient's data, and a link that opens a marked claim page."""

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
from welfare_desk.queries import sent_tests as faces
from welfare_desk.queries.claim_page import CampaignFace
from welfare_desk.services import links, mail_settings, sent_tests


def run(ctx: AppContext, work: Work) -> dict[str, Any]:
    """The job `send_test`: params `to`, and `grant_id` or `plan` (with `person_id`). Consumes nothing."""
    ctx.read(mail_settings.refuse_demo)
    server = ctx.read(lambda session: mail_settings.opened(ctx, session))
    if server is None:
        raise Unavailable("mail_not_configured")
    facts = _facts(ctx, work.params)
    url = ctx.write(sent_tests.start_sent_test, address=links.link_base(ctx), face=_face(ctx, work.params))
    number = message_id(work.id, server)
    letter = message_texts.letter(
        facts, template="invitation", to=str(work.params["to"]), url=url, message_id=number, test=True
    )
    with CHANNELS["email"](server).session() as session:
        delivery = session.send(letter)
    if delivery.state != "sent":
        raise Unavailable("mail_test_refused", reason=f"{delivery.code} {delivery.detail}".strip())
    return {"to": letter.to}


def _facts(ctx: AppContext, params: dict[str, Any]) -> letters.Facts:
    if "plan" in params:
        return ctx.read(letters.of_plan, plan=_plan(params), person_id=params.get("person_id"))
    facts = ctx.read(letters.of_grant, grant_id=int(params["grant_id"]))
    if facts is None:
        raise NotFound("nothing_to_test")
    return facts


def _face(ctx: AppContext, params: dict[str, Any]) -> CampaignFace:
    if "plan" in params:
        face = ctx.read(faces.face_of_plan, plan=_plan(params))
    else:
        face = ctx.read(faces.face_of_grant, grant_id=int(params["grant_id"]))
    if face is None:
        raise NotFound("nothing_to_test")
    return face


def _plan(params: dict[str, Any]) -> Plan:
    return Plan(audience=Audience("all"), **params["plan"])
