"""Services by the dozen: a process that has imported everything forks one per line it is told to.

`python -m tests.faults.fork_server DATA DATABASE FLAG KIND [MUTANT]` prints the port it listens on; every line on
standard input starts a child and answers with its process id. The first byte in FLAG is 1 while work is open: a
settlement (KIND web) or a batch of messages (KIND jobs; a number in the line moves its clock by so many ms).
"""

from __future__ import annotations

import mmap
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.faults import mutants
from tests.support.world import MovedClock
from welfare_desk import wiring
from welfare_desk.context import SystemClock
from welfare_desk.jobs import send_messages
from welfare_desk.security import keystore
from welfare_desk.settings import KEYS
from welfare_desk.web import server
from welfare_desk.web.settler import Settler

PASSWORD = "correct horse"


def main(data: Path, database: str, flag: Path, kind: str, mutant: str) -> None:
    """Forks children until standard input ends."""
    bound = server.bind("127.0.0.1", 0)
    keys = keystore.open_store(data / KEYS, PASSWORD)
    keystore.open_store = lambda _folder, _passphrase: keys  # type: ignore[assignment]  # stretched once, not per fork
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with flag.open("r+b") as file:
        shared = mmap.mmap(file.fileno(), 2)
    print(bound.getsockname()[1], flush=True)
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            os.close(0)
            with mutants.living(mutant):
                _CHILDREN[kind](data, database, shared, line.strip(), bound)
            os._exit(0)
        print(child, flush=True)


def _serve(data: Path, database: str, shared: mmap.mmap, _word: str, bound: Any) -> None:
    Settler._settle_all = _watched(Settler._settle_all, shared)  # type: ignore[method-assign]
    ctx = wiring.service(data, database, passphrase=PASSWORD)
    server.run(ctx, [bound], ["http://127.0.0.1"], threading.Event())


def _send(data: Path, database: str, shared: mmap.mmap, word: str, bound: Any) -> None:
    bound.close()
    send_messages._send_all = _watched(send_messages._send_all, shared)
    clock = MovedClock(SystemClock().now() + int(word))
    ctx = wiring.service(data, database, passphrase=PASSWORD, clock=clock)
    while True:
        if not send_messages.deliver(ctx).tried:
            shared[1] = 1  # nothing is due any more
            time.sleep(0.01)


_CHILDREN: dict[str, Callable[..., None]] = {"web": _serve, "jobs": _send}


def _watched(work: Callable[..., Any], shared: mmap.mmap) -> Callable[..., Any]:
    def watched(*args: Any) -> Any:
        shared[0] = 1
        try:
            return work(*args)
        finally:
            shared[0] = 0

    return watched


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]), sys.argv[4], sys.argv[5] if len(sys.argv) > 5 else "")
