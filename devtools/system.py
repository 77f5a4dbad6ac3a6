"""What the operating system must bring: Qt's libraries, a Chinese font, and for the tests a browser."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
from pathlib import Path

# soname: Debian package. What PySide6's wheels link to and do not bring.
QT_LIBRARIES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libxkbcommon.so.0": "libxkbcommon0",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgssapi_krb5.so.2": "libgssapi-krb5-2",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}
TEST_LIBRARIES = {"libatomic.so.1": "libatomic1"}  # of the browser's driver
FONT_FOLDERS = ["/usr/share/fonts", "/usr/local/share/fonts", "~/.fonts", "~/.local/share/fonts"]
CHINESE_FONTS = [
    "*CJK*",
    "*SourceHan*",
    "*wqy*",
    "*DroidSansFallback*",
    "*uming*",
    "*ukai*",
    "*LXGW*",
    "*HarmonyOS*SC*",
]
BROWSERS = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]


def ensure(profile: str) -> None:
    """Install what is missing for `profile` where that is allowed, else exit with the exact line to run.

    macOS and Windows bring everything but the tests' browser.
    """
    packages = missing(profile)
    if packages and not apt_install(packages):
        sys.exit(f"Missing on this system: {', '.join(packages)}. Run as root:\n    {apt_line(packages)}")
    left = missing(profile)
    if left:
        sys.exit(f"Still missing after installing: {', '.join(left)}")


def missing(profile: str) -> list[str]:
    """Debian packages that `profile` ("run" or "test") needs and that are not here."""
    packages = []
    if sys.platform.startswith("linux"):
        libraries = QT_LIBRARIES | TEST_LIBRARIES if profile == "test" else QT_LIBRARIES
        packages += [package for library, package in libraries.items() if not _loads(library)]
        packages += [] if _has_chinese_font() else ["fonts-noto-cjk"]
    if profile == "test" and browser() is None:
        packages.append("chromium")
    return packages


def browser() -> str | None:
    """The system's Chromium, or None."""
    return next((found for name in BROWSERS if (found := shutil.which(name))), None)


def apt_line(packages: list[str]) -> str:
    """What a person can paste into a root shell."""
    return f"apt-get update && apt-get install -y --no-install-recommends {' '.join(packages)}"


def apt_install(packages: list[str]) -> bool:
    """Install Debian packages if this is Debian or Ubuntu and we are root; whether that worked."""
    if shutil.which("apt-get") is None or not hasattr(os, "geteuid") or os.geteuid() != 0:
        return False
    print(f"Installing system packages: {' '.join(packages)} …", file=sys.stderr, flush=True)
    done = subprocess.run(
        ["sh", "-c", apt_line(packages)],
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        print(done.stdout, file=sys.stderr)
    return done.returncode == 0


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _has_chinese_font() -> bool:
    folders = [Path(folder).expanduser() for folder in FONT_FOLDERS]
    return any(next(folder.rglob(pattern), None) for folder in folders if folder.is_dir() for pattern in CHINESE_FONTS)
