"""Run the product as its users do: commands and servers as child processes that never outlive a test."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.waiting import wait_until

ROOT = Path(__file__).resolve().parent.parent.parent
PASSWORD = "correct horse"
COMMAND_SECONDS = 120.0


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass(frozen=True)
class Done:
    """What a command answered."""

    arguments: tuple[str, ...]
    status: int
    out: str
    err: str

    def json(self) -> Any:
        """Standard output as the one JSON document that --json promises."""
        return json.loads(self.out)

    def __str__(self) -> str:
        return f"welfare-desk {' '.join(self.arguments)} → {self.status}\n{self.out}\n{self.err}"


@dataclass
class Child:
    """A running process with its output in files."""

    process: subprocess.Popen[bytes]
    out: Path
    err: Path

    def kill(self) -> None:
        """End it at once (SIGKILL) and wait until it is gone."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(timeout=10)

    def terminate(self) -> int:
        """Ask it to end and return its status."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=30)

    def said(self) -> str:
        """Everything it wrote so far, for messages of failing tests."""
        return f"{self.out.read_text(errors='replace')}\n{self.err.read_text(errors='replace')}"


@dataclass
class Cli:
    """`welfare-desk` on a data folder of its own. `run` waits for the answer, `start` gives a child."""

    data: Path
    environment: dict[str, str]
    children: list[Child] = field(default_factory=list)

    def run(
        self, *arguments: object, status: int | None = 0, timeout: float = COMMAND_SECONDS, stdin: str = ""
    ) -> Done:
        """Run a command; fails the test unless it ends with `status` (None: any)."""
        said = tuple(str(argument) for argument in arguments)
        ran = subprocess.run(
            [sys.executable, "-m", "welfare_desk", *said],
            env=self.environment,
            cwd=self.data.parent,
            input=stdin,
            capture_output=True,
            encoding="utf-8",
            timeout=timeout,
            check=False,
        )
        done = Done(said, ran.returncode, ran.stdout, ran.stderr)
        assert status is None or done.status == status, str(done)
        return done

    def json(self, *arguments: object, status: int = 0) -> Any:
        """Run a command with --json and return its document."""
        return self.run(*arguments, "--json", status=status).json()

    def rows(self, *arguments: object) -> list[dict[str, Any]]:
        """Run a listing with --json and return its rows."""
        rows: list[dict[str, Any]] = self.json(*arguments)["rows"]
        return rows

    def start(self, *arguments: object, **environment: str) -> Child:
        """Start a command that stays; it is killed at the end of the test."""
        number = len(self.children)
        out, err = self.data.parent / f"child-{number}.out", self.data.parent / f"child-{number}.err"
        with out.open("wb") as stdout, err.open("wb") as stderr:
            process = subprocess.Popen(
                [sys.executable, "-m", "welfare_desk", *(str(argument) for argument in arguments)],
                env={**self.environment, **environment},
                cwd=self.data.parent,
                stdin=subprocess.PIPE,
                stdout=stdout,
                stderr=stderr,
            )
        child = Child(process, out, err)
        self.children.append(child)
        return child

    def simulator(self, *arguments: object) -> Path:
        """Start a simulated supplier; returns the file with its address and key."""
        child = self.start("simulator", "--port", free_port(), "--seed", 1, *arguments)
        wait_until(lambda: child.out.read_text().endswith("\n") or child.process.poll() is not None, 30)
        assert child.process.poll() is None, child.said()
        return child.out

    def service(self, *arguments: object, port: int | None = None) -> tuple[Child, str]:
        """Start a claim service on 127.0.0.1 and wait until it can serve; returns it and its address."""
        chosen = port or free_port()
        child = self.start("service", "--host", "127.0.0.1", "--port", chosen, *arguments)
        address = f"http://127.0.0.1:{chosen}"
        wait_until(lambda: child.process.poll() is not None or healthy(address), 60, f"{address} serves")
        assert child.process.poll() is None, child.said()
        return child, address

    def stop(self) -> None:
        """Kill what still runs; what it said last is shown if the test failed."""
        for child in self.children:
            child.kill()
            print(f"--- {child.out.name}\n{child.said()[-4000:]}")
            if child.process.stdin is not None:
                child.process.stdin.close()


def healthy(address: str) -> bool:
    """Whether the service at `address` says that it can serve."""
    try:
        return httpx.get(f"{address}/health", timeout=5, verify=False).status_code == 200
    except httpx.TransportError:
        return False


def clean_environment(more: Mapping[str, str]) -> dict[str, str]:
    """The caller's environment without settings of the product, plus `more`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("WELFARE_DESK_")}
    return {**kept, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", **more}


def make_cli(folder: Path, **environment: str) -> Cli:
    """A command line on `folder`/data with the usual password; end it with `stop()`."""
    data = folder / "data"
    settings = {"WELFARE_DESK_DATA": str(data), "WELFARE_DESK_PASSWORD": PASSWORD}
    return Cli(data, clean_environment({**settings, **environment}))


@pytest.fixture
def bare_cli(tmp_path: Path) -> Iterator[Cli]:
    """A command line on a data folder that does not exist yet, with SQLite."""
    cli = make_cli(tmp_path)
    yield cli
    cli.stop()


@pytest.fixture
def cli(bare_cli: Cli) -> Cli:
    """A command line after `init`, on SQLite."""
    bare_cli.run("init")
    return bare_cli


@pytest.fixture
def cli_on_both(tmp_path: Path, empty_database_url: str) -> Iterator[Cli]:
    """A command line after `init`, once on SQLite and once on PostgreSQL."""
    cli = make_cli(tmp_path, WELFARE_DESK_DATABASE=empty_database_url)
    cli.run("init")
    yield cli
    cli.stop()
