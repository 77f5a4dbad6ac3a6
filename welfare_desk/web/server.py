"""One web process: registers itself, serves its sockets, keeps its heartbeat, and ends without dropping a claim."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import errno
import gc
import logging
import socket
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from typing import cast

import uvicorn

from welfare_desk.context import AppContext
from welfare_desk.errors import Refused, WelfareError
from welfare_desk.security.journal import Journal
from welfare_desk.security.keystore import OpenKeys
from welfare_desk.services import processes
from welfare_desk.web.app import App, Router
from welfare_desk.web.clients import Network
from welfare_desk.web.faces import Faces
from welfare_desk.web.host import Host, refresher
from welfare_desk.web.settler import Settler
from welfare_desk.web.tls import Certificate
from welfare_desk.web.wire import Wire

if sys.platform != "win32":
    import resource

SWITCH_INTERVAL_S = 0.0005  # the settler queues for the interpreter lock after every round trip
GRACE_S = 20
KEEP_ALIVE_S = 15
GARBAGE_AFTER = 50_000
OPEN_FILES = 65_536
LATE_S = 5.0  # settlements do not read what pages say of a campaign while the heart does, every two seconds
SWEEP_TICKS = 20
RENEWAL_TICKS = 600
BACKLOG = 2048
log = logging.getLogger(__name__)


class Server(uvicorn.Server):
    """uvicorn that leaves signals to the command, ends when `stop` is set and takes up renewed certificates."""

    def __init__(self, config: uvicorn.Config, stop: threading.Event, certificate: Certificate | None = None) -> None:
        super().__init__(config)
        self._stop = stop
        self._certificate = certificate
        self._stamp = certificate.stamp() if certificate else (0, 0)

    async def on_tick(self, counter: int) -> bool:
        """Called ten times a second; true ends the server gracefully."""
        if counter % SWEEP_TICKS == 0:
            before = time.monotonic() - KEEP_ALIVE_S
            for connection in list(self.server_state.connections):
                cast(Wire, connection).drop_if_idle(before)
        if self._certificate is not None and counter % RENEWAL_TICKS == 0:
            self._renew(self._certificate)
        return self._stop.is_set() or await super().on_tick(counter)

    def _renew(self, certificate: Certificate) -> None:
        stamp = certificate.stamp()
        if stamp == self._stamp or 0 in stamp or self.config.ssl is None:
            return
        self._stamp = stamp
        try:
            certificate.load(self.config.ssl)
            log.info("the certificate was renewed")
        except Refused as error:
            log.warning("the new certificate cannot be used, the old one is kept: %s", error)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Nothing is captured."""
        yield


def bind(host: str, port: int, *, shared: bool = False) -> socket.socket:
    """A bound socket; `shared` lets several processes listen on one port.

    Raises Refused(`port_taken`, `address_refused`).
    """
    try:
        family, kind, proto, _name, address = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM,
                                                                 flags=socket.AI_PASSIVE)[0]  # fmt: skip
    except OSError as error:
        raise Refused("address_refused", field="host", host=host, port=port, reason=error.strerror or "") from error
    bound = socket.socket(family, kind, proto)
    if sys.platform != "win32":
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if shared:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    try:
        bound.bind(address)
        if not shared:
            bound.listen(BACKLOG)
    except OSError as error:
        bound.close()
        if error.errno == errno.EADDRINUSE:
            raise Refused("port_taken", field="port", port=port) from error
        raise Refused("address_refused", field="port", host=host, port=port, reason=error.strerror or "") from error
    return bound


def run(
    ctx: AppContext, sockets: Sequence[socket.socket], addresses: Sequence[str], stop: threading.Event, *,
    certificate: Certificate | None = None, trusted: tuple[Network, ...] = (),
) -> None:  # fmt: skip
    """Serves until `stop` is set; then settles what was accepted and says goodbye. `ctx` has its keys open.

    `trusted`: proxies whose word about who asks is believed.
    """
    keys = ctx.keys
    assert isinstance(keys, OpenKeys)
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    allow_connections()
    own = ctx.write(processes.register, role="web", addresses=list(addresses))
    ctx = dataclasses.replace(ctx, writer=own.number)
    journal = Journal(ctx.data, keys, f"web{own.number}")
    faces = Faces(ctx)
    host = Host(ctx, keys, faces, Settler(ctx, journal, refresher(faces, LATE_S)), trusted=trusted)
    faces.fresh()  # pages that belong to no campaign show the company from the first request on
    _leave_alone_what_stays()
    heart = _Heart(host, own, addresses, stop)
    heart.start()
    try:
        asyncio.run(_serve(host, Router(host), sockets, stop, certificate))
    finally:
        stop.set()
        heart.join()
        journal.close()
        with contextlib.suppress(WelfareError):
            ctx.write(processes.stop, number=heart.own.number, nonce=heart.own.nonce)


def allow_connections() -> int:
    """Raises this process's limit of open files as far as the system allows; the limit now, 0 where there is none.

    Usually it is 1,024, which is less than the phones of one busy second that keep their connection a while.
    """
    if sys.platform == "win32":
        return 0
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


def _leave_alone_what_stays() -> None:
    """The collector no longer walks what was loaded at the start, and looks for cycles more rarely.

    A claim leaves no cycle behind, a closed connection a few objects; yet the collector took 0.3 s of 12,000 claims.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE_AFTER)


def config(app: App, certificate: Certificate | None = None) -> uvicorn.Config:
    """How uvicorn serves: nothing of it logs an address, and signals stay with the command."""
    return uvicorn.Config(
        app, http=Wire, loop="asyncio", ws="none", lifespan="off", interface="asgi3", proxy_headers=False,
        log_config=None, log_level="warning", access_log=False, server_header=False, backlog=BACKLOG,
        timeout_graceful_shutdown=GRACE_S,
        ssl_certfile=certificate.chain if certificate else None, ssl_keyfile=certificate.key if certificate else None,
    )  # fmt: skip


async def _serve(
    host: Host, app: App, sockets: Sequence[socket.socket], stop: threading.Event, certificate: Certificate | None
) -> None:
    loop = asyncio.get_running_loop()
    host.settler.start(loop)
    try:
        await Server(config(app, certificate), stop, certificate).serve(list(sockets))
    finally:
        await loop.run_in_executor(None, host.close)


class _Heart(threading.Thread):
    """Says every two seconds that this process lives; takes a new number if its own was taken over."""

    def __init__(
        self, host: Host, own: processes.ProcessNumber, addresses: Sequence[str], stop: threading.Event
    ) -> None:
        super().__init__(name="heart", daemon=True)
        self.own = own
        self._host = host
        self._addresses = list(addresses)
        self._stopped = stop

    def run(self) -> None:
        while not self._stopped.wait(processes.HEARTBEAT_S):
            try:
                self._beat()
            except WelfareError as error:
                log.warning("heartbeat: %s", error.code)

    def _beat(self) -> None:
        ctx, own = self._host.ctx, self.own
        self._host.faces.keep_fresh()
        if ctx.write(processes.heartbeat, number=own.number, nonce=own.nonce, addresses=self._addresses):
            return
        self.own = ctx.write(processes.register, role="web", addresses=self._addresses)
        self._host.settler.ctx = dataclasses.replace(ctx, writer=self.own.number)
