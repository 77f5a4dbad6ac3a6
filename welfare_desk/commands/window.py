"""What the window needs done and may not do itself: opening a desk, checking a database, demo data, recovery.

`__main__` hands these functions to the window; every one may raise WelfareError and is called in a thread.
"""

from __future__ import annotations

from pathlib import Path

from welfare_desk import wiring
from welfare_desk.context import AppContext
from welfare_desk.db import schema_version
from welfare_desk.db.engine import open_engine
from welfare_desk.errors import Refused
from welfare_desk.security import keystore
from welfare_desk.security.passwords import MINIMUM
from welfare_desk.services import demo, operators
from welfare_desk.settings import KEYS, save_machine, self_command

ADMINISTRATOR = "admin"


def open_desk(data: Path, database: str | None, operator: str | None, password: str) -> AppContext:
    """A desk for whoever knows the password. Raises Denied(`sign_in`), Refused, Unavailable."""
    return wiring.desk(data, database, operator=operator, password=password)


def check_database(data: Path, url: str) -> str:
    """The key fingerprint of the desk whose data is there, "" for an empty database.

    Raises Refused(`database_url`) for a broken address, Unavailable when nobody answers.
    """
    engine = open_engine(url, pool_size=1)
    try:
        if schema_version.version(engine) is None:
            return ""
    finally:
        engine.dispose()
    ctx = wiring.bare(data, url)
    ctx.engine.dispose()
    return keystore.fingerprint(ctx.intake_key)


def join(data: Path, url: str, operator: str | None, password: str) -> AppContext:
    """A second desk on a shared database: signs in, then remembers the address and pins the service's key."""
    ctx = wiring.desk(data, url, operator=operator, password=password)
    data.mkdir(parents=True, exist_ok=True)
    save_machine(data, database=url, pinned_intake_key=keystore.fingerprint(ctx.intake_key))
    return ctx


def fill_demo(ctx: AppContext, password: str) -> None:
    """Invented people, products and finished campaigns; their codes are sealed, so the key store is opened for it."""
    demo.load(wiring.with_keys(ctx, password))


def reset_password(*, data: Path, database: str | None, recovery_key: str, password: str) -> None:
    """Proves the recovery key, then sets the administrator's password for operator and key store."""
    if len(password) < MINIMUM:
        raise Refused("password_short", field="password", minimum=MINIMUM)
    keystore.change_passphrase(data / KEYS, recovery_key.strip(), password)
    ctx = wiring.bare(data, database)
    try:
        ctx.write(operators.reset_password, name=ADMINISTRATOR, password=password)
    finally:
        ctx.engine.dispose()


def service_command(data: Path) -> tuple[str, ...]:
    """The command line of the claim service as a child of the window; it holds no secret."""
    return (*self_command(), "service", "--data", str(data), "--passphrase-stdin")
