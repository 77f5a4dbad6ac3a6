"""Fixtures for every test. The environment is set before anything of the product or Qt is imported."""

from __future__ import annotations

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
for name in [name for name in os.environ if name.startswith("WELFARE_DESK_")]:
    del os.environ[name]
