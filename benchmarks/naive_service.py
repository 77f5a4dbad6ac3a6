"""The yardstick of P2: a claim as most shops write it; correct, durable, with our pool, indexes, page and server.

A framework route, a form, eight statements in one transaction per request in a thread pool, the code opened, the
page rendered from the same templates. `python -m benchmarks.naive_service PORT` (data folder by environment).
"""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from benchmarks import eight_statements
from benchmarks.arena import PASSWORD
from welfare_desk import wiring
from welfare_desk.i18n import accepted
from welfare_desk.queries.claim_page import Company
from welfare_desk.security.keystore import OpenKeys
from welfare_desk.security.references import grant_reference, show
from welfare_desk.services import processes
from welfare_desk.web import moments, server
from welfare_desk.web.faces import Face
from welfare_desk.web.guards import Receive, Scope, Send
from welfare_desk.web.render import escape, page_headers, render

POOL = 16
CTX = wiring.service(
    Path(os.environ["WELFARE_DESK_DATA"]), os.environ["WELFARE_DESK_DATABASE"], passphrase=PASSWORD, pool_size=POOL
)
OWN = CTX.write(processes.register, role="bench")
LOCAL = threading.local()
WRITERS = iter(range(1, 10_000))


async def claim(request: Request) -> Response:
    """POST /C/{token}."""
    assert isinstance(CTX.keys, OpenKeys)
    link = CTX.keys.check_link(request.path_params["token"])
    if link is None:
        return HTMLResponse("unknown", 404)
    form = dict(parse_qsl((await request.body()).decode()))
    language = accepted(request.headers.get("accept-language", ""))
    return await run_in_threadpool(_claim, link.grant_id, form.get("identity", ""), language)


def _claim(grant_id: int, identity: str, language: str) -> Response:
    assert CTX.keys is not None
    if not hasattr(LOCAL, "writer"):
        LOCAL.writer = OWN.number * 10_000 + next(WRITERS)
    now = CTX.clock.now()
    code = eight_statements.claim(CTX.engine, grant_id, identity, now, LOCAL.writer)
    if code is None:
        return HTMLResponse("refused", 200)
    _number, secret = CTX.keys.open_code(
        code.sealed, product_id=code.product_id, batch_id=code.batch_id, code_id=code.id
    )
    facts: dict[str, Any] = {"face": Face(Company()).view(language) | {"name": "中秋福利", "lines": ["视频会员月卡"]}}
    unit = render("unit.html", language, title="", at=0, kind="card_secret", shape="", long=False, has_code=True,
                  has_number=False, has_until=False, how_to="", **facts).fill({"secret": escape(secret)})  # fmt: skip
    page = render("given.html", language, state="claimed", error=False, refresh=0, script=True, has_codes=True,
                  asks_identity=False, carried=False, shows="card_secret", reported=False,
                  reference=show(grant_reference(grant_id)), **facts)  # fmt: skip
    when = moments.moment(language, now, "Asia/Shanghai")
    return HTMLResponse(page.fill({"units": unit.decode(), "when": when}), headers=_headers())


def _headers() -> dict[str, str]:
    return {name.decode(): value.decode() for name, value in page_headers()}


async def in_a_task(scope: Scope, receive: Receive, send: Send) -> None:
    """The framework below our wire: its thread pool wants to be in a task of asyncio, as frameworks are."""
    await asyncio.create_task(FRAMEWORK(scope, receive, send))


def health(_request: Request) -> Response:
    """GET /health."""
    return Response()


FRAMEWORK = Starlette(routes=[Route("/health", health), Route("/C/{token}", claim, methods=["POST"])])


def main(port: str) -> None:
    """Serves until it is told to stop."""
    bound = server.bind("127.0.0.1", int(port), shared=True)
    asyncio.run(uvicorn.Server(server.config(in_a_task)).serve([bound]))


if __name__ == "__main__":
    main(*sys.argv[1:])
