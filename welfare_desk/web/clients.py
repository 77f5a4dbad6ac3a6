"""Who really asks: what a proxy says about it is believed only from proxies that were named at the start."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

from welfare_desk.errors import Refused
from welfare_desk.web.guards import Scope

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
FORWARDED = (b"x-forwarded-for", b"forwarded", b"x-real-ip", b"via")


def networks(given: Sequence[str]) -> tuple[Network, ...]:
    """Addresses or networks (10.0.0.0/8) as given. Raises Refused(`proxy_address`)."""
    try:
        return tuple(ipaddress.ip_network(entry, strict=False) for entry in given)
    except ValueError as error:
        raise Refused("proxy_address", field="trusted_proxy", reason=str(error)) from error


def asker(scope: Scope, trusted: Sequence[Network]) -> str:
    """The address that asks: the nearest one in X-Forwarded-For that is no trusted proxy, else the peer's own.

    "" when nobody can tell: the peer is unknown, or a proxy that is not trusted says that it speaks for another.
    """
    peer = scope["client"][0] if scope["client"] else ""
    if not _among(peer, trusted):
        return "" if any(name in FORWARDED for name, _value in scope["headers"]) else peer
    named = [value for name, value in scope["headers"] if name == b"x-forwarded-for"]
    hops = [hop.strip() for value in named for hop in value.decode("latin-1").split(",")]
    return next((hop for hop in reversed(hops) if not _among(hop, trusted)), peer)


def is_this_machine(address: str) -> bool:
    """Whether an address is a loopback one."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return (mapped or found).is_loopback


def _among(address: str, trusted: Sequence[Network]) -> bool:
    if not trusted:
        return False
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return any((mapped or found) in network for network in trusted)
