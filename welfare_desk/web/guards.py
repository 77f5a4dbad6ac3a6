"""What arrives is bounded, decoded and judged here, before anything else looks at it."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Awaitable, Callable, MutableMapping
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl

from welfare_desk.domain.eligibility import FAILURES_ALLOWED, FAILURES_FORGOTTEN_MS
from welfare_desk.i18n import accepted, normalise

BODY_LIMIT = 8192
FIELD_SIGNS = 128
NOTE_SIGNS = 500  # of the one long field, what somebody says about a problem
REMEMBERED = 10_000

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


async def form(receive: Receive) -> dict[str, str] | None:
    """The fields of a form, cut to a sensible length; None when the body is too large or the sender went away."""
    message = await receive()
    body = message.get("body", b"")
    while message.get("more_body"):
        message = await receive()
        body += message.get("body", b"")
        if len(body) > BODY_LIMIT:
            return None
    if message["type"] != "http.request" or len(body) > BODY_LIMIT:
        return None
    return fields(body)


def fields(body: bytes) -> dict[str, str]:
    """The first value of every field, without control signs; what cannot be read gives no field."""
    try:
        text = body.decode("ascii")
        if "%" in text or "+" in text or text.count("&") > 1:
            pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=16)
        else:  # nothing to decode
            pairs = [(name, value) for name, sep, value in (pair.partition("=") for pair in text.split("&")) if sep]
    except ValueError:
        return {}
    found: dict[str, str] = {}
    for name, value in pairs:
        most = FIELD_SIGNS if name != "note" else NOTE_SIGNS
        found.setdefault(name, value[:most] if value.isprintable() else _printable(value[:most]))
    return found


def _printable(value: str) -> str:
    return "".join(sign for sign in value if sign.isprintable() or sign.isspace()).replace("\n", " ")


def language(scope: Scope, default: str) -> str:
    """`zh_CN` or `en`: by `?lang=`, else by Accept-Language, else `default`."""
    query = scope["query_string"]
    if query:
        asked = _asked(query)
        if asked:
            return asked
    for name, value in scope["headers"]:
        if name == b"accept-language":
            return _accepted(value, default)
    return default


@lru_cache(maxsize=256)
def _asked(query: bytes) -> str:
    try:
        pairs = parse_qsl(query[:256].decode("ascii"), max_num_fields=16)
    except ValueError:
        return ""
    return next((normalise(value) for name, value in pairs if name.lower() == "lang"), "")


@lru_cache(maxsize=1024)
def _accepted(header: bytes, default: str) -> str:
    return accepted(header[:256].decode("latin-1"), default)


class Attempts:
    """Wrong answers on the start page by reference code, so that a code nobody has looks like one somebody has."""

    def __init__(self) -> None:
        self._counts: OrderedDict[str, tuple[int, int]] = OrderedDict()
        self._lock = threading.Lock()

    def locked_until(self, reference: str, now: int) -> int | None:
        """Until when (epoch milliseconds) this code is not looked at, or None."""
        with self._lock:
            count, since = self._counts.get(reference, (0, now))
        until = since + FAILURES_FORGOTTEN_MS
        return until if count >= FAILURES_ALLOWED and now < until else None

    def note(self, reference: str, now: int) -> None:
        """Counts one wrong answer."""
        with self._lock:
            count, since = self._counts.pop(reference, (0, now))
            if now >= since + FAILURES_FORGOTTEN_MS:
                count, since = 0, now
            self._counts[reference] = (count + 1, since)
            if len(self._counts) > REMEMBERED:
                self._counts.popitem(last=False)
