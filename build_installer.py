#!/usr/bin/env python3
"""Make a one-folder program for this system in dist/, and start it once to see that it works.

`python3 build_installer.py [--no-build] [--no-try]`. The folder holds two programs that share everything else: one
with a window, one for the command line (on Windows a program with a window has no standard streams). The service, the
jobs and the file reader are children of the latter.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT))

from devtools import environment, frozen, system  # noqa: E402  (found beside this file, however it is started)


def main(arguments: list[str]) -> int:
    """Build, try and report; 0 if the program works."""
    parser = argparse.ArgumentParser(description="Make a program folder for this system and try it.")
    parser.add_argument("--no-build", action="store_true", help="try what dist/ holds")
    parser.add_argument("--no-try", action="store_true", help="only build")
    args = parser.parse_args(arguments)
    system.ensure("run")
    environment.ensure("test")
    if not args.no_build:
        status = subprocess.call([str(environment.python()), "-m", "devtools.frozen"], cwd=ROOT)
        if status:
            return status
    report: dict[str, object] = {"folder": str(frozen.FOLDER.relative_to(ROOT)), "system": platform.platform()}
    report["megabytes"] = round(sum(path.stat().st_size for path in frozen.FOLDER.rglob("*") if path.is_file()) / 1e6)
    works = True
    if not args.no_try:
        tried = subprocess.run(
            [str(environment.python()), "-m", "devtools.try_frozen"],
            cwd=ROOT,
            env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
            stdout=subprocess.PIPE,
            text=True,
            check=False,
        )
        works = tried.returncode == 0
        report.update(json.loads(tried.stdout) if tried.stdout.strip() else {"works": False})
    print(json.dumps(report, ensure_ascii=False, indent=2))
    return 0 if works else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
