"""Where a folder lies: on this machine's own disk, on a network share, or where a cloud service synchronises it.

SQLite and the claim journal keep their promises only on a disk of this machine.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import psutil

NETWORK_SYSTEMS = frozenset({
    "nfs", "nfs4", "cifs", "smb", "smb2", "smb3", "smbfs", "afpfs", "afs", "ncpfs", "webdav", "davfs", "ceph",
    "glusterfs", "lustre", "beegfs", "9p", "vboxsf", "vmhgfs", "prl_fs", "fuse.sshfs", "fuse.davfs2", "fuse.davfs",
    "fuse.glusterfs", "fuse.ceph", "fuse.s3fs", "fuse.smbnetfs", "fuse.vmhgfs-fuse", "fuse.gvfsd-fuse",
})  # fmt: skip
CLOUD_SYSTEMS = {
    "fuse.rclone": "rclone", "fuse.onedriver": "OneDrive", "fuse.google-drive-ocamlfuse": "Google Drive",
    "fuse.dbxfs": "Dropbox", "fuse.insync": "Insync",
}  # fmt: skip
# What a cloud service calls its folder, against one part of the path.
CLOUD_FOLDERS = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        ("OneDrive", r"OneDrive( - .+| \(.+\))?|SkyDrive"),
        ("Dropbox", r"Dropbox( \(.+\))?"),
        ("iCloud", r"iCloud ?Drive|iCloudDrive|Mobile Documents|com~apple~CloudDocs"),
        ("CloudStorage", r"CloudStorage"),
        ("坚果云 Nutstore", r"我的坚果云|坚果云|Nutstore( Files)?|\.nutstore"),
        ("Google Drive", r"Google ?Drive|My Drive|我的云端硬盘"),
        ("百度网盘 Baidu", r"BaiduSyncdisk|BaiduNetdiskWorkspace|百度网盘同步空间"),
        ("WPS", r"WPSDrive|WPS ?云盘"),
        ("微云 Weiyun", r"微云同步助手(\(\d+\))?|WeiyunSync"),
        ("Nextcloud", r"Nextcloud|ownCloud"),
        ("Box", r"Box Sync"),
        ("Seafile", r"Seafile"),
        ("pCloud", r"pCloud ?Drive|pCloudDrive"),
    )
)
MARKERS = {".stfolder": "Syncthing", ".dropbox.cache": "Dropbox", ".SynologyWorkingDirectory": "Synology Drive"}


@dataclass(frozen=True, slots=True)
class Mount:
    """One mounted file system."""

    point: str
    system: str
    options: str = ""


def mounts() -> list[Mount]:
    """The file systems of this machine, as it says."""
    return [Mount(part.mountpoint, part.fstype, part.opts) for part in psutil.disk_partitions(all=True)]


def network_share(folder: Path, known: Iterable[Mount] | None = None) -> str:
    """What kind of network share `folder` lies on, "" when it is on this machine."""
    if str(folder).startswith(("\\\\", "//")):
        return "UNC"
    mount = _mount_of(folder, mounts() if known is None else known)
    if mount is None or (mount.system == "9p" and mount.point == "/"):  # some sandboxes call their own disk that
        return ""
    if "remote" in mount.options.split(","):  # what Windows says of a mapped drive
        return mount.system or "remote"
    return mount.system if mount.system.lower() in NETWORK_SYSTEMS else ""


def cloud_folder(folder: Path, known: Iterable[Mount] | None = None) -> str:
    """Which cloud service synchronises `folder`, "" when none is recognised."""
    mount = _mount_of(folder, mounts() if known is None else known)
    if mount is not None and mount.system in CLOUD_SYSTEMS:
        return CLOUD_SYSTEMS[mount.system]
    return _by_environment(folder) or _by_name(folder) or _by_marker(folder)


def _by_environment(folder: Path) -> str:
    """Windows says where OneDrive lies, whatever its folder is called."""
    for name in ("OneDrive", "OneDriveCommercial", "OneDriveConsumer"):
        root = os.environ.get(name)
        if root and folder.is_relative_to(root):
            return "OneDrive"
    return ""


def _by_name(folder: Path) -> str:
    for part in folder.parts:
        for name, pattern in CLOUD_FOLDERS:
            if pattern.fullmatch(part):
                return name
    return ""


def _by_marker(folder: Path) -> str:
    for place in (folder, *folder.parents):
        for marker, name in MARKERS.items():
            if (place / marker).exists():
                return name
    return ""


def _mount_of(folder: Path, known: Iterable[Mount]) -> Mount | None:
    """The file system that holds `folder`: the longest mount point above it, the last mounted of equals."""
    above = [mount for mount in known if mount.point and folder.is_relative_to(mount.point)]
    return max(reversed(above), key=lambda mount: len(Path(mount.point).parts), default=None)
