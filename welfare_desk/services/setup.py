"""First run: folder, keys, schema, the first administrator. Done again, it changes nothing."""

from __future__ import annotations

import os
import socket
import sys
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from welfare_desk.context import AppContext, Clock, SystemClock
from welfare_desk.db import migrate
from welfare_desk.db.engine import database_url, open_engine
from welfare_desk.db.models.operators import Operator, Setting
from welfare_desk.errors import Refused, Unavailable
from welfare_desk.queries.settings import epoch
from welfare_desk.security import keystore
from welfare_desk.services import epochs, operators, settings
from welfare_desk.settings import KEYS, machine, save_machine

PORTS = range(8080, 8100)


@dataclass(frozen=True, slots=True)
class Prepared:
    """What a first run made. `recovery_key` is shown once and kept nowhere; None when keys existed already."""

    data: Path
    database: str
    recovery_key: str | None


def prepare(
    *, data: Path, database: str | None, password: str, passphrase: str | None = None, operator: str = "admin",
    shared: dict[str, Any] | None = None, keys_from: Path | None = None, clock: Clock | None = None,
) -> Prepared:  # fmt: skip
    """Makes what is missing: folder, schema, keys, operator, settings (`shared`). Existing things stay as they are.

    Raises Unavailable(`data_readonly`, `database_away`), Refused(`password_short`, `schema_newer`).
    """
    _make_folder(data)
    url = database_url(data, database)
    engine = open_engine(url)
    try:
        migrate.upgrade(engine)
        keys, recovery = _keys(data / KEYS, passphrase or password, keys_from)
        ctx = AppContext(engine=engine, data=data, clock=clock or SystemClock(), operator=operator, intake_key=keys)
        life = ctx.write(_first_rows, password=password, name=operator, shared=shared or {})
    finally:
        engine.dispose()
    if database:
        save_machine(data, database=database)
    if not (data / "machine.json").exists() or "port" not in (data / "machine.json").read_text(encoding="utf-8"):
        save_machine(data, port=_free_port())
    save_machine(data, pinned_intake_key=keystore.fingerprint(keys))
    if not machine(data)["epoch"]:
        save_machine(data, epoch=life)
    return Prepared(data, engine.url.render_as_string(hide_password=True), recovery)


def _first_rows(ctx: AppContext, session: Session, *, password: str, name: str, shared: dict[str, Any]) -> str:
    """Writes what every database has; returns its epoch."""
    if session.scalar(select(Operator.id).limit(1)) is None:
        operators.add(ctx, session, name=name, password=password)
    known = session.get(Setting, "intake_key")
    if known is None:
        settings.change(ctx, session, values={"intake_key": ctx.intake_key.hex()})
    elif known.value.get("value") != ctx.intake_key.hex():
        raise Refused("keys_differ", field="keys")
    if shared:
        settings.change(ctx, session, values=shared)
    return epoch(session) or epochs.renew(ctx, session)


def _keys(folder: Path, passphrase: str, keys_from: Path | None) -> tuple[bytes, str | None]:
    if keystore.exists(folder):
        return keystore.intake_public(folder), None
    if keys_from is not None:
        return keystore.join(folder, keys_from, passphrase), None
    opened, recovery = keystore.create(folder, passphrase)
    return opened.intake_public, recovery


def _make_folder(data: Path) -> None:
    try:
        data.mkdir(parents=True, exist_ok=True)
        probe = data / f".write-test-{os.getpid()}"
        probe.write_bytes(b"")
        probe.unlink()
        if sys.platform != "win32":
            data.chmod(0o700)
    except OSError as error:
        raise Unavailable("data_readonly", folder=str(data), reason=error.strerror or str(error)) from error


def _free_port() -> int:
    for port in PORTS:
        with closing(socket.socket()) as probe:
            try:
                probe.bind(("0.0.0.0", port))
            except OSError:
                continue
            return port
    return PORTS[0]
