"""The practice supplier inside a test: the real protocol over a real socket, with its book at hand."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn

from tests.support.waiting import wait_until
from tests.support.world import World
from welfare_desk.integrations.simulator.app import Site, make_app
from welfare_desk.integrations.simulator.server import Options, make_site
from welfare_desk.jobs import place_orders, sync_catalogue
from welfare_desk.jobs.work import Later, Work
from welfare_desk.queries import purchasing
from welfare_desk.queries.purchasing import OrderRow
from welfare_desk.services import suppliers
from welfare_desk.services.purchasing import OrderRequested, request_order

PATIENCE_S = 0.5


@dataclass
class Practice:
    """A running site and what a connector must know of it."""

    site: Site
    config: dict[str, Any]

    def orders(self) -> int:
        """How many orders the site has in its book: the proof that none was placed twice."""
        return len(self.site.book._orders)


@contextmanager
def practice(
    faults: str = "", *, awkward: bool = False, state: Path | None = None, port: int = 0
) -> Iterator[Practice]:
    """Runs a site for a while; connectors give up on it after half a second."""
    site = make_site(Options(seed="tests", faults=faults, awkward=awkward, state=state))
    listener = socket.create_server(("127.0.0.1", port))
    config = uvicorn.Config(make_app(site), log_config=None, access_log=False, lifespan="off", log_level="critical",
                            timeout_graceful_shutdown=1)  # fmt: skip
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="practice")
    thread.start()
    wait_until(lambda: server.started, 10, "the practice supplier runs")
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    try:
        yield Practice(site, {"url": address, "user_id": site.credentials.user_id, "key": site.credentials.key,
                              "timeout_seconds": PATIENCE_S})  # fmt: skip
    finally:
        site.stopping.set()
        server.should_exit = True
        thread.join(timeout=20)
        listener.close()


def connect(world: World, config: dict[str, Any], name: str = "sim") -> None:
    """Connects a supplier and reads its catalogue."""
    added = world.ctx.write(suppliers.add_supplier, name=name, kind="kasushou", config=config)
    sync_catalogue.run(world.ctx, work({"supplier_id": added.id}))


def work(params: dict[str, Any]) -> Work:
    """A leased job outside the runner."""
    pause = threading.Event()
    return Work(1, "test", params, "test", None, 1, lambda *_shown: None, lambda seconds: _wait(pause, seconds))


def _wait(event: threading.Event, seconds: float) -> None:
    event.wait(seconds)


def order(world: World, product: str = "sim-10001", quantity: int = 3) -> OrderRequested:
    """Asks for an order; nothing is sent yet."""
    return world.ctx.write(request_order, product=product, quantity=quantity)


def step(world: World, asked: OrderRequested) -> OrderRow:
    """One turn of the order's job, as the runner would call it; the clock moves to when it wants the next."""
    try:
        place_orders.run(world.ctx, work({"order_id": asked.order_id}))
    except Later as later:
        world.clock.moment += later.after_ms
    return state_of(world, asked)


def carry_out(world: World, asked: OrderRequested, turns: int = 12) -> OrderRow:
    """Turns until the order is settled."""
    row = state_of(world, asked)
    for _turn in range(turns):
        row = step(world, asked)
        if row.state in purchasing.SETTLED:
            return row
    return row


def state_of(world: World, asked: OrderRequested) -> OrderRow:
    """The order as it stands."""
    row = world.ctx.read(purchasing.order_by_id, order_id=asked.order_id)
    assert row is not None
    return row
