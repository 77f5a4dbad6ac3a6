"""One bounded HTTP exchange, and what its failure means for the money: not sent, or unknown."""

from __future__ import annotations

import ssl
import time
from collections.abc import Mapping
from functools import cache
from urllib.parse import urlsplit

import httpx

from welfare_desk.integrations.suppliers.base import Misconfigured, NotSent, OutcomeUnknown

CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 20.0
NOT_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
    httpx.LocalProtocolError,
)


def base_address(value: object, prefix: str) -> str:
    """Check a supplier's address and give it with `prefix` at its end; raises Misconfigured naming `url`."""
    if not isinstance(value, str) or not value.strip():
        raise Misconfigured("supplier_config_missing", field="url", name="url")
    address = value.strip().rstrip("/")
    try:
        parts = urlsplit(address)
        sound = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        sound = False
    if not sound or parts.username or parts.query or parts.fragment:
        raise Misconfigured("supplier_config_url", field="url", url=address[:200])
    return address if address.endswith(prefix) else address + prefix


def open_client(address: str, answer_seconds: float = ANSWER_SECONDS) -> httpx.Client:
    """A client that follows no redirect, keeps no connection, and uses no proxy for addresses of this machine."""
    parts = urlsplit(address)
    return httpx.Client(
        verify=_trusted() if parts.scheme == "https" else False,  # reading the certificates takes a while
        timeout=httpx.Timeout(answer_seconds, connect=min(CONNECT_SECONDS, answer_seconds)),
        follow_redirects=False,
        # A kept connection that the other side closed meanwhile would make a harmless order unknown.
        limits=httpx.Limits(max_connections=8, max_keepalive_connections=0),
        trust_env=parts.hostname not in {"127.0.0.1", "localhost", "::1"},
        headers={"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "welfare-desk"},
    )


@cache
def _trusted() -> ssl.SSLContext:
    return httpx.create_ssl_context()


def post(
    client: httpx.Client, url: str, headers: Mapping[str, str], body: bytes, *, largest: int, seconds: float
) -> bytes:
    """POST once and give the body of a 200 answer.

    `largest` is in bytes, `seconds` the whole exchange. Raises NotSent when nothing left this machine, else
    OutcomeUnknown: time-outs, cut connections, other statuses, redirects and answers that are too long.
    """
    deadline = time.monotonic() + seconds
    try:
        with client.stream("POST", url, headers=dict(headers), content=body) as answer:
            if answer.status_code != httpx.codes.OK:
                raise OutcomeUnknown("supplier_http_status", status=answer.status_code)
            return _bounded(answer, largest, deadline)
    except NOT_SENT as problem:
        raise NotSent("supplier_unreachable", reason=type(problem).__name__) from problem
    except httpx.TimeoutException as problem:
        raise OutcomeUnknown("supplier_timeout") from problem
    except httpx.HTTPError as problem:
        raise OutcomeUnknown("supplier_cut_off", reason=type(problem).__name__) from problem


def _bounded(answer: httpx.Response, largest: int, deadline: float) -> bytes:
    received = bytearray()
    for chunk in answer.iter_bytes():
        received += chunk
        if len(received) > largest:
            raise OutcomeUnknown("supplier_too_large", megabytes=largest // 1_000_000)
        if time.monotonic() > deadline:
            raise OutcomeUnknown("supplier_timeout")
    return bytes(received)
