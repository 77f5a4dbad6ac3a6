"""What a job's function gets and how it says that it is not finished yet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal


class Later(Exception):
    """Raised by a job that must be called again after `after_ms`.

    `state` is what people see meanwhile: `queued`, or `unknown` while nobody can say how it ended outside.
    """

    def __init__(
        self, after_ms: int, state: Literal["queued", "unknown"] = "queued", result: dict[str, Any] | None = None
    ) -> None:
        super().__init__(state)
        self.after_ms = after_ms
        self.state = state
        self.result = result or {}


@dataclass(frozen=True, slots=True)
class Work:
    """One leased job. `public_key` is the asker's one-time key for sealed answers.

    `progress(done, total, item)` shows how far it is. `pause(seconds)` waits; when the process is to stop it raises
    Later, so that whoever comes next goes on. The lease is renewed while the function runs.
    """

    id: int
    kind: str
    params: dict[str, Any]
    operator: str
    public_key: bytes | None
    attempts: int
    progress: Callable[[int, int, str], None]
    pause: Callable[[float], None]
