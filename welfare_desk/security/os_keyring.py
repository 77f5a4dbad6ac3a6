"""The OS keyring, if one answers within two seconds; it never prompts without a screen and never hangs us."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable

import keyring

SERVICE = "welfare-desk"
PATIENCE_S = 2.0


def keyring_put(entry: str, secret: str) -> bool:
    """Stores `secret`; True only when it was read back in time."""
    return _in_time(lambda: _put(entry, secret)) is not None


def keyring_get(entry: str) -> str | None:
    """What is stored under `entry`, or None."""
    return _in_time(lambda: keyring.get_password(SERVICE, entry))


def _put(entry: str, secret: str) -> str | None:
    keyring.set_password(SERVICE, entry, secret)
    if keyring.get_password(SERVICE, entry) == secret:
        return secret
    keyring.delete_password(SERVICE, entry)
    return None


def _in_time(call: Callable[[], str | None]) -> str | None:
    if sys.platform.startswith("linux") and not os.environ.get("DBUS_SESSION_BUS_ADDRESS"):
        return None  # no session bus: nothing could answer, and a probe could start one
    answers: list[str | None] = []

    def ask() -> None:
        try:
            answers.append(call())
        except Exception:  # noqa: BLE001 - every back end has errors of its own; all of them mean "not here"
            answers.append(None)

    thread = threading.Thread(target=ask, name="keyring", daemon=True)
    thread.start()
    thread.join(PATIENCE_S)
    return answers[0] if answers else None
