"""`doctor` names every trouble, says what to do, and ends with 1 when something is bad."""

from __future__ import annotations

import os
import shutil
import sqlite3
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.processes import Cli, make_cli
from tests.support.waiting import wait_until
from welfare_desk import wiring
from welfare_desk.commands import doctor_words
from welfare_desk.i18n import set_language
from welfare_desk.services import health_checks, places, processes, setup
from welfare_desk.services.health_checks import Finding
from welfare_desk.services.places import Mount
from welfare_desk.settings import save_machine

PASSWORD = "correct horse"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    setup.prepare(data=folder, database=None, password=PASSWORD)
    return folder


def found(data: Path, password: str | None = PASSWORD, database: str | None = None) -> dict[str, Finding]:
    return {finding.check: finding for finding in health_checks.look(data, database, password)}


def codes(data: Path, **options: Any) -> dict[str, str]:
    return {name: f"{finding.state} {finding.code}" for name, finding in found(data, **options).items()}


def test_a_fresh_folder_is_well_but_has_no_backup_and_no_service(cli_on_both: Cli) -> None:
    document = cli_on_both.run("doctor", "--json", status=None)
    checks = {check["check"]: check for check in document.json()["checks"]}
    expected = {"folder": "ok", "place": "ok", "database": "ok", "clock": "ok", "keys": "ok", "pin": "ok",
                "epoch": "ok", "journal": "ok", "service": "warn", "backup": "warn"}  # fmt: skip
    assert {name: checks[name]["state"] for name in expected} == expected
    assert checks["keys"]["code"] == "keys_open"
    assert all(check["advice"] for check in checks.values() if check["state"] != "ok")
    # the tests' PostgreSQL runs without fsync, and doctor sees it
    durable = cli_on_both.environment["WELFARE_DESK_DATABASE"].startswith("sqlite")
    assert checks["durability"]["state"] == ("ok" if durable else "bad")
    assert document.status == (0 if durable else 1)


def test_with_a_service_running_it_is_alive_and_its_address_answers(cli: Cli) -> None:
    _child, address = cli.service()

    def look() -> dict[str, Any]:
        return {check["check"]: check for check in cli.json("doctor")["checks"]}

    checks = wait_until(lambda: (seen := look())["service"]["code"] == "service_fine" and seen, 60, "jobs run too")
    assert checks["address"]["code"] == "address_loopback"
    assert address.rsplit(":", 1)[1] in checks["address"]["message"]


def test_lines_are_spoken_in_both_languages(tmp_path: Path) -> None:
    for language, word in (("zh_CN.UTF-8", "备份"), ("en_GB.UTF-8", "backup")):
        cli = make_cli(tmp_path / language, LC_ALL=language)
        cli.data.parent.mkdir()
        cli.run("init")
        said = cli.run("doctor").out
        assert word in said
        assert "→" in said


def test_a_place_that_does_not_fit_is_bad(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "mounts", lambda: [Mount("/", "cifs")])
    assert codes(data)["place"] == "bad place_share"
    monkeypatch.setattr(places, "mounts", lambda: [Mount("/", "fuse.rclone")])
    assert codes(data)["place"] == "bad place_cloud"


@pytest.mark.skipif(sys.platform == "win32", reason="rights are lists there")
def test_rights_of_the_folder(data: Path, tmp_path: Path) -> None:
    data.chmod(0o755)
    assert codes(data)["folder"] == "warn folder_open"
    assert codes(tmp_path / "nowhere")["folder"] == "bad folder_missing"
    assert codes(tmp_path / "nowhere")["database"] == "bad not_prepared"


def test_a_full_disk_is_said(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(data)
    for free, said in ((100_000_000, "bad disk_full"), (900_000_000, "warn disk_low")):
        monkeypatch.setattr(shutil, "disk_usage", lambda _path, free=free: usage._replace(free=free))
        assert codes(data)["disk"] == said


def test_a_database_that_is_away_hides_nothing_else(data: Path) -> None:
    away = codes(data, database="postgresql+psycopg://nobody@127.0.0.1:1/none")
    assert away["database"] == "bad database_away"
    assert away["folder"] == "ok folder_fine"
    assert "keys" not in away


def test_another_schema_is_said(data: Path) -> None:
    with sqlite3.connect(data / "welfare.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    assert codes(data)["database"] == "bad schema_newer"


def test_keys(data: Path) -> None:
    assert codes(data, password="wrong")["keys"] == "bad keys_wrong"
    assert codes(data, password=None)["keys"] == "ok keys_closed"
    assert codes(data, password=None)["journal"] == "ok journal_closed"
    save_machine(data, pinned_intake_key="AAAA")
    assert codes(data)["pin"] == "bad intake_key_changed"
    (data / "keys" / "store.json").unlink()
    assert codes(data)["keys"] == "warn keys_elsewhere"


def test_a_clock_behind_is_said(data: Path) -> None:
    ctx = wiring.bare(data)
    own = ctx.write(processes.register, role="web")
    with sqlite3.connect(data / "welfare.db") as connection:
        connection.execute("UPDATE process SET clock_at = clock_at + 3600000 WHERE number = ?", (own.number,))
    connection.close()
    ctx.engine.dispose()
    late = found(data)["clock"]
    assert (late.state, late.code) == ("bad", "clock_late")
    assert late.params["seconds"] > 3500


def test_a_copied_database_is_accepted_only_with_the_password(cli: Cli) -> None:
    save_machine(cli.data, epoch="another")
    refused = {check["check"]: check for check in cli.run("doctor", "--json", status=1).json()["checks"]}
    assert (refused["epoch"]["state"], refused["epoch"]["code"]) == ("bad", "epoch_differs")
    wrong = Cli(cli.data, {**cli.environment, "WELFARE_DESK_PASSWORD": "not it"})
    assert wrong.json("doctor", "--accept-epoch", status=1)["error"]["code"] == "sign_in"
    nobody = {name: value for name, value in cli.environment.items() if name != "WELFARE_DESK_PASSWORD"}
    assert Cli(cli.data, nobody).json("doctor", "--accept-epoch", status=1)["error"]["code"] == "password_missing"
    assert cli.json("doctor", "--accept-epoch")["ok"] is True
    accepted = [row for row in cli.rows("audit", "list") if row["action"] == "epoch.accepted"]
    assert len(accepted) == 1
    assert accepted[0]["operator"] == "admin"
    cli.service()


def test_every_finding_has_words_in_both_languages(data: Path) -> None:
    for language in ("zh_CN", "en"):
        set_language(language)
        for table in (doctor_words._machine, doctor_words._database, doctor_words._keys, doctor_words._service):
            assert all(said for said, _advice in table().values())
        for finding in health_checks.look(data, None, PASSWORD):
            assert doctor_words.words(finding)[0]
    set_language("en")


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_journal_that_cannot_be_written_is_bad(data: Path) -> None:
    (data / "journal").mkdir(exist_ok=True)
    (data / "journal").chmod(0o500)
    assert codes(data)["journal"] == "bad unreadable"
    (data / "journal").chmod(0o700)
