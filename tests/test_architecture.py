"""The house stands as planned, and its rules notice when it does not."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.architecture import PACKAGE, Source, sources, violations

ROOT = Path(__file__).resolve().parent.parent
HOUSE = ROOT / PACKAGE
FILE_LINES_P90 = 350
FUNCTION_LINES_P90 = 35

PLANTED = {
    "web imports the window": ("web/pages.py", "from welfare_desk.desktop import theme", "import table"),
    "web imports it relatively": ("web/pages.py", "from ..desktop.theme import LIGHT", "import table"),
    "a page imports the database": (
        "desktop/pages/people.py",
        "from welfare_desk.db.models import people",
        "import table",
    ),
    "a page imports SQLAlchemy": ("desktop/pages/people.py", "from sqlalchemy import select", "libraries"),
    "a page imports the jobs": ("desktop/pages/people.py", "from ...jobs import runner", "import table"),
    "only for types": (
        "desktop/pages/people.py",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from welfare_desk.security import keystore",
        "import table",
    ),
    "a query imports a service": ("queries/people.py", "from welfare_desk.services import people", "import table"),
    "a service imports a connector": (
        "services/orders.py",
        "from welfare_desk.integrations.suppliers.kasushou import sign",
        "import table",
    ),
    "files import security": ("files/tables.py", "import welfare_desk.security.sealing", "import table"),
    "context composes": ("context.py", "from welfare_desk.db.models import people", "import table"),
    "somebody imports a command": ("web/app.py", "from welfare_desk.commands import base", "import table"),
    "the shell imports a page": ("desktop/shell.py", "from welfare_desk.desktop.pages import people", "import table"),
    "an unknown room": ("plugins/thing.py", "import json", "rooms"),
    "Qt outside the window": ("files/qr.py", "from PySide6.QtGui import QImage", "libraries"),
    "cryptography outside security": ("services/orders.py", "import cryptography.hazmat.primitives", "libraries"),
    "spreadsheets outside files": ("services/people.py", "import openpyxl", "libraries"),
    "HTTP outside integrations": ("jobs/orders.py", "import httpx", "libraries"),
    "mail outside integrations": ("jobs/messages.py", "import smtplib", "libraries"),
    "asyncio outside web": ("jobs/runner.py", "import asyncio", "libraries"),
    "a library in the domain": ("domain/money.py", "import babel", "libraries"),
    "fork": ("jobs/runner.py", "from multiprocessing import Process", "libraries"),
    "import inside a function": (
        "services/people.py",
        "def late():\n    from welfare_desk.queries import people\n    return people",
        "import inside a function",
    ),
    "library inside a function": (
        "services/people.py",
        "def late():\n    import sqlalchemy",
        "import inside a function",
    ),
    "stray commit": ("services/people.py", "def add(ctx, session):\n    session.commit()", "transactions"),
    "stray begin": ("queries/people.py", "def rows(engine):\n    with engine.begin():\n        pass", "transactions"),
    "stray commit in a page": ("desktop/pages/people.py", "def save(session):\n    session.commit()", "transactions"),
    "a helpers folder": ("services/helpers/names.py", "import json", "names"),
    "a utils module": ("domain/utils.py", "import json", "names"),
    "a room with code in __init__": ("queries/__init__.py", '"""Reads."""\nfrom os import path', "rooms"),
    "a context that does business": (
        "context.py",
        "class AppContext:\n    def write(self): ...\n    def launch(self): ...",
        "AppContext",
    ),
}


NAMED = (
    "desktop/theme",
    "desktop/pages/people",
    "db/models/people",
    "jobs/runner",
    "security/keystore",
    "services/people",
    "queries/people",
    "integrations/suppliers/kasushou",
    "commands/base",
)


def plant(root: Path, file: str, code: str) -> Path:
    """A small house with one file of `code` in it, and the modules that the planted imports name."""
    house = root / PACKAGE
    for module in NAMED:
        path = house / f"{module}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("", encoding="utf-8")
    target = house / file
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(code + "\n", encoding="utf-8")
    return house


def test_the_house_keeps_its_rules() -> None:
    found = violations(HOUSE)
    assert not found, "\n" + "\n".join(map(str, found))


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_violation_is_named(name: str, tmp_path: Path) -> None:
    file, code, rule = PLANTED[name]
    found = violations(plant(tmp_path, file, code))
    assert [violation.rule for violation in found if file.startswith(violation.where.split(":")[0])] == [rule]


ALLOWED = {
    "a service imports a connector's types": ("services/orders.py", "from ..integrations.suppliers.base import Offer"),
    "files import a library late": ("files/tables.py", "def read():\n    import openpyxl"),
    "the simulator is an application": ("integrations/simulator/app.py", "import asyncio\nimport starlette"),
    "main imports late": ("__main__.py", "def main():\n    from welfare_desk.desktop import theme"),
    "a desk uses a service": ("desktop/pages/people.py", "from welfare_desk.services import people"),
    "a function that begins": ("jobs/mail.py", "from welfare_desk.jobs import runner\nrunner.begin()"),
    "context commits": ("context.py", "def write(session):\n    session.commit()"),
}


@pytest.mark.parametrize("name", ALLOWED)
def test_what_is_allowed_is_not_named(name: str, tmp_path: Path) -> None:
    assert violations(plant(tmp_path, *ALLOWED[name])) == []


def test_a_violation_in_a_copy_of_the_real_house_is_named(tmp_path: Path) -> None:
    copy = tmp_path / PACKAGE
    shutil.copytree(HOUSE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    page = copy / "web" / "planted.py"
    page.write_text("from welfare_desk.desktop import theme\n", encoding="utf-8")
    found = [str(violation) for violation in set(violations(copy)) - set(violations(HOUSE))]
    assert found == ["web/planted.py:1: import table: may not import desktop.theme"]


def test_files_and_functions_stay_short() -> None:
    real = [source for source in sources(HOUSE) if source.path.name != "__init__.py"]
    files = {source.relative: source.lines for source in real}
    functions = {
        f"{source.relative}:{function.name}": lines(function) for source in real for function in source.functions()
    }
    assert p90(files) <= FILE_LINES_P90, longest(files)
    assert p90(functions) <= FUNCTION_LINES_P90, longest(functions)


def test_the_service_never_loads_qt() -> None:
    outside = [source.module for source in sources(HOUSE) if source.room not in ("desktop", "__main__")]
    rooms = sorted(f"{PACKAGE}.{module}" for module in outside if module and "migrations" not in module)
    loaded = modules_after(f"import {', '.join(rooms)}")
    assert [name for name in loaded if name.split(".")[0] in ("PySide6", "shiboken6")] == []


def test_the_first_window_loads_next_to_nothing() -> None:
    loaded = modules_after("import welfare_desk.desktop.shell")
    ours = {name for name in loaded if name.split(".")[0] == PACKAGE}
    allowed = {"", ".i18n", ".settings", ".errors", ".desktop", ".desktop.shell", ".desktop.theme"}
    assert ours <= {PACKAGE + name for name in allowed}
    assert [name for name in loaded if name in ("sqlalchemy", "cryptography", "openpyxl", "httpx", "psycopg")] == []


def test_imports_are_read_as_python_reads_them(tmp_path: Path) -> None:
    house = plant(tmp_path, "desktop/pages/x.py", "from .. import theme\nfrom . import people\nfrom ... import errors")
    names = [found.name for found in Source(house, house / "desktop/pages/x.py").imports()]
    assert names == ["desktop.theme", "desktop.pages.people", ""]


def modules_after(code: str) -> list[str]:
    """What is loaded in a fresh interpreter after `code`."""
    script = f"{code}\nimport sys, json; print(json.dumps(sorted(sys.modules)))"
    ran = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    loaded: list[str] = json.loads(ran.stdout.splitlines()[-1])
    return loaded


def lines(function: object) -> int:
    """Lines of a function from `def` to its end."""
    return int(getattr(function, "end_lineno", 0)) - int(getattr(function, "lineno", 0)) + 1


def p90(counts: dict[str, int]) -> int:
    """Nine of ten are at most this long."""
    ordered = sorted(counts.values())
    return ordered[int(len(ordered) * 0.9)] if ordered else 0


def longest(counts: dict[str, int]) -> str:
    """The twenty longest, for the message of a failing test."""
    return "\n".join(f"{count:5} {name}" for name, count in sorted(counts.items(), key=lambda item: -item[1])[:20])
