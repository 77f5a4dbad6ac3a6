"""P12: from starting the program to the first painted window ÷ the same of a bare PySide6 window; and until usable.

Both are processes of their own, measured from before they are started, in turns. Usable means that everything is
loaded and the unlock form opens the desk with the next key.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.figure import show

GOAL = 1.5
USABLE_S = 1.2
RUNS = 9
BARE = """
import json, time
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QLabel, QMainWindow

class Window(QMainWindow):
    def paintEvent(self, event):
        print(json.dumps({"painted": time.time()}), flush=True)
        QTimer.singleShot(0, app.quit)

app = QApplication([])
window = Window()
window.setCentralWidget(QLabel("bare"))
window.resize(1280, 728)
window.show()
app.exec()
"""
OURS = """
import json, sys, time
from welfare_desk.desktop import shell
began, run = time.time() - time.perf_counter(), shell.run

def watch(opening):
    def ready():
        good = opening.shell.isVisible() and opening.form.button.isEnabled()
        times = {"painted": began + opening.begun + opening.painted_s, "ready": began + opening.begun + opening.ready_s}
        print(json.dumps({**times, "good": good}), flush=True)
        opening.desk.end()
    opening.ready.connect(ready)

shell.run = lambda argv, **options: run(argv, opened=watch, **options)
from welfare_desk.__main__ import main
sys.exit(main(["--data", sys.argv[1]]))
"""


def start(code: str, *arguments: str) -> dict[str, float]:
    """Runs one program and gives its moments in seconds from its start."""
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # a program that never keeps its bytecode starts twice as slowly
    begun = time.time()
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        timeout=120,
        check=True,
    )
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return {key: value - begun if key != "good" else value for key, value in found.items()}


def main() -> int:
    """Runs and prints the figure."""
    with tempfile.TemporaryDirectory() as data:
        environment = {**os.environ, "WELFARE_DESK_DATA": data, "WELFARE_DESK_PASSWORD": "correct horse"}
        program = [sys.executable, "-m", "welfare_desk", "init"]
        subprocess.run(program, env=environment, stdout=subprocess.DEVNULL, check=True)
        start(BARE)
        start(OURS, data)
        bare, ours = [], []
        for _run in range(RUNS):
            bare.append(start(BARE))
            ours.append(start(OURS, data))
        left = Path(data, "welfare.db").exists()
    usable = sorted(run["ready"] for run in ours)[RUNS // 2]
    return show(
        "P12", GOAL, [run["painted"] for run in ours], [run["painted"] for run in bare], at_most=True,
        correct=left and all(run["good"] for run in ours), usable_s=round(usable, 3), usable_goal_s=USABLE_S,
        usable_reached=usable <= USABLE_S, painted_s=[round(run["painted"], 3) for run in ours],
        bare_s=[round(run["painted"], 3) for run in bare],
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
