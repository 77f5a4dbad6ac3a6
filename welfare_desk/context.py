"""AppContext: the one thing that is passed everywhere, and the only place that begins, retries and commits."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from welfare_desk.db.engine import is_sqlite, may_retry, translate
from welfare_desk.domain.clock import Clock

__all__ = ["AppContext", "Clock", "Keys", "SystemClock"]

P = ParamSpec("P")
T = TypeVar("T")

RETRIES = 8
SNAPSHOT = {
    "isolation_level": "REPEATABLE READ",
    "postgresql_readonly": True,
}  # one for the whole query, not per statement


@dataclass(frozen=True, slots=True)
class SystemClock:
    """The clock of this machine."""

    real: bool = True

    def now(self) -> int:
        """Epoch milliseconds UTC."""
        return time.time_ns() // 1_000_000


class Keys(Protocol):
    """What the service can do with secrets; a desk has none."""

    def mint_link(self, grant_id: int, version: int) -> str: ...

    def open_code(self, sealed: bytes, *, product_id: int, batch_id: int, code_id: int) -> tuple[str, str]: ...

    def seal_code(
        self, number: str, secret: str, *, product_id: int, batch_id: int, code_id: int
    ) -> tuple[bytes, bytes]: ...

    def open_intake(self, sealed: bytes, info: bytes) -> bytes: ...


@dataclass(frozen=True, slots=True)
class AppContext:
    """Engine, clock and ports. It carries no business method.

    `keys` is None at a desk. `operator` is who acts (audit). `writer` is the process's number in rollups, 0 at a desk.
    `intake_key` is the service's public X25519 key, pinned at first connection.
    """

    engine: Engine
    data: Path
    clock: Clock = field(default_factory=SystemClock)
    keys: Keys | None = None
    operator: str = ""
    writer: int = 0
    intake_key: bytes = b""

    def write(self, service: Callable[Concatenate[AppContext, Session, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Runs `service` in one transaction and commits; deadlocks and busy locks are tried again.

        A connection that died since it was last used is replaced once, but never after the commit was sent: whether
        that was kept is unknown. Raises what the service raises, and Unavailable when the database is away, full or
        read-only.
        """
        attempt, committing = 0, False
        while True:
            try:
                with self._session(write=True) as session:
                    result = service(self, session, *args, **kwargs)
                    committing = True
                    session.commit()
                    return result
            except DBAPIError as error:
                attempt += 1
                stale = error.connection_invalidated and not committing and attempt == 1
                if not (stale or may_retry(error)) or attempt > RETRIES:
                    raise translate(error) from error
                committing = False
                time.sleep(0.002 * 2**attempt)

    def read(self, query: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Runs `query` on one snapshot and leaves nothing behind; a connection that died is replaced once."""
        fresh = False
        while True:
            try:
                with self._session(write=False) as session:
                    return query(session, *args, **kwargs)
            except DBAPIError as error:
                if fresh or not error.connection_invalidated:
                    raise translate(error) from error
                fresh = True

    def _session(self, *, write: bool) -> Session:
        options: dict[str, Any] = {"write": True}
        if not write:
            options = {} if is_sqlite(self.engine) else SNAPSHOT
        return Session(self.engine.execution_options(**options), expire_on_commit=False, autoflush=True)
