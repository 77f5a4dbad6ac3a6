"""Law 3: codes and keys open for whom they should, and for nobody else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from welfare_desk.errors import Denied, Refused, Unavailable
from welfare_desk.security import keystore, sealing
from welfare_desk.security.passwords import check_password, hash_password

ROW = {"product_id": 1, "batch_id": 2, "code_id": 3}


@pytest.fixture
def store(tmp_path: Path) -> tuple[Path, keystore.OpenKeys, str]:
    keys, recovery = keystore.create(tmp_path / "keys", "correct horse")
    return tmp_path / "keys", keys, recovery


def test_passphrase_and_recovery_key_open_the_same_master(store: tuple[Path, keystore.OpenKeys, str]) -> None:
    folder, keys, recovery = store
    assert keystore.open_store(folder, "correct horse").master == keys.master
    assert keystore.open_store(folder, recovery.lower().replace("-", " ")).master == keys.master
    with pytest.raises(Denied):
        keystore.open_store(folder, "wrong horse")
    with pytest.raises(Unavailable):
        keystore.open_store(folder, None)


def test_the_store_holds_no_key_in_the_open(store: tuple[Path, keystore.OpenKeys, str]) -> None:
    folder, keys, recovery = store
    written = (folder / keystore.STORE).read_bytes()
    for secret in (keys.master, keys.intake_private, recovery.encode(), recovery.replace("-", "").encode()):
        assert secret not in written
        assert secret.hex().encode() not in written


def test_a_second_machine_joins_with_an_exported_store(
    store: tuple[Path, keystore.OpenKeys, str], tmp_path: Path
) -> None:
    folder, keys, _recovery = store
    keystore.export(folder, tmp_path / "export.json")
    assert keystore.join(tmp_path / "second", tmp_path / "export.json", "correct horse") == keys.intake_public
    assert keystore.open_store(tmp_path / "second", "correct horse").master == keys.master
    with pytest.raises(Denied):
        keystore.join(tmp_path / "third", tmp_path / "export.json", "wrong horse")
    assert not keystore.exists(tmp_path / "third")


def test_the_recovery_key_sets_a_new_passphrase(store: tuple[Path, keystore.OpenKeys, str]) -> None:
    folder, keys, recovery = store
    keystore.change_passphrase(folder, recovery, "battery staple")
    assert keystore.open_store(folder, "battery staple").master == keys.master
    with pytest.raises(Denied):
        keystore.open_store(folder, "correct horse")


def test_a_code_opens_only_in_its_own_row(store: tuple[Path, keystore.OpenKeys, str]) -> None:
    _folder, keys, _recovery = store
    sealed, blind = keys.seal_code("6222", "S3CRET-卡密", **ROW)
    assert keys.open_code(sealed, **ROW) == ("6222", "S3CRET-卡密")
    for other in ({"product_id": 9}, {"batch_id": 9}, {"code_id": 9}):
        with pytest.raises(Refused):
            keys.open_code(sealed, **(ROW | other))
    with pytest.raises(Refused):
        keys.open_code(sealed[:-1] + bytes([sealed[-1] ^ 1]), **ROW)
    again, same = keys.seal_code("6222", "S3CRET-卡密", **ROW)
    assert again != sealed
    assert same == blind


def test_an_intake_envelope_opens_only_for_the_service_and_in_its_place(
    store: tuple[Path, keystore.OpenKeys, str],
) -> None:
    _folder, keys, _recovery = store
    sealed = sealing.seal(b"codes", keys.intake_public, b"batch/1/chunk/0/of/2")
    assert keys.open_intake(sealed, b"batch/1/chunk/0/of/2") == b"codes"
    with pytest.raises(Refused):
        keys.open_intake(sealed, b"batch/1/chunk/1/of/2")
    private, public = sealing.key_pair()
    assert sealing.unseal(sealing.seal(b"x", public, b"i"), private, b"i") == b"x"
    with pytest.raises(Refused):
        sealing.unseal(sealed, private, b"batch/1/chunk/0/of/2")


def test_passwords_are_stretched_and_checked() -> None:
    stored = hash_password("correct horse")
    assert "correct" not in stored
    assert check_password("correct horse", stored)
    assert not check_password("correct horsf", stored)
    with pytest.raises(Refused):
        hash_password("short")


def test_a_damaged_store_is_named(store: tuple[Path, keystore.OpenKeys, str]) -> None:
    folder, _keys, _recovery = store
    (folder / keystore.STORE).write_text("{", encoding="utf-8")
    with pytest.raises(Unavailable) as caught:
        keystore.open_store(folder, "correct horse")
    assert caught.value.code == "keys_unreadable"
    assert json.dumps(caught.value.params)
