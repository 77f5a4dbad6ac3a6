"""Sends the outbox: a batch over one connection, each message begun and recorded in a transaction of its own."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass

from welfare_desk.context import AppContext
from welfare_desk.domain.mail_addresses import MailServer
from welfare_desk.errors import Unavailable, WelfareError
from welfare_desk.integrations.channels.base import ChannelSession, Delivery, Letter
from welfare_desk.integrations.channels.registry import CHANNELS
from welfare_desk.jobs import message_texts
from welfare_desk.queries import messages as outbox
from welfare_desk.services import links, mail_settings, messages
from welfare_desk.services.messages import Begun, Ended

log = logging.getLogger("welfare_desk.messages")
IDLE_S = 0.4
LONGEST_S = 60.0
STATES = {"sent": "sent", "refused": "failed", "later": "later"}


@dataclass(frozen=True, slots=True)
class Delivered:
    """What one batch did: messages tried, and how long to rest before the next."""

    tried: int
    rest_s: float = 0.0


def sweep(ctx: AppContext, stop: threading.Event) -> int:
    """Sends what is due, then rests as long as the mail server needs; returns how many messages were tried."""
    delivered = deliver(ctx, stop)
    if delivered.rest_s:
        stop.wait(delivered.rest_s)
    return delivered.tried


def deliver(ctx: AppContext, stop: threading.Event | None = None) -> Delivered:
    """Sends one batch. Nothing is taken while there is no mail server to send by."""
    if not ctx.read(outbox.anything_due, clock=ctx.clock):
        return Delivered(0, IDLE_S)
    ids = ctx.write(messages.take)
    if not ids:
        return Delivered(0)
    batch = _Batch(list(ids))
    try:
        server = _server(ctx)
        with CHANNELS["email"](server).session() as session:
            _send_all(ctx, session, batch, stop or threading.Event(), server)
    except WelfareError as trouble:
        return Delivered(batch.tried, _hold(ctx, batch, trouble))
    except Exception:  # what was sent must be recorded whatever broke
        log.exception("a message could not be sent")
        return Delivered(batch.tried, _hold(ctx, batch, Unavailable("unexpected", kind="", reason="")))
    ctx.write(mail_settings.note_trouble, code=None)
    return Delivered(batch.tried)


def _server(ctx: AppContext) -> MailServer:
    server = ctx.read(lambda session: mail_settings.opened(ctx, session))
    if server is None:
        raise Unavailable("mail_not_configured")
    return server


@dataclass(slots=True)
class _Batch:
    """Messages taken and not ended yet, and how the last one ended if that is not recorded yet."""

    waiting: list[int]
    ended: Ended | None = None
    current: int | None = None
    tried: int = 0


def _send_all(
    ctx: AppContext, session: ChannelSession, batch: _Batch, stop: threading.Event, server: MailServer
) -> None:
    base = links.link_base(ctx)
    while batch.waiting and not stop.is_set():
        following = batch.waiting.pop(0)
        begun = ctx.write(messages.step, ended=batch.ended, following=following, waiting=tuple(batch.waiting))
        batch.ended = None
        if begun is None:
            continue
        batch.current = following
        delivery = session.send(_letter(ctx, begun, base, server))
        batch.current, batch.tried = None, batch.tried + 1
        batch.ended = _ended(begun, delivery)
        if delivery.stop:
            raise Unavailable(delivery.code, reason=delivery.detail)
    _finish(ctx, batch)
    if batch.waiting:
        ctx.write(messages.give_back, message_ids=batch.waiting, after_ms=0, code="", detail="")


def _finish(ctx: AppContext, batch: _Batch) -> None:
    if batch.ended is not None:
        ctx.write(messages.step, ended=batch.ended, following=None)
        batch.ended = None


def _ended(begun: Begun, delivery: Delivery) -> Ended:
    if delivery.state != "sent":
        log.info("message %d: %s %s", begun.message_id, delivery.code, delivery.detail)
    trouble = f"{delivery.code} {delivery.detail}".strip()
    return Ended(begun.message_id, STATES[delivery.state], trouble)  # type: ignore[arg-type]  # a Literal by the table


def _letter(ctx: AppContext, begun: Begun, base: str, server: MailServer) -> Letter:
    url = links.link_url(ctx, base, begun.grant_id, begun.link_version)
    number = message_id(begun.message_id, server)
    return message_texts.letter(begun.facts, template=begun.template, to=begun.address, url=url, message_id=number)


def message_id(number: int, server: MailServer) -> str:
    """The Message-ID of an outbox row: the same at every attempt, and nothing secret."""
    return f"<{number:x}.welfare-desk@{server.sender_address.rpartition('@')[2]}>"


def _hold(ctx: AppContext, batch: _Batch, trouble: WelfareError) -> float:
    """Records what ended, puts the rest back and says how long to wait before the server is tried again."""
    if batch.current is not None:  # it may be what broke the connection: others go first next time
        batch.ended, batch.current = Ended(batch.current, "later", trouble.code), None
    _finish(ctx, batch)
    detail = str(trouble.params.get("reason", ""))
    times = ctx.write(mail_settings.note_trouble, code=trouble.code, detail=detail)
    rest_s = min(LONGEST_S, 2.0 ** min(times, 6))
    ctx.write(messages.give_back, message_ids=batch.waiting, after_ms=int(rest_s * 1000), code=trouble.code,
              detail=detail)  # fmt: skip
    log.info("messages wait %d s: %s %s", rest_s, trouble.code, detail)
    return rest_s
