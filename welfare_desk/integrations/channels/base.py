"""What every channel promises: one session for a batch, one answer per person."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Literal, Protocol


@dataclass(frozen=True, slots=True)
class Letter:
    """One message to one person. `message_id` is the same at every attempt, so that a repeated one can be told."""

    to: str
    subject: str
    text: str = field(repr=False)
    html: str = field(repr=False)
    message_id: str = ""


@dataclass(frozen=True, slots=True)
class Delivery:
    """How one person's message ended: `sent`, `refused` for good, or `later`. `code` and `detail` say why not.

    `stop`: the others of this batch would meet the same, so nothing more is sent for a while.
    """

    state: Literal["sent", "refused", "later"]
    code: str = ""
    detail: str = ""
    stop: bool = False


class ChannelSession(Protocol):
    """A channel that is connected and logged in."""

    def send(self, letter: Letter) -> Delivery:
        """Hands one message over. Raises Unavailable when the other side went away."""


class Channel(Protocol):
    """A way to reach people."""

    def session(self) -> AbstractContextManager[ChannelSession]:
        """Connects and logs in. Raises Unavailable (`mail_server_away`, `mail_login_refused`, …)."""
