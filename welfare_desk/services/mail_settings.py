"""The mail server: its address is sealed to the service and never read back at a desk."""

from __future__ import annotations

import os

from sqlalchemy.orm import Session

from welfare_desk.context import AppContext
from welfare_desk.db.models.operators import Setting
from welfare_desk.domain.mail_addresses import MailServer, mail_server
from welfare_desk.errors import Refused, Unavailable
from welfare_desk.queries import settings as shared_settings
from welfare_desk.queries.messages import TROUBLE_KEY, MailServerState
from welfare_desk.queries.messages import mail_server as stored_server
from welfare_desk.services import settings
from welfare_desk.settings import BY_KEY


def save(ctx: AppContext, session: Session, *, address: str) -> MailServerState:
    """Stores the server's address (`smtps://user:password@host:465?from=…`); an empty one means no mail server.

    Raises Refused(`mail_server_address`, `mail_sender_missing`) with the field `smtp`.
    """
    written = address.strip()
    shown = {}
    if written:
        server = mail_server(written, sender=shared_settings.shared(session)["sender"])
        shown = {"shown": server.shown, "sender": server.sender}
    settings.change_secret(ctx, session, key="smtp", value=written, shown=shown)
    note_trouble(ctx, session, code=None)
    session.flush()
    return stored_server(session)


def opened(ctx: AppContext, session: Session) -> MailServer | None:
    """The server with its password, for the service's eyes; WELFARE_DESK_SMTP comes first. None: there is none.

    Raises Unavailable(`keys_missing`) at a desk, Refused for an address that cannot be read.
    """
    sender = shared_settings.shared(session)["sender"]
    written = os.environ.get(BY_KEY["smtp"].environment or "")
    if written:
        return mail_server(written, sender=sender)
    sealed = shared_settings.sealed(session, key="smtp")
    if sealed is None:
        return None
    if ctx.keys is None:
        raise Unavailable("keys_missing", folder=str(ctx.data))
    return mail_server(ctx.keys.open_intake(sealed, b"setting/smtp").decode(), sender=sender)


def note_trouble(ctx: AppContext, session: Session, *, code: str | None, detail: str = "") -> int:
    """Remembers why nothing leaves (None: all is well); returns how often in a row it has been noted."""
    row = session.get(Setting, TROUBLE_KEY)
    if code is None:
        if row is not None and row.value:
            row.value, row.changed_at = {}, ctx.clock.now()
        return 0
    if row is None:
        row = Setting(key=TROUBLE_KEY, value={}, sealed=None, changed_at=ctx.clock.now())
        session.add(row)
    known = row.value if row.value.get("code") == code else {"at": ctx.clock.now(), "times": 0}
    row.value = {"code": code, "detail": detail, "at": known["at"], "times": known["times"] + 1}
    row.changed_at = ctx.clock.now()
    return int(row.value["times"])


def refuse_demo(session: Session) -> None:
    """Raises Refused(`demo_sends_nothing`) where nothing may leave this computer."""
    if shared_settings.shared(session)["demo"]:
        raise Refused("demo_sends_nothing")
