"""Start the built program once, offscreen: command line, service, and the window with its child service.

Prints one JSON document; ends with 0 only if all of it works. Nothing but the built folder is used.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from urllib.error import URLError

from devtools.frozen import CONSOLE, FOLDER, WINDOW

SUFFIX = ".exe" if os.name == "nt" else ""
START_SECONDS = 60


def main() -> int:
    """Try the three, report on each."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "WELFARE_DESK_"))}
        environment = {
            **clean,
            "QT_QPA_PLATFORM": "offscreen",
            "WELFARE_DESK_DATA": str(Path(folder, "data")),
            "WELFARE_DESK_PASSWORD": "correct horse",
        }
        report = {
            "command_line": try_commands(environment),
            "service": try_service(environment),
            "window": try_window(environment, Path(folder, "seen.json")),
        }
    works = all(part.get("works") for part in report.values())
    print(json.dumps({"works": works, **report}, ensure_ascii=False))
    return 0 if works else 1


def program(name: str) -> str:
    """Path of one of the two executables."""
    return str(FOLDER / f"{name}{SUFFIX}")


def try_commands(environment: dict[str, str]) -> dict[str, object]:
    """First run and one listing, as JSON."""
    made = run(environment, "init", "--json")
    listed = run(environment, "people", "list", "--json")
    works = made.returncode == 0 and listed.returncode == 0 and json.loads(listed.stdout) == {"rows": []}
    return {"works": works, "said": "" if works else f"{made.stderr}{listed.stderr}"[-2000:]}


def run(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command line to its end."""
    command = [program(CONSOLE), *arguments]
    return subprocess.run(
        command, env=environment, capture_output=True, encoding="utf-8", timeout=START_SECONDS, check=False
    )


def try_service(environment: dict[str, str]) -> dict[str, object]:
    """Start the service until it can serve."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [program(CONSOLE), "service", "--host", "127.0.0.1", "--port", str(port)]
    began = time.monotonic()
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=said, stderr=said)
        try:
            works = answers(f"http://127.0.0.1:{port}/health", process)
            seconds = round(time.monotonic() - began, 1)
        finally:
            process.terminate()
            process.wait(30)
        said.seek(0)
        return {"works": works, "seconds": seconds, "said": "" if works else said.read().decode()[-2000:]}


def answers(address: str, process: subprocess.Popen[bytes]) -> bool:
    """Whether `address` answers 200 before the process ends or a minute is over."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:
                if answer.status == 200:
                    return True
        except (URLError, OSError):
            time.sleep(0.1)
    return False


def try_window(environment: dict[str, str], seen: Path) -> dict[str, object]:
    """Open the window, which starts its child service, and let it say what it sees."""
    began = time.monotonic()
    try:
        done = subprocess.run(
            [program(WINDOW), "--self-check", str(seen)],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=START_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return {"works": False, "said": f"not done within {START_SECONDS} s"}
    report = json.loads(seen.read_text(encoding="utf-8")) if seen.exists() else {}
    works = done.returncode == 0 and bool(report.get("window")) and bool(report.get("service"))
    return {"works": works, "seconds": round(time.monotonic() - began, 1), "seen": report, "said": done.stderr[-2000:]}


if __name__ == "__main__":
    sys.exit(main())
