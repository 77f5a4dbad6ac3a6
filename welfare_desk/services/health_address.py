"""Whether the address in links can be reached: from this machine by trying, from outside by what it is."""

from __future__ import annotations

import ipaddress
import socket
from typing import Literal
from urllib.parse import urlsplit

from welfare_desk.context import AppContext
from welfare_desk.queries import service as service_queries
from welfare_desk.queries import settings as shared_settings
from welfare_desk.services.addresses import is_local, link_address
from welfare_desk.settings import machine

PATIENCE_S = 3.0


def address(ctx: AppContext) -> tuple[Literal["ok", "warn"], str, str]:
    """(ok or warn, what was found, the address itself). Where no service runs, nothing is tried."""
    here = machine(ctx.data)
    state = ctx.read(service_queries.state, clock=ctx.clock)
    public = ctx.read(shared_settings.shared)["public_url"] or next(iter(state.addresses), "")
    shown = link_address(public, here["host"], here["port"])
    if is_loopback(shown):
        return "warn", "address_loopback", shown
    if state.web and not answers(shown):
        return "warn", "address_silent", shown
    if is_local(shown):
        return "warn", "address_local", shown
    return ("ok", "address_fine", shown) if state.web else ("ok", "address_untried", shown)


def is_loopback(shown: str) -> bool:
    """Whether an address leads back to the machine that opens it."""
    host = urlsplit(shown).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def answers(shown: str) -> bool:
    """Whether somebody listens at an address, as seen from here."""
    parts = urlsplit(shown)
    port = parts.port or (443 if parts.scheme.lower() == "https" else 80)
    try:
        with socket.create_connection((parts.hostname or "", port), PATIENCE_S):
            return True
    except (OSError, UnicodeError):
        return False
