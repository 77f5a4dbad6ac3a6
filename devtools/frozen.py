"""Make the program folder with PyInstaller: two executables, one for the window and one for the command line."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "dist" / "welfare-desk"
WORK = ROOT / "build"
WINDOW, CONSOLE = "welfare-desk", "welfare-desk-cli"

# Every module of ours is named: commands and migrations are found at run time, not by imports. Qt's parts that the
# window does not use stay out.
SPEC = """
from PyInstaller.utils.hooks import collect_data_files, collect_submodules, copy_metadata

ours = [name for name in collect_submodules("welfare_desk") if ".migrations" not in name]
found = Analysis(
    [{entry!r}],
    pathex=[{root!r}],
    datas=[
        ({resources!r}, "welfare_desk/resources"),
        ({migrations!r}, "welfare_desk/db/migrations"),
        *collect_data_files("tzdata"),
        *copy_metadata("keyring"),
    ],
    hiddenimports=[
        *ours, "psycopg", "psycopg_binary", "sqlalchemy.dialects.sqlite", "sqlalchemy.dialects.postgresql.psycopg",
        "alembic.ddl.postgresql", "alembic.ddl.sqlite", "logging.config",
        *collect_submodules("keyring.backends"), *collect_submodules("uvicorn"),
    ],
    excludes=[
        "tkinter", "PySide6.QtQml", "PySide6.QtQuick", "PySide6.QtSql", "PySide6.QtTest", "PIL", "pytest", "mypy",
    ],
)
archive = PYZ(found.pure)


def program(name, console):
    return EXE(archive, found.scripts, [], exclude_binaries=True, name=name, console=console, upx=False)


COLLECT(program({window!r}, False), program({console!r}, True), found.binaries, found.datas, name={window!r}, upx=False)
"""
ENTRY = """
import sys
from multiprocessing import freeze_support

if __name__ == "__main__":
    freeze_support()
    from welfare_desk.__main__ import main

    sys.exit(main())
"""


def build() -> int:
    """Write the recipe into build/ and run it; returns PyInstaller's status."""
    WORK.mkdir(exist_ok=True)
    shutil.rmtree(FOLDER, ignore_errors=True)
    entry = WORK / "welfare_desk_program.py"
    entry.write_text(ENTRY, encoding="utf-8")
    recipe = WORK / "welfare-desk.spec"
    names = {
        "entry": str(entry),
        "root": str(ROOT),
        "resources": str(ROOT / "resources"),
        "migrations": str(ROOT / "welfare_desk" / "db" / "migrations"),
        "window": WINDOW,
        "console": CONSOLE,
    }
    recipe.write_text(SPEC.format(**names), encoding="utf-8")
    command = [sys.executable, "-m", "PyInstaller", "--noconfirm", "--log-level", "WARN"]
    places = ["--distpath", str(FOLDER.parent), "--workpath", str(WORK / "pyinstaller"), str(recipe)]
    return subprocess.call([*command, *places], cwd=ROOT)


if __name__ == "__main__":
    sys.exit(build())
