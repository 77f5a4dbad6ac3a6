"""Fixtures for every test. The environment is set before anything of the product or of Qt is imported."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
for setting in [name for name in os.environ if name.startswith("WELFARE_DESK_")]:
    del os.environ[setting]

pytest_plugins = [
    "tests.support.browsers",
    "tests.support.databases",
    "tests.support.leaks",
    "tests.support.processes",
]
SERVER_FOLDER = "WD_TEST_POSTGRES"


@pytest.fixture(scope="session", autouse=True)
def _one_application(qapp: QApplication) -> None:
    """Every worker has the application with widgets before a test that draws a sheet makes one without."""


def pytest_configure(config: pytest.Config) -> None:
    """The process that starts the run, not its workers, chooses where the run's PostgreSQL lives."""
    if not hasattr(config, "workerinput"):
        from tests.support import postgres

        postgres.sweep()
        os.environ[SERVER_FOLDER] = str(postgres.run_folder())


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the PostgreSQL server if a test started it."""
    folder = os.environ.get(SERVER_FOLDER)
    if folder and not hasattr(config, "workerinput") and Path(folder).exists():
        from tests.support import postgres

        postgres.PostgresServer(Path(folder)).delete()
        sys.stdout.flush()
