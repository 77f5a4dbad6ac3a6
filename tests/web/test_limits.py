"""A web process holds more connections than a system's usual limit of open files."""

from __future__ import annotations

import subprocess
import sys

import pytest

if sys.platform == "win32":
    pytest.skip("open files have no such limit here", allow_module_level=True)

import resource

from welfare_desk.web.server import OPEN_FILES

ASK = """
import resource
from welfare_desk.web.server import allow_connections
hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
print(allow_connections())
"""


def test_the_limit_of_open_files_is_raised_as_far_as_the_system_allows() -> None:
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    done = subprocess.run([sys.executable, "-c", ASK], check=True, capture_output=True, text=True)
    assert int(done.stdout) == (OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard))
