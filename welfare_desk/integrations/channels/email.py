"""E-mail by SMTP: one connection per batch, TLS checked, one recipient per message."""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import formatdate, parseaddr

from welfare_desk.domain.mail_addresses import MailServer
from welfare_desk.errors import Unavailable
from welfare_desk.integrations.channels.base import ChannelSession, Delivery, Letter

TIMEOUT_S = 25.0
DETAIL_SIGNS = 160
AWAY = 421
POLICY = 554


@dataclass(frozen=True, slots=True)
class Email:
    """The channel to one mail server."""

    server: MailServer
    timeout_s: float = TIMEOUT_S

    def session(self) -> AbstractContextManager[ChannelSession]:
        """Connects, checks the certificate and logs in. Raises Unavailable; no text of it holds the password."""
        return _session(self.server, self.timeout_s)


@dataclass(slots=True)
class SmtpSession:
    """A connection that is logged in."""

    smtp: smtplib.SMTP
    server: MailServer

    def send(self, letter: Letter) -> Delivery:
        """Hands one message over. Raises Unavailable(`mail_server_away`) when the connection broke."""
        try:
            eight_bit = self.smtp.has_extn("8bitmime")
            message = compose(letter, self.server, eight_bit=eight_bit)
            recipient = message["To"].addresses[0].addr_spec
            options = ("BODY=8BITMIME",) if eight_bit else ()
            self.smtp.send_message(message, self.server.sender_address, [recipient], options)
        except smtplib.SMTPRecipientsRefused as refused:
            code, answer = next(iter(refused.recipients.values()))
            return _refusal(code, answer, "recipient_refused")
        except smtplib.SMTPSenderRefused as refused:
            raise Unavailable("mail_sender_refused", reason=_said(refused.smtp_code, refused.smtp_error)) from refused
        except smtplib.SMTPDataError as refused:
            return _refusal(refused.smtp_code, refused.smtp_error, "content_refused")
        except smtplib.SMTPNotSupportedError:
            return Delivery("refused", "address_unsupported")
        except (smtplib.SMTPException, OSError) as broken:
            raise Unavailable("mail_server_away", reason=_reason(broken)) from broken
        except (ValueError, MessageError, IndexError):  # what cannot be an address never will be
            return Delivery("refused", "address_unreadable")
        return Delivery("sent")


def compose(letter: Letter, server: MailServer, *, eight_bit: bool = True) -> EmailMessage:
    """The message with its headers; values with line breaks raise ValueError instead of becoming headers."""
    message = EmailMessage(policy=SMTP_POLICY)
    name, address = parseaddr(server.sender)
    message["From"] = Address(display_name=name, addr_spec=address)
    message["To"] = Address(addr_spec=_ascii_host(letter.to))
    message["Subject"] = " ".join(letter.subject.split())
    message["Date"] = formatdate(localtime=False)
    message["Message-ID"] = letter.message_id
    message["Auto-Submitted"] = "auto-generated"
    encoding = None if eight_bit else "quoted-printable"
    message.set_content(letter.text, cte=encoding)
    message.add_alternative(letter.html, subtype="html", cte=encoding)
    return message


@contextmanager
def _session(server: MailServer, timeout_s: float) -> Iterator[ChannelSession]:
    try:
        smtp = _connect(server, timeout_s)
    except smtplib.SMTPAuthenticationError as refused:
        raise Unavailable("mail_login_refused", server=server.shown) from refused
    except ssl.SSLCertVerificationError as untrusted:
        raise Unavailable("mail_certificate", server=server.shown, reason=untrusted.verify_message) from untrusted
    except (smtplib.SMTPException, OSError) as away:
        raise Unavailable("mail_server_away", reason=_reason(away)) from away
    try:
        yield SmtpSession(smtp, server)
    finally:
        with suppress(smtplib.SMTPException, OSError):
            smtp.quit()
        smtp.close()


def _connect(server: MailServer, timeout_s: float) -> smtplib.SMTP:
    hello = _ascii_host(server.sender_address).rpartition("@")[2]
    context = ssl.create_default_context()
    if server.security == "smtps":
        smtp: smtplib.SMTP = smtplib.SMTP_SSL(
            server.host, server.port, local_hostname=hello, timeout=timeout_s, context=context
        )
    else:
        smtp = smtplib.SMTP(server.host, server.port, local_hostname=hello, timeout=timeout_s)
    try:
        if server.security == "smtp+starttls":
            smtp.starttls(context=context)
        if server.user:
            smtp.login(server.user, server.password)
        smtp.ehlo_or_helo_if_needed()
    except BaseException:
        smtp.close()
        raise
    return smtp


def _refusal(code: int, answer: bytes | str, why: str) -> Delivery:
    detail = _said(code, answer)
    if code == AWAY:
        raise Unavailable("mail_server_away", reason=detail)
    if code < 500:
        return Delivery("later", why, detail)
    if code == POLICY and why == "content_refused":
        return Delivery("later", "mail_policy_refused", detail, stop=True)
    return Delivery("refused", why, detail)


def _said(code: int, answer: bytes | str) -> str:
    """What the server answered, without addresses: they are personal and known anyway."""
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return re.sub(r"\S+@\S+", "…", f"{code} {' '.join(text.split())}")[:DETAIL_SIGNS]


def _reason(error: Exception) -> str:
    code, answer = getattr(error, "smtp_code", None), getattr(error, "smtp_error", b"")
    if isinstance(code, int):
        return _said(code, answer)
    named = getattr(error, "strerror", None) or str(error)
    return f"{type(error).__name__}: {' '.join(str(named).split())}"[:DETAIL_SIGNS]


def _ascii_host(address: str) -> str:
    name, at, host = address.rpartition("@")
    return f"{name}{at}{host if host.isascii() else host.encode('idna').decode('ascii')}"
