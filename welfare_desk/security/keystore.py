"""`keys/` in the data folder: a random master key, wrapped in slots; everything else derives from it.

Slots: recovery key and passphrase (Argon2id) always, the OS keyring where there is one. Never in database or backup.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from welfare_desk.errors import Denied, Refused, Unavailable
from welfare_desk.security.derive import derive
from welfare_desk.security.links import Link, LinkKeys
from welfare_desk.security.os_keyring import keyring_get, keyring_put
from welfare_desk.security.passwords import stretch
from welfare_desk.security.references import encode
from welfare_desk.security.sealing import open_row, public_of, seal_row, unseal

STORE = "store.json"


@dataclass(slots=True)
class OpenKeys:
    """An opened key store: what the service can do with secrets (context.Keys)."""

    master: bytes
    generation: int = 0
    links: LinkKeys = field(init=False)
    intake_private: bytes = field(init=False)
    _stock: AESGCM = field(init=False)
    _journal: AESGCM = field(init=False)
    _blind: bytes = field(init=False)

    def __post_init__(self) -> None:
        self.links = LinkKeys({self.generation: self.master})
        self.intake_private = derive(self.master, b"intake")
        self._stock = AESGCM(derive(self.master, b"stock"))
        self._journal = AESGCM(derive(self.master, b"journal"))
        self._blind = derive(self.master, b"blind")

    def mint_link(self, grant_id: int, version: int) -> str:
        """The 40-sign token of a grant's link."""
        return self.links.mint(grant_id, version)

    def check_link(self, token: str) -> Link | None:
        """What a genuine token says, or None."""
        return self.links.check(token)

    def seal_code(
        self, number: str, secret: str, *, product_id: int, batch_id: int, code_id: int
    ) -> tuple[bytes, bytes]:
        """(sealed, blind) for one code: sealed opens only for that row, blind finds duplicates."""
        plain = json.dumps([number, secret], ensure_ascii=False, separators=(",", ":")).encode()
        sealed = seal_row(self._stock, plain, _bound(product_id, batch_id, code_id))
        blind = hmac.digest(self._blind, f"{number.strip()}\0{secret.strip()}".encode(), "sha256")[:16]
        return sealed, blind

    def open_code(self, sealed: bytes, *, product_id: int, batch_id: int, code_id: int) -> tuple[str, str]:
        """(card number or empty, secret). Raises Refused(`seal_broken`)."""
        number, secret = json.loads(open_row(self._stock, sealed, _bound(product_id, batch_id, code_id)))
        return number, secret

    def open_intake(self, sealed: bytes, info: bytes) -> bytes:
        """Opens what a desk sealed to the service. Raises Refused(`seal_broken`)."""
        return unseal(sealed, self.intake_private, info)

    def seal_journal(self, plain: bytes, position: int) -> bytes:
        """One sealed journal record, bound to its position."""
        return seal_row(self._journal, plain, position.to_bytes(8, "big"))

    def open_journal(self, sealed: bytes, position: int) -> bytes:
        """The plain record. Raises Refused(`seal_broken`)."""
        return open_row(self._journal, sealed, position.to_bytes(8, "big"))

    @property
    def intake_public(self) -> bytes:
        """The public half that desks seal to."""
        return public_of(self.intake_private)


def _bound(product_id: int, batch_id: int, code_id: int) -> bytes:
    return b"code/1/%d/%d/%d" % (product_id, batch_id, code_id)


def fingerprint(public_key: bytes) -> str:
    """What people compare when a desk first connects: 8 groups of 4 signs."""
    signs = encode(hashlib.sha256(public_key).digest()[:20])
    return "-".join(signs[at : at + 4] for at in range(0, 32, 4))


def create(folder: Path, passphrase: str) -> tuple[OpenKeys, str]:
    """Makes a key store and returns it with its recovery key, which is shown once. Raises Conflict-free Refused."""
    if (folder / STORE).exists():
        raise Refused("keys_exist", folder=str(folder))
    master = secrets.token_bytes(32)
    recovery = _new_recovery()
    slots = [_slot("recovery", recovery, master), _slot("passphrase", passphrase, master)]
    keys = OpenKeys(master)
    secret = secrets.token_urlsafe(32)
    entry = fingerprint(keys.intake_public)
    if keyring_put(entry, secret):
        slots.append(_slot("keyring", secret, master) | {"entry": entry})
    _save(folder, {"version": 1, "generation": 0, "intake": keys.intake_public.hex(), "slots": slots})
    return keys, recovery


def exists(folder: Path) -> bool:
    """Whether this data folder has a key store."""
    return (folder / STORE).is_file()


def intake_public(folder: Path) -> bytes:
    """The public intake key, readable without opening the store."""
    return bytes.fromhex(_load(folder)["intake"])


def open_store(folder: Path, passphrase: str | None) -> OpenKeys:
    """Opens by passphrase, or by the OS keyring when None. Raises Denied(`keys_wrong`), Unavailable(`keys_missing`)."""
    store = _load(folder)
    for slot in store["slots"]:
        if passphrase is None and slot["kind"] == "keyring":
            secret = keyring_get(slot["entry"])
        else:
            secret = _tidy(passphrase, slot["kind"]) if passphrase is not None else None
        master = _unwrap(slot, secret) if secret else None
        if master is not None:
            return OpenKeys(master, store["generation"])
    if passphrase is None:
        raise Unavailable("keys_locked")
    raise Denied("keys_wrong", field="password")


def export(folder: Path, target: Path) -> None:
    """Copies the (wrapped) store for a second service machine; it opens with the same passphrase or recovery key."""
    store = _load(folder)
    store["slots"] = [slot for slot in store["slots"] if slot["kind"] != "keyring"]
    _write(target, store)


def join(folder: Path, exported: Path, passphrase: str) -> bytes:
    """Takes over an exported store; returns its public intake key. Raises Denied(`keys_wrong`)."""
    try:
        store = json.loads(exported.read_text(encoding="utf-8"))
        folder.mkdir(parents=True, exist_ok=True)
        _save(folder, store)
        keys = open_store(folder, passphrase)
    except (OSError, ValueError, KeyError) as error:
        raise Refused("keys_file", field="keys", file=str(exported)) from error
    except Denied:
        (folder / STORE).unlink()
        raise
    return keys.intake_public


def change_passphrase(folder: Path, old: str, new: str) -> None:
    """Re-wraps the passphrase slot; `old` may be the recovery key. Raises Denied(`keys_wrong`)."""
    keys = open_store(folder, old)
    store = _load(folder)
    others = [slot for slot in store["slots"] if slot["kind"] != "passphrase"]
    _save(folder, store | {"slots": [*others, _slot("passphrase", new, keys.master)]})


def _new_recovery() -> str:
    signs = encode(secrets.token_bytes(20))
    return "-".join(signs[at : at + 4] for at in range(0, 32, 4))


def _tidy(secret: str, kind: str) -> str:
    return "".join(secret.upper().split()).replace("-", "") if kind == "recovery" else secret


def _slot(kind: str, secret: str, master: bytes) -> dict[str, Any]:
    salt = secrets.token_bytes(16)
    key = AESGCM(stretch(_tidy(secret, kind), salt))
    return {"kind": kind, "salt": salt.hex(), "wrapped": seal_row(key, master, kind.encode()).hex()}


def _unwrap(slot: dict[str, Any], secret: str) -> bytes | None:
    key = AESGCM(stretch(secret, bytes.fromhex(slot["salt"])))
    try:
        return open_row(key, bytes.fromhex(slot["wrapped"]), slot["kind"].encode())
    except Refused:
        return None


def _load(folder: Path) -> dict[str, Any]:
    try:
        loaded: dict[str, Any] = json.loads((folder / STORE).read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise Unavailable("keys_missing", folder=str(folder)) from error
    except (OSError, ValueError) as error:
        raise Unavailable("keys_unreadable", folder=str(folder), reason=str(error)) from error
    return loaded


def _save(folder: Path, store: dict[str, Any]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    _write(folder / STORE, store)


def _write(path: Path, store: dict[str, Any]) -> None:
    fresh = path.with_name(path.name + ".new")
    with open(fresh, "w", encoding="utf-8", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        json.dump(store, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
