"""Processes the service keeps alive: background jobs and further web processes. They end when their input closes."""

from __future__ import annotations

import logging
import os
import subprocess
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress

POLL_S = 0.25
REST_S = 1.0
GRACE_S = 15.0
log = logging.getLogger(__name__)


class Child:
    """One process that is started again when it dies, until `stop`.

    It reads `secret` as the first line of its standard input, which stays open as long as we live.
    """

    def __init__(self, command: Sequence[str], secret: str, environment: Mapping[str, str]) -> None:
        self._command = list(command)
        self._secret = secret
        self._environment = {**os.environ, **environment}
        self._stopping = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._keep, name=f"keeps {command[-1]}", daemon=True)

    def start(self) -> None:
        """Starts the process and the thread that watches it."""
        self._thread.start()

    def ask_to_stop(self) -> None:
        """Closes its input, which asks it to end."""
        self._stopping.set()
        self._close_input()

    def stop(self) -> None:
        """Asks it to end and waits; after 15 seconds it is killed."""
        self.ask_to_stop()
        self._thread.join()
        process = self._process
        if process is None:
            return
        self._close_input()
        try:
            process.wait(GRACE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _keep(self) -> None:
        while not self._stopping.is_set():
            process = self._process = self._begin()
            while process.poll() is None and not self._stopping.wait(POLL_S):
                pass
            if not self._stopping.is_set():
                log.warning("%s ended with status %s and is started again", self._command[-1], process.returncode)
                self._close_input()
                self._stopping.wait(REST_S)

    def _begin(self) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                                   env=self._environment)  # fmt: skip
        assert process.stdin is not None
        with suppress(OSError):
            process.stdin.write(self._secret.encode() + b"\n")
            process.stdin.flush()
        return process

    def _close_input(self) -> None:
        if self._process is not None and self._process.stdin is not None:
            with suppress(OSError):
                self._process.stdin.close()
