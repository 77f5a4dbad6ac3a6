"""A world of a test served over HTTP, in this process, on a free port."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx

from tests.support import claim_page
from tests.support.claim_page import ClaimPage
from tests.support.processes import healthy
from tests.support.waiting import wait_until
from tests.support.world import World
from welfare_desk.security import references
from welfare_desk.security.keystore import OpenKeys
from welfare_desk.web import server


@dataclass
class Site:
    """Where the pages answer, and the world behind them."""

    world: World
    address: str
    client: httpx.Client

    @property
    def keys(self) -> OpenKeys:
        keys = self.world.ctx.keys
        assert isinstance(keys, OpenKeys)
        return keys

    def link(self, grant_id: int, version: int = 0) -> str:
        """The link of a grant on this site."""
        return f"{self.address}/C/{self.keys.mint_link(grant_id, version)}"

    def reference(self, grant_id: int) -> str:
        """The reference code of a grant as printed."""
        return references.show(references.grant_reference(grant_id))

    def look(self, url: str, **options: object) -> ClaimPage:
        """GET."""
        return claim_page.read(self.client.get(url, **options))  # type: ignore[arg-type]

    def post(self, url: str, **fields: str) -> ClaimPage:
        """POST of a form."""
        return claim_page.read(self.client.post(url, data=fields))


@contextmanager
def serve(world: World) -> Iterator[Site]:
    """Serves `world` until the block ends."""
    stop = threading.Event()
    bound = server.bind("127.0.0.1", 0)
    address = f"http://127.0.0.1:{bound.getsockname()[1]}"
    thread = threading.Thread(target=server.run, args=(world.ctx, [bound], [address], stop), name="site")
    thread.start()
    try:
        with httpx.Client(timeout=30) as client:
            wait_until(lambda: healthy(address), 30)
            yield Site(world, address, client)
    finally:
        stop.set()
        thread.join(30)
