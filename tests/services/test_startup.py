"""What the service refuses to start on; only what the machine says about itself is faked."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import event

from tests.support.processes import Cli, free_port
from tests.support.world import NOON, World, open_world
from welfare_desk import wiring
from welfare_desk.context import AppContext
from welfare_desk.db.engine import open_engine, sqlite_url
from welfare_desk.errors import Unavailable
from welfare_desk.services import places, processes, setup, startup
from welfare_desk.services.places import Mount

PASSWORD = "correct horse"


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> Iterator[World]:
    made = open_world(database_url, tmp_path)
    yield made
    made.ctx.engine.dispose()


@pytest.mark.parametrize(
    ("mount", "found"),
    [
        (Mount("/data", "nfs4"), "nfs4"),
        (Mount("/data", "cifs"), "cifs"),
        (Mount("/data", "smbfs"), "smbfs"),
        (Mount("/data", "fuse.sshfs"), "fuse.sshfs"),
        (Mount("/data", "NTFS", "rw,remote"), "NTFS"),
        (Mount("/", "9p"), ""),
        (Mount("/data", "ext4"), ""),
        (Mount("/data/other", "nfs"), ""),
    ],
)
def test_network_shares_are_known_by_their_file_system(mount: Mount, found: str) -> None:
    assert places.network_share(Path("/data/welfare"), [Mount("/", "ext4"), mount][mount.point == "/" :]) == found


def test_a_path_of_another_machine_is_a_share() -> None:
    assert places.network_share(Path("//server/hr/welfare"), []) == "UNC"


def test_the_nearest_mount_decides() -> None:
    known = [Mount("/", "ext4"), Mount("/srv", "nfs"), Mount("/srv/local", "xfs")]
    assert places.network_share(Path("/srv/local/data"), known) == ""
    assert places.network_share(Path("/srv/hr"), known) == "nfs"


@pytest.mark.parametrize(
    ("folder", "service"),
    [
        ("/home/hr/OneDrive/welfare", "OneDrive"),
        ("/home/hr/OneDrive - Example GmbH/welfare", "OneDrive"),
        ("/Users/hr/Dropbox/data", "Dropbox"),
        ("/Users/hr/Library/Mobile Documents/com~apple~CloudDocs/x", "iCloud"),
        ("/Users/hr/Library/CloudStorage/GoogleDrive-a/x", "CloudStorage"),
        ("/home/hr/我的坚果云/数据", "坚果云 Nutstore"),
        ("/home/hr/Nutstore Files/data", "坚果云 Nutstore"),
        ("/d/百度网盘同步空间/x", "百度网盘 Baidu"),
        ("/home/hr/Documents/dropbox-plan/data", ""),
        ("/home/onedrive2/data", ""),
        ("/var/lib/welfare-desk", ""),
    ],
)
def test_cloud_folders_are_known_by_name(folder: str, service: str) -> None:
    assert places.cloud_folder(Path(folder), []) == service


def test_cloud_folders_are_known_by_what_lies_in_them_and_by_the_system(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside = tmp_path / "shared" / "data"
    inside.mkdir(parents=True)
    assert places.cloud_folder(inside, []) == ""
    (tmp_path / "shared" / ".stfolder").mkdir()
    assert places.cloud_folder(inside, []) == "Syncthing"
    assert places.cloud_folder(Path("/m/x"), [Mount("/m", "fuse.rclone")]) == "rclone"
    monkeypatch.setenv("OneDriveCommercial", str(tmp_path / "Firma"))
    assert places.cloud_folder(tmp_path / "Firma" / "data", []) == "OneDrive"


def test_this_machine_says_where_its_disks_are(tmp_path: Path) -> None:
    assert places.mounts()
    assert places.network_share(tmp_path) == ""


@pytest.mark.parametrize(
    ("mounts", "code"),
    [([Mount("/", "nfs4")], "database_on_share"), ([Mount("/", "fuse.rclone")], "database_in_cloud")],
)
def test_a_service_refuses_sqlite_that_does_not_lie_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mounts: list[Mount], code: str
) -> None:
    setup.prepare(data=tmp_path, database=None, password=PASSWORD)
    monkeypatch.setattr(places, "mounts", lambda: mounts)
    with pytest.raises(Unavailable, match=code):
        wiring.service(tmp_path, passphrase=PASSWORD)
    startup.check_place(tmp_path, "postgresql+psycopg://db.example.com/welfare")


def test_a_service_says_in_one_sentence_why_it_does_not_start(bare_cli: Cli) -> None:
    cloud = bare_cli.data.parent / "Dropbox" / "data"
    bare_cli.run("init", "--data", cloud)
    refused = bare_cli.run("service", "--data", cloud, "--port", free_port(), status=1, timeout=60)
    last = refused.err.strip().splitlines()
    assert len(last) == 1
    assert "Dropbox" in last[0]
    assert str(cloud.resolve()) in last[0]


def test_full_sync_is_required(tmp_path: Path) -> None:
    setup.prepare(data=tmp_path, database=None, password=PASSWORD)
    engine = open_engine(sqlite_url(tmp_path / "welfare.db"), synchronous="NORMAL")
    with pytest.raises(Unavailable, match="synchronous=normal"):
        startup.check(AppContext(engine, tmp_path))
    engine.dispose()


def test_a_file_system_without_wal_is_refused(tmp_path: Path) -> None:
    setup.prepare(data=tmp_path, database=None, password=PASSWORD)
    engine = open_engine(sqlite_url(tmp_path / "welfare.db"))

    def without_wal(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute("PRAGMA journal_mode=DELETE")

    event.listen(engine, "connect", without_wal)
    with pytest.raises(Unavailable, match="journal_mode=delete"):
        startup.check(AppContext(engine, tmp_path))
    engine.dispose()


def test_a_clock_behind_the_latest_record_is_refused(world: World) -> None:
    world.ctx.write(processes.register, role="web")
    startup.check(world.ctx)
    world.clock.moment = NOON - 4_000
    startup.check(world.ctx)
    world.clock.moment = NOON - 60_000
    with pytest.raises(Unavailable, match=r"clock_behind.*60"):
        startup.check(world.ctx)
