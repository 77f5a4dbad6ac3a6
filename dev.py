#!/usr/bin/env python3
"""One command for everything: `python3 dev.py setup | run | test | check | bench | shots | faults | lock`.

Standard library only, so that it works before anything is installed. Every command sets up first; when nothing
changed since the last time, that takes a few milliseconds.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT))

OLDEST_PYTHON = (3, 11)
if sys.version_info < OLDEST_PYTHON:
    sys.exit("Welfare Desk needs Python 3.11 or newer; this is " + sys.version.split()[0])

from devtools import environment, system  # noqa: E402  (the version check comes first)

LOCKS = {
    "requirements/test.txt": ["--extra", "test", "--extra", "dev"],
    "requirements/run.txt": ["-c", "requirements/test.txt"],
}


def call(*command: str, **extra_environment: str) -> int:
    """Run `command` in the project folder and return its exit status."""
    return subprocess.call(command, cwd=ROOT, env={**os.environ, **extra_environment})


def python(*arguments: str, **extra_environment: str) -> int:
    """Run the environment's Python with `arguments`."""
    return call(str(environment.python()), *arguments, **extra_environment)


def set_up(profile: str) -> None:
    """Bring system libraries and the environment to what `profile` needs, or exit with the line to run."""
    system.ensure(profile)
    environment.ensure(profile)


def refuse(rest: list[str]) -> None:
    """Exit with status 2 if a command that takes no arguments got some."""
    if rest:
        print(f"not understood: {' '.join(rest)}", file=sys.stderr)
        sys.exit(2)


def each(*steps: tuple[str, list[str]]) -> int:
    """Run all named steps, also after a failure, and name those that failed; 0 if none did."""
    failed = []
    for name, arguments in steps:
        print(f"--- {name}", flush=True)
        if python(*arguments):
            failed.append(name)
    if failed:
        print(f"--- failed: {', '.join(failed)}", flush=True)
    return 1 if failed else 0


def run_setup(rest: list[str]) -> int:
    """Make the environment and nothing else."""
    refuse(rest)
    environment.ensure("run")
    return 0


def run_desk(rest: list[str]) -> int:
    """Open the desk, or run the given `welfare-desk` command."""
    set_up("run")
    return python("-m", "welfare_desk", *rest)


TOOLS = (
    ("format", ["-m", "ruff", "format", "--check", "."]),
    ("lint", ["-m", "ruff", "check", "."]),
    ("types", ["-m", "mypy"]),
)
RULES = ("rules", ["-m", "pytest", "-q", "-n", "0", "tests/test_architecture.py", "tests/test_house.py"])
TESTS = ("tests", ["-m", "pytest", "-q"])  # the rules among them; its closing line stays the last when all is well


def run_check(rest: list[str]) -> int:
    """Formatting, lint, types and the rules of the house."""
    refuse(rest)
    set_up("test")
    return each(*TOOLS, RULES)


def run_test(rest: list[str]) -> int:
    """The checks and all tests; arguments go to pytest and then only those tests run."""
    set_up("test")
    return python("-m", "pytest", *rest) if rest else each(*TOOLS, TESTS)


def run_bench(rest: list[str]) -> int:
    """Run the named benchmarks (P1 P2 …), or all; each prints one JSON line per figure."""
    set_up("test")
    found = {path.name.split("_")[0].upper(): path for path in sorted((ROOT / "benchmarks").glob("p[0-9]*_*.py"))}
    wanted = [name.upper() for name in rest] or sorted(found, key=lambda name: int(name[1:]))
    unknown = [name for name in wanted if name not in found]
    if unknown:
        print(f"no benchmark {', '.join(unknown)}; there are {', '.join(found) or 'none'}", file=sys.stderr)
        return 2
    statuses = [python("-m", f"benchmarks.{found[name].stem}") for name in wanted]
    return max(statuses, default=0)


def run_shots(rest: list[str]) -> int:
    """Picture every screen and claim page in both languages and both themes; fails on what cannot be read."""
    set_up("test")
    return python("-m", "devtools.shots", *rest, QT_QPA_PLATFORM="offscreen")


def run_faults(rest: list[str]) -> int:
    """Kill, cut off and fill up what can be (--rounds N --seed S), or simulate (--seeds N); --help says more."""
    set_up("test")
    return python("-m", "tests.faults.run", *rest)


def run_lock(rest: list[str]) -> int:
    """Write the locks in requirements/ anew from pyproject.toml."""
    environment.ensure("test")
    flags = ["--universal", "--generate-hashes", "--no-emit-index-url", "--no-annotate", "--no-header", "--quiet"]
    sources = ["pyproject.toml", "requirements/build.in"]
    for target, options in LOCKS.items():
        compile_lock = ["-m", "uv", "pip", "compile", *sources, *options, *flags, "--python-version", "3.11"]
        status = python(*compile_lock, "-o", target, *rest)
        if status:
            return status
    return 0


COMMANDS = {
    "setup": run_setup,
    "run": run_desk,
    "test": run_test,
    "check": run_check,
    "bench": run_bench,
    "shots": run_shots,
    "faults": run_faults,
    "lock": run_lock,
}


def main(arguments: list[str]) -> int:
    """Dispatch to the command; everything after its name belongs to it."""
    parser = argparse.ArgumentParser(description="Set up, run and check Welfare Desk.")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, function in COMMANDS.items():
        commands.add_parser(name, help=function.__doc__, add_help=False)
    chosen, rest = parser.parse_known_args(arguments[:1])
    return COMMANDS[chosen.command](arguments[1:] + rest)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
