"""A real mail server to send to, which takes, refuses, defers or breaks off as a test wants."""

from __future__ import annotations

import email
import email.policy
import re
import ssl
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.support.processes import free_port

USER, PASSWORD = "hr@example.com", "p@ss:w/rd"
LINK = re.compile(r"HTTPS?://\S+/[CST]/[A-Z0-9]{20,40}")


@dataclass
class Sink:
    """Everything that was accepted, in order. `answers`: recipient → reply to RCPT; `data_answers`: to DATA."""

    port: int = 0
    security: str = "smtp"
    mails: list[EmailMessage] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    data_answers: dict[str, str] = field(default_factory=dict)
    on_data: Callable[[str], None] | None = None
    sessions: int = 0

    def address(self, sender: str = "hr@example.com", login: str = "") -> str:
        """How settings name this server."""
        return f"{self.security}://{login}localhost:{self.port}?from={sender}"

    def recipients(self) -> list[str]:
        """Whom the mails went to, in order."""
        return [str(mail["To"]) for mail in self.mails]

    async def handle_EHLO(self, _server: Any, session: Any, _envelope: Any, hostname: str, said: list[str]) -> Any:
        self.sessions += 1
        session.host_name = hostname
        return said

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:
        answer = self.answers.get(address, "250 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        [recipient] = envelope.rcpt_tos
        answer = self.data_answers.get(recipient, "250 OK")
        if answer.startswith("250"):
            mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
            assert isinstance(mail, EmailMessage)
            self.mails.append(mail)
        if self.on_data is not None:
            self.on_data(recipient)
        return answer


@contextmanager
def mail_sink(*, security: str = "smtp", certificate: Path | None = None, login: bool = False) -> Iterator[Sink]:
    """A mail server on 127.0.0.1; `login` makes it want USER and PASSWORD."""
    sink = Sink(free_port(), security)
    context = None
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
    options: dict[str, Any] = {"hostname": "127.0.0.1", "port": sink.port}
    if security == "smtps":
        options["ssl_context"] = context
    elif security == "smtp+starttls":
        options |= {"tls_context": context, "require_starttls": True}
    if login:
        options |= {"auth_required": True, "auth_require_tls": False, "authenticator": _authenticate}
    controller = Controller(sink, **options)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Requiring AUTH while not requiring TLS")
        controller.start()
        try:
            yield sink
        finally:
            controller.stop()


def _authenticate(_server: SMTP, _session: Any, _envelope: Any, _mechanism: str, given: Any) -> AuthResult:
    right = isinstance(given, LoginPassword) and (given.login, given.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=right, handled=False)


def self_signed(folder: Path) -> Path:
    """A certificate for localhost with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "server.pem"
    encoding = serialization.Encoding.PEM
    private = key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(private + made.public_bytes(encoding))
    return path


def link_in(mail: EmailMessage) -> str:
    """The one link a mail carries, the same in text and HTML."""
    found = set()
    for kind in ("plain", "html"):
        body = mail.get_body((kind,))
        assert body is not None
        found |= set(LINK.findall(body.get_content().replace('"', " ").replace("<", " ")))
    [link] = found
    return str(link)
