"""The address of a mail server in one line, as settings and WELFARE_DESK_SMTP hold it."""

from __future__ import annotations

from dataclasses import dataclass, field
from email.utils import parseaddr
from urllib.parse import parse_qsl, unquote, urlsplit

from welfare_desk.errors import Refused

PORTS = {"smtps": 465, "smtp+starttls": 587, "smtp": 25}


@dataclass(frozen=True, slots=True)
class MailServer:
    """`security`: smtps (TLS from the start), smtp+starttls, smtp (plain). `sender` is what stands in From."""

    security: str
    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)
    sender: str = ""

    @property
    def shown(self) -> str:
        """As people may see it: without the password."""
        login = f"{self.user}:***@" if self.user else ""
        return f"{self.security}://{login}{self.host}:{self.port}"

    @property
    def sender_address(self) -> str:
        """The bare address in From, which is also the envelope's sender."""
        return parseaddr(self.sender)[1]


def mail_server(written: str, *, sender: str = "") -> MailServer:
    """Reads `smtps://user:password@host:465?from=Name <a@b>`; `sender` serves when it names none.

    User and password are percent-encoded where they hold `:@/?#%`. Raises Refused(`mail_server_address`,
    `mail_sender_missing`) with the field `smtp`.
    """
    try:
        parts = urlsplit(written.strip())
        port = parts.port
    except ValueError as error:
        raise Refused("mail_server_address", field="smtp") from error
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    if parts.scheme not in PORTS or not parts.hostname or parts.path not in ("", "/") or set(options) - {"from"}:
        raise Refused("mail_server_address", field="smtp")
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    chosen = (options.get("from") or sender or (user if "@" in user else "")).strip()
    if not chosen.isprintable() or not is_mail_address(parseaddr(chosen)[1]):
        raise Refused("mail_sender_missing", field="smtp")
    return MailServer(parts.scheme, parts.hostname, port or PORTS[parts.scheme], user, password, chosen)


def is_mail_address(text: str) -> bool:
    """Whether this has the form of one e-mail address; nobody is asked whether it exists."""
    name, at, host = text.rpartition("@")
    if not (at and name and host) or ("." not in host.strip(".") and host != "localhost"):
        return False
    return all(sign.isprintable() and not sign.isspace() and sign not in '<>(),;:"\\' for sign in text)
