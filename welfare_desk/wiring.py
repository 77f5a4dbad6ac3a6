"""Composes AppContext from a data folder: a desk (no keys) or the service (keys opened)."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from welfare_desk.context import AppContext, Clock, SystemClock
from welfare_desk.db import schema_version
from welfare_desk.db.engine import database_url, open_engine
from welfare_desk.errors import Denied, Refused, Unavailable
from welfare_desk.queries import settings as shared_settings
from welfare_desk.security import keystore
from welfare_desk.services import epochs, operators, people_import, startup
from welfare_desk.settings import DATABASE, KEYS, machine


def is_prepared(data: Path, database: str | None = None) -> bool:
    """Whether a first run happened here: there are keys, or this machine remembers a shared database."""
    return keystore.exists(data / KEYS) or (data / DATABASE).exists() or bool(database or machine(data)["database"])


def bare(data: Path, database: str | None = None, *, clock: Clock | None = None, pool_size: int = 5) -> AppContext:
    """A context on a checked schema, acting as nobody. Raises Refused(`not_prepared`, `schema_…`)."""
    if not is_prepared(data, database):
        raise Refused("not_prepared", data=str(data))
    engine = open_engine(database_url(data, database), pool_size=pool_size)
    try:
        schema_version.check(engine)
        ctx = AppContext(engine=engine, data=data, clock=clock or SystemClock())
        return dataclasses.replace(ctx, intake_key=_intake_key(ctx))
    except BaseException:
        engine.dispose()
        raise


def desk(
    data: Path, database: str | None = None, *, operator: str | None = None, password: str, clock: Clock | None = None
) -> AppContext:
    """A desk: an operator who signed in, and no keys. Raises Denied(`sign_in`)."""
    ctx = bare(data, database, clock=clock)
    try:
        signed_in = ctx.write(operators.sign_in, name=operator, password=password)
    except BaseException:
        ctx.engine.dispose()
        raise
    ctx = dataclasses.replace(ctx, operator=signed_in.name)
    people_import.recover_imports(ctx)
    return ctx


def service(
    data: Path, database: str | None = None, *, passphrase: str | None, clock: Clock | None = None,
    operator: str = "service", pool_size: int = 5,
) -> AppContext:  # fmt: skip
    """The service: keys opened by passphrase, or by the OS keyring when None. Raises Denied, Unavailable, Refused."""
    startup.check_place(data, database)
    ctx = bare(data, database, clock=clock, pool_size=pool_size)
    try:
        startup.check(ctx)
        keys = keystore.open_store(data / KEYS, passphrase)
        if keys.intake_public != ctx.intake_key:
            raise Refused("keys_differ", field="keys")
        epochs.check(ctx, keys)
    except BaseException:
        ctx.engine.dispose()
        raise
    ctx = dataclasses.replace(ctx, keys=keys, operator=operator)
    people_import.recover_imports(ctx)
    return ctx


def with_keys(ctx: AppContext, passphrase: str) -> AppContext:
    """The same context with the key store opened, for `--wait` where no service is alive."""
    return dataclasses.replace(ctx, keys=keystore.open_store(ctx.data / KEYS, passphrase))


def _intake_key(ctx: AppContext) -> bytes:
    known = bytes.fromhex(ctx.read(shared_settings.shared)["intake_key"] or "")
    if not known:
        raise Unavailable("keys_missing", folder=str(ctx.data / KEYS))
    pinned = machine(ctx.data)["pinned_intake_key"]
    if pinned and pinned != keystore.fingerprint(known):
        raise Denied("intake_key_changed", expected=pinned, found=keystore.fingerprint(known))
    return known
