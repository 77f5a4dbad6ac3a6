"""The project's virtual environment: made by whatever the system offers, filled from hashed locks."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

from devtools import system

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
TOOLS = ROOT / ".dev"
STAMP = VENV / ".welfare-desk-stamp"
LOCK_OF = {"run": "requirements/run.txt", "test": "requirements/test.txt"}
QUIET_PIP = ["--disable-pip-version-check", "--no-input", "--quiet"]


def python() -> Path:
    """The environment's interpreter, whether or not it exists yet."""
    return VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def ensure(profile: str) -> None:
    """Make the environment hold what `profile` ("run" or "test") needs; does nothing if it already does.

    The tests' lock includes the other one, so an environment once made for tests stays one.
    Exits with one clear sentence if it cannot be made.
    """
    stamped = STAMP.read_text(encoding="utf-8").split() if STAMP.exists() else []
    if stamped and stamped[0] == "test":
        profile = "test"
    if stamped == [profile, digest(profile)] and python().exists():
        return
    if not works(python(), "import sys; sys.exit(sys.version_info < (3, 11))"):
        make()
    print(f"Installing {LOCK_OF[profile]} …", file=sys.stderr, flush=True)
    STAMP.unlink(missing_ok=True)
    install(["--require-hashes", "--no-deps", "-r", LOCK_OF[profile]])
    install(["--no-deps", "--no-build-isolation", "-e", "."])
    STAMP.write_text(f"{profile} {digest(profile)}\n", encoding="utf-8")


def digest(profile: str) -> str:
    """Changes whenever the environment of `profile` must be filled anew."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    said = json.dumps([project["project"], project["build-system"], sys.version_info[:2], str(ROOT)], sort_keys=True)
    return hashlib.sha256((ROOT / LOCK_OF[profile]).read_bytes() + said.encode()).hexdigest()[:16]


def works(interpreter: Path, code: str) -> bool:
    """Whether `interpreter` exists and runs `code` with status 0."""
    if not interpreter.exists():
        return False
    return succeeds([str(interpreter), "-c", code])


def succeeds(command: list[str], environment: dict[str, str] | None = None) -> bool:
    """Run quietly; whether it ended with status 0."""
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, env=environment, check=False)
    except OSError:
        return False
    return done.returncode == 0


def make() -> None:
    """Make an empty .venv: with pip, else without it, else by uv, else after installing what Debian leaves out."""
    print("Making .venv …", file=sys.stderr, flush=True)
    for attempt in (_venv_with_pip, _venv_without_pip, _venv_by_uv, _venv_after_debian_packages):
        shutil.rmtree(VENV, ignore_errors=True)
        if attempt():
            return
    sys.exit(
        "No virtual environment could be made here. On Debian or Ubuntu: apt-get install -y python3-venv python3-pip"
    )


def _venv_with_pip() -> bool:
    return succeeds([sys.executable, "-m", "venv", str(VENV)]) and works(python(), "import pip")


def _venv_without_pip() -> bool:
    made = succeeds([sys.executable, "-m", "venv", "--without-pip", str(VENV)])
    return made and works(python(), "pass") and _pip_of_the_system() is not None


def _venv_by_uv() -> bool:
    uv = _uv()
    return uv is not None and succeeds([*uv, "venv", "--python", sys.executable, str(VENV)], _uv_environment())


def _venv_after_debian_packages() -> bool:
    return system.apt_install(["python3-venv", "python3-pip"]) and _venv_with_pip()


def install(arguments: list[str]) -> None:
    """Install into .venv by its own pip, else by the system's, else by uv. Exits if that fails."""
    if works(python(), "import pip"):
        command, settings = [str(python()), "-m", "pip", "install", *QUIET_PIP], None
    elif (pip := _pip_of_the_system()) is not None:
        command, settings = [*pip, "--python", str(python()), "install", *QUIET_PIP], None
    elif (uv := _uv()) is not None:
        command, settings = [*uv, "pip", "install", "--quiet", "--python", str(python())], _uv_environment()
    else:
        sys.exit("Neither pip nor uv is here. On Debian or Ubuntu: apt-get install -y python3-venv python3-pip")
    if subprocess.call([*command, *arguments], cwd=ROOT, env=settings):
        sys.exit("The requirements could not be installed; the lines above say why.")


def _pip_of_the_system() -> list[str] | None:
    """A pip that can install into another interpreter's environment (22.3 or newer), or None."""
    pip = [sys.executable, "-m", "pip"]
    return pip if succeeds([*pip, "--python", sys.executable, "--version"]) else None


def _uv() -> list[str] | None:
    """A uv: on the path, or fetched by pip into .dev (which needs neither ensurepip nor leave to touch the system)."""
    if found := shutil.which("uv"):
        return [found]
    program = TOOLS / "bin" / ("uv.exe" if os.name == "nt" else "uv")
    fetch = [sys.executable, "-m", "pip", "install", *QUIET_PIP, "--upgrade", "--target", str(TOOLS), "uv"]
    if not program.exists() and not succeeds(fetch):
        return None
    return [str(program)] if program.exists() else None


def _uv_environment() -> dict[str, str]:
    """uv does not read pip's configuration: pass on where pip looks."""
    listed = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=False
    )
    pairs = [line.split("=", 1) for line in listed.stdout.splitlines() if "=" in line]
    pairs.sort(key=lambda pair: (pair[0].startswith(":env:"), pair[0].startswith("site."), pair[0].startswith("user.")))
    told = {key.rsplit(".", 1)[-1]: value.strip("'\"").replace("\\n", " ") for key, value in pairs}
    names = {
        "index-url": "UV_DEFAULT_INDEX",
        "extra-index-url": "UV_INDEX",
        "find-links": "UV_FIND_LINKS",
        "cert": "SSL_CERT_FILE",
    }
    return {**{names[key]: value for key, value in told.items() if key in names}, **os.environ}
