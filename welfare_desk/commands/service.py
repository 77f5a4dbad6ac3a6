"""`welfare-desk service`: claim pages and, beside them, background jobs in a process of their own."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import socket
import sys
import threading
import time
from pathlib import Path
from types import FrameType

from welfare_desk import wiring
from welfare_desk.commands import base, log_lines
from welfare_desk.context import AppContext
from welfare_desk.errors import Refused
from welfare_desk.queries import settings as shared_settings
from welfare_desk.services.addresses import link_address
from welfare_desk.settings import machine, self_command
from welfare_desk.web import clients, server
from welfare_desk.web.children import Child
from welfare_desk.web.tls import Certificate

POOL_SIZE = 8
PATIENCE_S = 1.5
CAN_SHARE = hasattr(socket, "SO_REUSEPORT")


def register(parser: argparse.ArgumentParser) -> None:
    """Adds the options of `service`."""
    base.common(parser)
    parser.add_argument("--host", metavar="H", help="address to listen on (all of this machine)")
    parser.add_argument("--port", type=int, metavar="P", help="port to listen on (8080)")
    parser.add_argument("--workers", type=int, default=1, metavar="N", help="web processes on that port (1)")
    parser.add_argument("--public-url", metavar="URL", help="what links begin with (WELFARE_DESK_PUBLIC_URL)")
    parser.add_argument("--password-fd", type=int, metavar="N", help="read the password from this file descriptor")
    parser.add_argument("--passphrase-stdin", "--keys-from-stdin", action="store_true", dest="passphrase_stdin",
                        help="read the password from standard input, and end when that closes")  # fmt: skip
    parser.add_argument("--stay-with-parent", action="store_true", help="end when standard input closes")
    parser.add_argument("--tls-cert", type=Path, metavar="F", help="serve https with this certificate chain (PEM)")
    parser.add_argument("--tls-key", type=Path, metavar="F", help="its key (PEM, without a password)")
    parser.add_argument("--trusted-proxy", action="append", default=[], metavar="ADDR",
                        help="believe X-Forwarded-For from this address or network; may be repeated")  # fmt: skip
    log_lines.register(parser)
    parser.add_argument("--web-only", action="store_true", help=argparse.SUPPRESS)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Serves until told to stop; 1 when keys, database or port are not to be had."""
    log_lines.begin("service", args.log_format)
    certificate, trusted = _certificate(args), clients.networks(args.trusted_proxy)
    passphrase = _passphrase(args)
    if args.public_url:
        os.environ["WELFARE_DESK_PUBLIC_URL"] = args.public_url
    data, database = base.data_folder(args), base.database(args)
    stop = _stop_on_signals()
    if args.passphrase_stdin or args.stay_with_parent:
        threading.Thread(target=_watch_input, args=(stop,), name="stdin", daemon=True).start()
    ctx = wiring.service(data, database, passphrase=passphrase, pool_size=POOL_SIZE)
    base.speak(ctx)
    try:
        _serve(args, ctx, passphrase, stop, certificate, trusted)
    finally:
        ctx.engine.dispose()
    return 0


def _serve(
    args: argparse.Namespace, ctx: AppContext, passphrase: str | None, stop: threading.Event,
    certificate: Certificate | None, trusted: tuple[clients.Network, ...],
) -> None:  # fmt: skip
    known = machine(ctx.data)
    host = args.host if args.host is not None else known["host"]
    port = args.port if args.port is not None else known["port"]
    shared = args.workers > 1 or args.web_only
    bound = _bind(host, port, shared=shared and CAN_SHARE, first=not args.web_only)
    public = ctx.read(shared_settings.shared)["public_url"]
    address = link_address(public, host, bound.getsockname()[1])
    if certificate and not public:
        address = address.replace("http://", "https://", 1)
    children = [] if args.web_only else _children(args, ctx, passphrase, host, bound.getsockname()[1])
    for child in children:
        child.start()
    try:
        logging.getLogger(__name__).info("serving %s on %s port %s", address, host, bound.getsockname()[1])
        server.run(ctx, [bound], [address], stop, certificate=certificate, trusted=trusted)
    finally:
        for child in children:
            child.ask_to_stop()
        for child in children:
            child.stop()


def _certificate(args: argparse.Namespace) -> Certificate | None:
    """The certificate to serve with. Raises Refused(`tls_pair`, `tls_files`)."""
    if args.tls_cert is None and args.tls_key is None:
        return None
    if args.tls_cert is None or args.tls_key is None:
        raise Refused("tls_pair", field="tls_key" if args.tls_cert else "tls_cert")
    certificate = Certificate(args.tls_cert, args.tls_key)
    certificate.check()
    return certificate


def _passphrase(args: argparse.Namespace) -> str | None:
    """From standard input, a file descriptor, the environment or a prompt; None leaves it to the OS keyring."""
    if args.passphrase_stdin:
        return sys.stdin.buffer.readline().decode("utf-8").rstrip("\r\n") or None
    if args.password_fd is not None:
        try:
            with os.fdopen(args.password_fd, encoding="utf-8") as given:
                return given.readline().rstrip("\r\n")
        except OSError as error:
            raise Refused("password_fd", field="password_fd", reason=error.strerror or "") from error
    try:
        return base.passphrase()
    except Refused:
        return None


def _bind(host: str, port: int, *, shared: bool, first: bool) -> socket.socket:
    """The listening socket. A process that just died may hold the port for a moment, so it is tried for 1.5 s."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            if shared and first:  # a shared port would be shared with a stranger, too
                server.bind(host, port).close()
            return server.bind(host, port, shared=shared)
        except Refused as error:
            if error.code != "port_taken" or time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def _children(args: argparse.Namespace, ctx: AppContext, passphrase: str | None, host: str, port: int) -> list[Child]:
    environment = {"WELFARE_DESK_DATA": str(ctx.data)}
    database = base.database(args)
    if database:
        environment["WELFARE_DESK_DATABASE"] = database
    secret = passphrase or ""  # empty: the child asks the OS keyring as we did
    children = [
        Child([*self_command(), "jobs", "--passphrase-stdin", "--log-format", args.log_format], secret, environment)
    ]
    for extra in range(1, args.workers):
        own_port = port if CAN_SHARE else port + extra
        more = ["service", "--host", host, "--port", str(own_port), "--web-only", "--passphrase-stdin"]
        more += _passed_on(args)
        children.append(Child([*self_command(), *more], secret, environment))
    return children


def _passed_on(args: argparse.Namespace) -> list[str]:
    """What further web processes are told, too."""
    said = ["--log-format", args.log_format]
    if args.tls_cert:
        said += ["--tls-cert", str(args.tls_cert), "--tls-key", str(args.tls_key)]
    for proxy in args.trusted_proxy:
        said += ["--trusted-proxy", proxy]
    return said


def _stop_on_signals() -> threading.Event:
    stop = threading.Event()

    def told(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    for name in ("SIGTERM", "SIGINT", "SIGBREAK"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), told)
    return stop


def _watch_input(stop: threading.Event) -> None:
    """Whoever started us holds the other end: when it closes, they are gone."""
    while os.read(sys.stdin.fileno(), 4096):  # not buffered: a thread that holds the buffer breaks a failing start
        pass
    stop.set()
