"""Injected time."""

from __future__ import annotations

from typing import Protocol


class Clock(Protocol):
    """Epoch milliseconds UTC. `real` is false for clocks that tests move: then the database's clock is not asked."""

    @property
    def real(self) -> bool:
        """Whether this is the machine's own clock."""

    def now(self) -> int:
        """Epoch milliseconds UTC."""
