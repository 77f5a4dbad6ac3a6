"""The site itself: one address per operation, faults first, then the signature, then the trade."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from welfare_desk.integrations.simulator import wire
from welfare_desk.integrations.simulator.book import Book
from welfare_desk.integrations.simulator.faults import AFTER, BEFORE, REFUSED_BUYS, Fault, Faults
from welfare_desk.integrations.simulator.goods import detail_row, list_row

log = logging.getLogger(__name__)

OPERATIONS = {
    "user/info": "user",
    "goods/cate": "cate",
    "goods/list": "list",
    "goods/info": "goods",
    "goods/attach": "attach",
    "order/buy": "buy",
    "order/info": "info",
}
HUGE = 3_500_000


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who may call: the account and its key."""

    user_id: str
    key: str


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it came in."""

    path: str
    user_id: str
    timestamp: str
    sign: str
    body: bytes


class CutResponse(Response):
    """An answer that stops in the middle."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - the interface
        headers = [(b"content-type", b"application/json"), (b"content-length", b"500")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b'{"code":200,"msg":"', "more_body": True})


class Site:
    """One running site: who may call, its book, and the faults still to come."""

    def __init__(self, credentials: Credentials, book: Book, faults: Faults, now: Callable[[], float]) -> None:
        self.credentials = credentials
        self.book = book
        self.faults = faults
        self.stopping = threading.Event()
        self._now = now
        self._trades: dict[str, Callable[[dict[str, Any]], object]] = {
            "user": self._user,
            "cate": self._categories,
            "list": self._list,
            "goods": self._goods,
            "attach": self._attach,
            "buy": self._buy,
            "info": self._info,
        }

    def respond(self, asked: Asked) -> Response:
        """Answer one request; runs in a thread, because some faults wait."""
        began = time.monotonic()
        operation = OPERATIONS.get(asked.path)
        if operation is None:
            return _json(404, wire.answer(404, "接口不存在", None))
        fault = self.faults.take(operation)
        response = self._answer(operation, asked, fault)
        log.info(
            "%s %d %.0f ms%s", asked.path, response.status_code, (time.monotonic() - began) * 1000,
            f" fault {fault.kind}" if fault else "",
        )  # fmt: skip
        return response

    def _answer(self, operation: str, asked: Asked, fault: Fault | None) -> Response:
        if fault is not None and fault.kind == "slow":
            self.stopping.wait(fault.or_else(3))
        elif fault is not None and fault.kind not in BEFORE | REFUSED_BUYS.keys() and not fault.kind.endswith(AFTER):
            return self._broken(fault, fault.kind)
        try:
            data = self._trade(operation, asked, fault)
        except wire.Refusal as refusal:
            return _json(200, wire.answer(400, str(refusal), None))
        if fault is not None and fault.kind.endswith(AFTER):
            return self._broken(fault, fault.kind.removesuffix(AFTER))
        return _json(200, wire.answer(200, "成功", data))

    def _trade(self, operation: str, asked: Asked, fault: Fault | None) -> object:
        kind = fault.kind if fault is not None else ""
        if kind in REFUSED_BUYS:
            raise wire.Refusal(REFUSED_BUYS[kind])
        fields = wire.parse(asked.body)
        wire.check_request(
            user_id=self.credentials.user_id,
            key=self.credentials.key + ("-rotated" if kind == "signature" else ""),
            given_user=asked.user_id,
            timestamp=asked.timestamp,
            sign=asked.sign,
            fields=fields,
            now=self._now() + (360 if kind == "clock" else 0),
        )
        return self._trades[operation](fields)

    def _broken(self, fault: Fault, kind: str) -> Response:
        if kind.isdecimal():
            return Response(f"<html><h1>{kind}</h1></html>", int(kind), media_type="text/html")
        if kind == "timeout":
            self.stopping.wait(fault.or_else(60))
            return Response("", 504)
        if kind == "cut":
            return CutResponse()
        bodies = {
            "rubbish": b'{"code":200,"msg":"\xff\xfe","data":{"ordersn":',
            "html": "<html><body>系统维护中</body></html>".encode(),
            "empty": b"",
            "huge": wire.answer(200, "成功", "x" * HUGE) if kind == "huge" else b"",
            "code": wire.answer(int(fault.or_else(503)), "未知", None),
            "unlisted": wire.answer(400, "系统繁忙，请稍后再试", None),
        }
        return _json(200, bodies[kind])

    def _user(self, _fields: dict[str, Any]) -> object:
        return {"id": self.credentials.user_id, "username": "演示账户", "balance": f"{self.book.balance:.2f}"}

    def _categories(self, _fields: dict[str, Any]) -> object:
        return [{"id": 1, "name": "数字权益", "pid": 0, "img": "", "children": []}]

    def _list(self, fields: dict[str, Any]) -> object:
        limit, page = wire.whole(fields.get("limit") or 100), wire.whole(fields.get("page") or 1)
        keyword = str(fields.get("keyword") or "")
        goods = [good for good in self.book.goods.values() if keyword in good.name]
        shown = goods[(page - 1) * limit : page * limit]
        return {"list": [list_row(good, self.book.stock(good.id)) for good in shown], "total": len(goods)}

    def _goods(self, fields: dict[str, Any]) -> object:
        good = self.book.good(fields.get("id", ""))
        return detail_row(good, self.book.stock(good.id))

    def _attach(self, fields: dict[str, Any]) -> object:
        return list(self.book.good(fields.get("goods_id", "")).form)

    def _buy(self, fields: dict[str, Any]) -> object:
        order = self.book.buy(fields, self.faults.take_all("order"))
        return {
            "ordersn": order.ordersn,
            "external_orderno": order.external_orderno,
            "total_price": f"{order.total:.2f}",
        }

    def _info(self, fields: dict[str, Any]) -> object:
        return [self.book.row(order) for order in self.book.find(fields)]


def make_app(site: Site) -> Starlette:
    """The site as a web application."""

    async def endpoint(request: Request) -> Response:
        received = bytearray()
        async for chunk in request.stream():
            received += chunk
            if len(received) > wire.LARGEST_REQUEST:
                return Response("", 413)
        head = request.headers
        asked = Asked(
            path=request.path_params["operation"].strip("/"),
            user_id=head.get("userid", ""),
            timestamp=head.get("timestamp", ""),
            sign=head.get("sign", ""),
            body=bytes(received),
        )
        return await run_in_threadpool(site.respond, asked)

    return Starlette(routes=[Route("/api/v1/{operation:path}", endpoint, methods=["POST"])])


def _json(status: int, body: bytes) -> Response:
    return Response(body, status, media_type="application/json")
