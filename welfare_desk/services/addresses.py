"""Where phones reach the claim service: the address in links."""

from __future__ import annotations

import ipaddress
import socket
from urllib.parse import urlsplit

EVERYWHERE = ("0.0.0.0", "::", "")
OUTSIDE = ("192.0.2.1", 9)  # a documentation address: no packet is sent to it, the system only picks a route


def lan_address() -> str:
    """This machine's address in its network, or 127.0.0.1 when it has none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(OUTSIDE)
            return str(probe.getsockname()[0])
        except OSError:
            return "127.0.0.1"


def link_address(public_url: str, host: str, port: int) -> str:
    """What links begin with: `public_url` when it is set, else where the service listens, as phones see it."""
    if public_url:
        return public_url.rstrip("/")
    seen = lan_address() if host in EVERYWHERE else host
    return f"http://{f'[{seen}]' if ':' in seen else seen}:{port}"


def is_local(address: str) -> bool:
    """Whether an address works inside this network only: private, loopback, or a bare or .local name."""
    host = urlsplit(address).hostname or ""
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return "." not in host or host.endswith((".local", ".lan", ".internal"))
