"""The claim service as a child of the desk: started, watched, started again when it dies, stopped with the desk.

The key passphrase goes through the child's standard input, never through arguments or the environment. It is kept in
memory while the service is meant to run, because a killed service has to be back within five seconds without asking.
"""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, QTimer, Signal

from welfare_desk.desktop.background import Background
from welfare_desk.i18n import _, language
from welfare_desk.queries import service as service_queries

RESTARTS_MS = (500, 1000, 2000, 4000, 10_000, 30_000)  # waits between attempts; the first three lie within 5 s
STEADY_S = 60.0  # a service that lived this long starts again with the shortest wait
LOOK_MS = 1000
STARTING_LOOK_MS = 250
STOP_MS = 5000
LINES_KEPT = 50
CHATTER = re.compile(r"\b(INFO|DEBUG)\b")
PREFIX = re.compile(r"^[\d-]+ [\d:,.]+ \w+ (WARNING|ERROR|CRITICAL) |^[a-z_]+: ")


@dataclass(frozen=True)
class ServiceView:
    """How the service stands: `state` is stopped, starting, running, stopping, failing (tried again soon) or away.

    `why` is a sentence when it does not run; `addresses` are where phones reach it. `own` is false for a service that
    somebody else runs on the same database.
    """

    state: str = "stopped"
    why: str = ""
    addresses: tuple[str, ...] = ()
    jobs: bool = False
    own: bool = True


class ServiceChild(QObject):
    """Emits `changed(ServiceView)` when anything a person can see has changed."""

    changed = Signal(object)

    def __init__(
        self,
        background: Background,
        command: Sequence[str],
        database: str | None = None,
        *,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.view = ServiceView()
        self._background = background
        self._command = tuple(command)
        self._database = database
        self._passphrase = b""
        self._wanted = False
        self._start_after = False
        self._deaths = 0
        self._started_at = 0.0
        self._launched_ms = 0
        self._lines: list[str] = []
        self._process: QProcess | None = None
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.timeout.connect(self._launch)
        self._kill = QTimer(self)
        self._kill.setSingleShot(True)
        self._kill.timeout.connect(self._kill_now)
        self._look = QTimer(self)
        self._look.timeout.connect(self.look)
        self._look.start(LOOK_MS)

    def start(self, passphrase: str | None = None) -> None:
        """Starts the service; without a passphrase the one given before is used."""
        if passphrase is not None:
            self._passphrase = passphrase.encode()
        self._wanted, self._deaths = True, 0
        if self._process is None:
            self._launch()

    def stop(self) -> None:
        """Lets the service finish what it does, at most five seconds, then ends it."""
        self._wanted = False
        self._again.stop()
        if self._process is None:
            self._show("stopped")
            return
        self._show("stopping")
        self._process.closeWriteChannel()
        self._kill.start(STOP_MS)

    def restart(self) -> None:
        """Stops the service, if it runs, and starts it with what was changed meanwhile (port, host)."""
        if self._process is None:
            self._again.stop()
            self.start()
        else:
            self._start_after = True
            self.stop()

    def forget(self) -> None:
        """Drops the passphrase; after this the service cannot be started again without asking."""
        self._passphrase = b""

    def shut_down(self, milliseconds: int = STOP_MS) -> None:
        """Stops and waits, for the end of the program."""
        self._look.stop()
        self.stop()
        self._kill.stop()
        process = self._process
        if process is not None and not process.waitForFinished(milliseconds):
            process.kill()
            process.waitForFinished(1000)
        self.forget()

    def pid(self) -> int:
        """The child's process id, 0 when there is none."""
        return int(self._process.processId()) if self._process is not None else 0

    def log(self) -> str:
        """The last lines the child wrote."""
        return "\n".join(self._lines)

    def look(self) -> None:
        """Asks the database who answers phones."""
        clock = self._background.ctx.clock
        self._background.read(service_queries.state, self._seen, self._away, key="service", clock=clock)

    def _launch(self) -> None:
        process = QProcess(self)
        process.setProcessChannelMode(QProcess.ProcessChannelMode.SeparateChannels)
        process.readyReadStandardError.connect(self._read)
        process.readyReadStandardOutput.connect(self._skip)
        process.finished.connect(self._finished)
        process.errorOccurred.connect(self._error)
        environment = QProcessEnvironment.systemEnvironment()
        environment.remove("WELFARE_DESK_PASSWORD")
        environment.insert("LC_MESSAGES", language())  # why it cannot serve is said in the language of the window
        if self._database:  # not an argument: other users can read those
            environment.insert("WELFARE_DESK_DATABASE", self._database)
        process.setProcessEnvironment(environment)
        self._process = process
        self._lines.clear()
        self._started_at = time.monotonic()
        self._launched_ms = self._background.ctx.clock.now()
        self._show("starting")
        self._look.setInterval(STARTING_LOOK_MS)
        process.start(self._command[0], list(self._command[1:]))
        process.write(self._passphrase + b"\n")

    def _read(self) -> None:
        if self._process is not None:
            written = bytes(self._process.readAllStandardError().data()).decode("utf-8", "replace")
            self._lines = [*self._lines, *(line for line in written.splitlines() if line.strip())][-LINES_KEPT:]

    def _skip(self) -> None:
        if self._process is not None:
            self._process.readAllStandardOutput()

    def _error(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            self._lines.append(_("The program could not be started: {file}", file=self._command[0]))
            self._finished(-1, QProcess.ExitStatus.CrashExit)

    def _finished(self, code: int, status: QProcess.ExitStatus) -> None:
        process = self._process
        if process is None:
            return
        self._read()
        self._process = None
        self._kill.stop()
        process.deleteLater()
        if not self._wanted:
            self._show("stopped")
            if self._start_after:
                self._start_after = False
                self.start()
            return
        if time.monotonic() - self._started_at > STEADY_S:
            self._deaths = 0
        wait = RESTARTS_MS[min(self._deaths, len(RESTARTS_MS) - 1)]
        self._deaths += 1
        self._show("failing", _why(code, status, self._lines))
        self._again.start(wait)

    def _seen(self, state: service_queries.ServiceState) -> None:
        mine = self.pid()
        fresh = any(row.role == "web" and row.started_at >= self._launched_ms for row in state.processes)
        if mine and fresh and self.view.state in ("starting", "running"):
            self._look.setInterval(LOOK_MS)
            self._put(ServiceView("running", "", state.addresses, state.jobs))
        elif not mine and not self._wanted and state.web:
            self._put(ServiceView("running", "", state.addresses, state.jobs, own=False))
        elif not mine and not self._wanted and self.view.state in ("running", "away"):
            self._show("stopped")
        elif mine and self.view.state == "running":
            self._show("starting", _("It does not answer at the moment."))

    def _away(self, _error: Exception) -> None:
        if self.view.state == "running":
            self._show("away", _("The database does not answer."))

    def _kill_now(self) -> None:
        if self._process is not None:
            self._process.kill()

    def _show(self, state: str, why: str = "") -> None:
        self._put(ServiceView(state, why))

    def _put(self, view: ServiceView) -> None:
        if view != self.view:
            self.view = view
            self.changed.emit(view)


def _why(code: int, status: QProcess.ExitStatus, lines: Sequence[str]) -> str:
    said = [line for line in lines if not line.startswith((" ", "Traceback")) and not CHATTER.search(line)]
    if status == QProcess.ExitStatus.CrashExit and not said:
        return _("It was ended from outside.")
    return PREFIX.sub("", said[-1]) if said else _("It ended with status {code}.", code=code)
