"""Which channels there are: one line each."""

from __future__ import annotations

from collections.abc import Callable

from welfare_desk.domain.mail_addresses import MailServer
from welfare_desk.integrations.channels.base import Channel
from welfare_desk.integrations.channels.email import Email

CHANNELS: dict[str, Callable[[MailServer], Channel]] = {"email": Email}
