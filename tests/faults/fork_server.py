"""Services by the dozen: a process that has imported everything forks one service per line it is told to.

`python -m tests.faults.fork_server DATA DATABASE FLAG [MUTANT]` prints the port it listens on; every line on standard
input starts a service and answers with its process id. The byte in FLAG is 1 while a settlement is open.
"""

from __future__ import annotations

import mmap
import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from welfare_desk import wiring
from welfare_desk.context import AppContext
from welfare_desk.security import keystore
from welfare_desk.settings import KEYS
from welfare_desk.web import server
from welfare_desk.web.settler import Settler

PASSWORD = "correct horse"


def main(data: Path, database: str, flag: Path, mutant: str) -> None:
    """Forks services until standard input ends."""
    bound = server.bind("127.0.0.1", 0)
    keys = keystore.open_store(data / KEYS, PASSWORD)
    keystore.open_store = lambda _folder, _passphrase: keys  # type: ignore[assignment]  # stretched once, not per fork
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    print(bound.getsockname()[1], flush=True)
    for _line in sys.stdin:
        child = os.fork()
        if child == 0:
            _serve(data, database, flag, mutant, bound)
            os._exit(0)
        print(child, flush=True)


def _serve(data: Path, database: str, flag: Path, mutant: str, bound: Any) -> None:
    os.close(0)
    with flag.open("r+b") as file:
        shared = mmap.mmap(file.fileno(), 1)
    _watch(shared)
    if mutant == "acknowledge before commit":
        AppContext.write = _write_later  # type: ignore[method-assign]
    ctx = wiring.service(data, database, passphrase=PASSWORD)
    server.run(ctx, [bound], ["http://127.0.0.1"], threading.Event())


def _watch(shared: mmap.mmap) -> None:
    settle = Settler._settle_all

    def watched(self: Settler, batch: list[Any]) -> Any:
        shared[0] = 1
        try:
            return settle(self, batch)
        finally:
            shared[0] = 0

    Settler._settle_all = watched  # type: ignore[method-assign]


def _write_later(self: AppContext, service: Any, *args: Any, **kwargs: Any) -> Any:
    """The mutant: the answer goes out, the commit follows a moment later."""
    session: Session = self._session(write=True)
    result = service(self, session, *args, **kwargs)

    def commit() -> None:
        time.sleep(0.02)
        session.commit()
        session.close()

    threading.Thread(target=commit).start()
    return result


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]), sys.argv[4] if len(sys.argv) > 4 else "")
