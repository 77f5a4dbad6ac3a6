"""dev.py: what it does on systems that this one is not."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

import dev
from devtools import environment, shots, system


@pytest.fixture
def no_root(monkeypatch: pytest.MonkeyPatch) -> None:
    """As an ordinary user."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000, raising=False)


@pytest.fixture
def no_egl(monkeypatch: pytest.MonkeyPatch) -> None:
    """A Linux without libEGL and without a browser."""
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(system, "_loads", lambda library: library != "libEGL.so.1")
    monkeypatch.setattr(system, "_has_chinese_font", lambda: True)
    monkeypatch.setattr(system, "browser", lambda: None)


@pytest.mark.usefixtures("no_root", "no_egl")
@pytest.mark.parametrize(("profile", "packages"), [("run", "libegl1"), ("test", "libegl1 chromium")])
def test_without_root_it_fails_with_the_line_to_run(profile: str, packages: str) -> None:
    with pytest.raises(SystemExit) as stopped:
        system.ensure(profile)
    line = str(stopped.value).splitlines()[-1].strip()
    assert line == f"apt-get update && apt-get install -y --no-install-recommends {packages}"


@pytest.mark.usefixtures("no_egl")
def test_as_root_it_installs_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[list[str]] = []
    monkeypatch.setattr(system, "apt_install", lambda packages: asked.append(packages) or True)
    monkeypatch.setattr(system, "missing", lambda profile: [] if asked else ["libegl1"])
    system.ensure("run")
    assert asked == [["libegl1"]]


def test_what_is_there_is_not_installed_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    stamp = tmp_path / "stamp"
    stamp.write_text(f"test {environment.digest('test')}\n", encoding="utf-8")
    monkeypatch.setattr(environment, "STAMP", stamp)
    monkeypatch.setattr(environment, "python", lambda: Path(sys.executable))
    monkeypatch.setattr(environment, "install", lambda arguments: pytest.fail("installed again"))
    environment.ensure("run")
    environment.ensure("test")


def test_a_changed_lock_is_installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    stamp = tmp_path / "stamp"
    stamp.write_text("run 0123456789abcdef\n", encoding="utf-8")
    installed: list[list[str]] = []
    monkeypatch.setattr(environment, "STAMP", stamp)
    monkeypatch.setattr(environment, "python", lambda: Path(sys.executable))
    monkeypatch.setattr(environment, "install", installed.append)
    environment.ensure("run")
    assert installed[0] == ["--require-hashes", "--no-deps", "-r", "requirements/run.txt"]
    assert stamp.read_text(encoding="utf-8") == f"run {environment.digest('run')}\n"


def test_an_environment_is_made_by_the_first_way_that_works(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    tried: list[str] = []

    def attempt(name: str, works: bool) -> None:
        monkeypatch.setattr(environment, name, lambda: tried.append(name) or works)

    monkeypatch.setattr(environment, "VENV", tmp_path / "venv")
    attempt("_venv_with_pip", False)
    attempt("_venv_without_pip", False)
    attempt("_venv_by_uv", True)
    attempt("_venv_after_debian_packages", True)
    environment.make()
    assert tried == ["_venv_with_pip", "_venv_without_pip", "_venv_by_uv"]


def test_uv_looks_where_pip_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("UV_DEFAULT_INDEX", "UV_FIND_LINKS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PIP_INDEX_URL", "https://mirror.example/simple")
    monkeypatch.setenv("PIP_FIND_LINKS", "wheels")
    told = environment._uv_environment()
    assert (told["UV_DEFAULT_INDEX"], told["UV_FIND_LINKS"]) == ("https://mirror.example/simple", "wheels")


@pytest.mark.parametrize("command", ["setup", "check"])
def test_arguments_nobody_knows_are_refused(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        dev.main([command, "--fast"])
    assert stopped.value.code == 2
    assert "--fast" in capsys.readouterr().err


def test_an_unknown_benchmark_is_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(dev, "set_up", lambda profile: None)
    assert dev.main(["bench", "P99"]) == 2
    assert "P99" in capsys.readouterr().err


def test_what_a_shooter_saw_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    child = tmp_path / "child.py"
    child.write_text(f"print({shots.ANSWER + json.dumps(['the label 领取 is clipped'])!r})\n", encoding="utf-8")
    monkeypatch.setattr(shots, "COMMAND", [sys.executable, str(child)])
    assert shots.shoot_apart("desk", tmp_path, "en", "dark") == ["desk en dark: the label 领取 is clipped"]


def test_a_shooter_that_breaks_is_a_problem(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(shots, "COMMAND", [sys.executable, "-c", "raise SystemExit(3)"])
    assert shots.shoot_apart("desk", tmp_path, "en", "dark") == ["desk en dark: ended with status 3"]
