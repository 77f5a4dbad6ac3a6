"""What `doctor` looks at: folder, disk, database, clock, keys, epoch, journal, service, address, backup.

Every check answers by itself, so that one trouble does not hide another. Texts are made at the edge.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from welfare_desk.context import AppContext
from welfare_desk.db import durability, schema_version
from welfare_desk.db.engine import database_url, is_sqlite, open_engine, sqlite_file
from welfare_desk.errors import Denied, Refused, Unavailable, WelfareError
from welfare_desk.queries import service as service_queries
from welfare_desk.queries import settings as shared_settings
from welfare_desk.queries.times import times
from welfare_desk.security import journal, keystore
from welfare_desk.services import epochs, places
from welfare_desk.services.health_address import address
from welfare_desk.services.startup import CLOCK_SLACK_MS
from welfare_desk.settings import KEYS, machine

State = Literal["ok", "warn", "bad"]
MEGABYTE = 1_000_000
LITTLE_MB, TOO_LITTLE_MB = 2_000, 200
OWN_CLOCK_SLACK_MS = 60_000
BACKUP_MS = 7 * 24 * 3_600_000
HOUR_MS = 3_600_000


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found. `code` names the sentence; with `error` the error's own sentence is meant."""

    check: str
    state: State
    code: str
    params: dict[str, Any] = field(default_factory=dict)
    error: WelfareError | None = None


@dataclass(slots=True)
class Patient:
    """What the checks look at. `keys` are set when the store could be opened."""

    data: Path
    database: str | None
    passphrase: str | None
    ctx: AppContext
    keys: keystore.OpenKeys | None = None


def look(data: Path, database: str | None, passphrase: str | None) -> list[Finding]:
    """Everything, in an order in which causes stand before what follows from them. Raises Refused(`database_url`)."""
    url = database_url(data, database)
    file = sqlite_file(url)
    found = [*_folder(data), *_place(file or data / KEYS, sqlite=file is not None), *_disk(data)]
    if file is not None and not file.exists():
        return [*found, _wrong("database", Refused("not_prepared", data=str(data)))]
    engine = open_engine(url)
    try:
        patient = Patient(data, database, passphrase, AppContext(engine, data, operator="doctor"))
        found += _guarded("database", patient, _database)
        if all(finding.state != "bad" for finding in found if finding.check == "database"):
            for name, check in CHECKS:
                found += _guarded(name, patient, check)
    finally:
        engine.dispose()
    return found


def _guarded(name: str, patient: Patient, check: Callable[[Patient], Iterator[Finding]]) -> list[Finding]:
    """What a check finds; the error it meets is its finding."""
    try:
        return list(check(patient))
    except WelfareError as error:
        return [_wrong(name, error)]
    except OSError as error:
        reason = error.strerror or str(error)
        return [Finding(name, "bad", "unreadable", {"name": error.filename or name, "reason": reason})]


def _wrong(name: str, error: WelfareError) -> Finding:
    return Finding(name, "bad", error.code, error=error)


def _folder(data: Path) -> Iterator[Finding]:
    if not data.is_dir():
        yield Finding("folder", "bad", "folder_missing", {"folder": str(data)})
    elif not os.access(data, os.R_OK | os.W_OK | os.X_OK):
        yield Finding("folder", "bad", "folder_unwritable", {"folder": str(data)})
    elif sys.platform != "win32" and data.stat().st_mode & 0o077:
        yield Finding("folder", "warn", "folder_open", {"folder": str(data)})
    else:
        yield Finding("folder", "ok", "folder_fine", {"folder": str(data)})


def _place(inside: Path, *, sqlite: bool) -> Iterator[Finding]:
    folder = inside.parent.resolve()
    share, cloud = places.network_share(folder), places.cloud_folder(folder)
    state: State = "bad" if sqlite else "warn"  # beside PostgreSQL only keys and journal lie here
    if share:
        yield Finding("place", state, "place_share", {"folder": str(folder), "kind": share})
    if cloud:
        yield Finding("place", state, "place_cloud", {"folder": str(folder), "name": cloud})
    if not share and not cloud:
        yield Finding("place", "ok", "place_fine")


def _disk(data: Path) -> Iterator[Finding]:
    there = next(folder for folder in (data, *data.absolute().parents) if folder.exists())
    free = shutil.disk_usage(there).free // MEGABYTE
    code = "disk_full" if free < TOO_LITTLE_MB else "disk_low" if free < LITTLE_MB else "disk_fine"
    states: dict[str, State] = {"disk_full": "bad", "disk_low": "warn", "disk_fine": "ok"}
    yield Finding("disk", states[code], code, {"free": free, "folder": str(there)})


def _database(patient: Patient) -> Iterator[Finding]:
    schema_version.check(patient.ctx.engine)
    patient.ctx.read(service_queries.answers)
    kind = "SQLite" if is_sqlite(patient.ctx.engine) else "PostgreSQL"
    shown = patient.ctx.engine.url.render_as_string(hide_password=True)
    yield Finding("database", "ok", "database_fine", {"kind": kind, "url": shown, "schema": schema_version.HEAD})


def _durability(patient: Patient) -> Iterator[Finding]:
    weak = patient.ctx.read(durability.weak)
    held = weak or patient.ctx.read(durability.promises)
    named = ", ".join(f"{name}={value}" for name, value in held.items())
    yield Finding("durability", "bad" if weak else "ok", "commits_lost" if weak else "commits_kept", {"named": named})


def _clock(patient: Patient) -> Iterator[Finding]:
    seen = patient.ctx.read(times, clock=patient.ctx.clock)
    apart = abs(patient.ctx.clock.now() - seen.clock)
    if seen.behind > CLOCK_SLACK_MS:
        yield Finding("clock", "bad", "clock_late", {"seconds": seen.behind // 1000})
    elif apart > OWN_CLOCK_SLACK_MS:
        yield Finding("clock", "warn", "clock_apart", {"seconds": apart // 1000})
    else:
        yield Finding("clock", "ok", "clock_fine")


def _keys(patient: Patient) -> Iterator[Finding]:
    folder = patient.data / KEYS
    known = bytes.fromhex(patient.ctx.read(shared_settings.shared)["intake_key"] or "")
    if not keystore.exists(folder):
        desk_alone = bool(known)
        yield Finding("keys", "warn" if desk_alone else "bad", "keys_elsewhere", {"folder": str(folder)})
        return
    if keystore.intake_public(folder) != known:
        yield _wrong("keys", Refused("keys_differ"))
        return
    try:
        patient.keys = keystore.open_store(folder, patient.passphrase)
    except Denied as error:
        yield _wrong("keys", error)
        return
    except Unavailable as error:
        if error.code != "keys_locked":
            raise
        yield Finding("keys", "ok", "keys_closed")
        return
    yield Finding("keys", "ok", "keys_open")


def _pin(patient: Patient) -> Iterator[Finding]:
    known = bytes.fromhex(patient.ctx.read(shared_settings.shared)["intake_key"] or "")
    found, pinned = keystore.fingerprint(known), machine(patient.data)["pinned_intake_key"]
    if not pinned:
        yield Finding("pin", "warn", "pin_missing", {"found": found})
    elif pinned != found:
        yield _wrong("pin", Denied("intake_key_changed", expected=pinned, found=found))
    else:
        yield Finding("pin", "ok", "pin_fine", {"found": found})


def _epoch(patient: Patient) -> Iterator[Finding]:
    epochs.check_life(patient.ctx)
    yield Finding("epoch", "ok", "epoch_fine", {"epoch": patient.ctx.read(shared_settings.epoch)})


def _journal(patient: Patient) -> Iterator[Finding]:
    folder = patient.data / journal.FOLDER
    if not keystore.exists(patient.data / KEYS):
        return
    if folder.exists():
        probe = folder / f".write-test-{os.getpid()}"
        probe.write_bytes(b"")
        probe.unlink()
    files = len(list(folder.glob(f"*{journal.SUFFIX}")))
    if patient.keys is None:
        yield Finding("journal", "ok", "journal_closed", {"files": files})
        return
    epochs.check_journal(patient.ctx, patient.keys)
    yield Finding("journal", "ok", "journal_fine", {"files": files})


def _service(patient: Patient) -> Iterator[Finding]:
    state = patient.ctx.read(service_queries.state, clock=patient.ctx.clock)
    if not state.web:
        yield Finding("service", "warn", "service_stopped")
    elif not state.jobs:
        yield Finding("service", "warn", "service_without_jobs")
    else:
        web = sum(row.role == "web" for row in state.processes)
        yield Finding("service", "ok", "service_fine", {"web": web, "jobs": len(state.processes) - web})


def _address(patient: Patient) -> Iterator[Finding]:
    grade, code, shown = address(patient.ctx)
    yield Finding("address", grade, code, {"address": shown})


def _backup(patient: Patient) -> Iterator[Finding]:
    last = patient.ctx.read(shared_settings.fact, key="last_backup")
    trouble = patient.ctx.read(shared_settings.fact, key="backup_trouble")
    if trouble.get("code"):
        yield Finding("backup", "warn", "backup_failed", {"code": trouble["code"]})
    if not last:
        yield Finding("backup", "warn", "backup_never")
        return
    age = max(0, patient.ctx.clock.now() - int(last["at"]))
    state: State = "warn" if age > BACKUP_MS else "ok"
    code = "backup_old" if age > BACKUP_MS else "backup_fine"
    yield Finding("backup", state, code, {"hours": age // HOUR_MS, "days": age // (24 * HOUR_MS), "file": last["file"]})


CHECKS: tuple[tuple[str, Callable[[Patient], Iterator[Finding]]], ...] = (
    ("durability", _durability),
    ("clock", _clock),
    ("keys", _keys),
    ("pin", _pin),
    ("epoch", _epoch),
    ("journal", _journal),
    ("service", _service),
    ("address", _address),
    ("backup", _backup),
)
