"""The load generator, a process of its own: N connections, one form POST per claim, every page read and checked.

`python -m benchmarks.load URL COURSE.jsonl CONNECTIONS` prints {"seconds", "claimed", "distinct", "states"}.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

CODE = b'class="code"'
STATE = b'<body data-state="'


class Client(asyncio.Protocol):
    """One connection that sends the next request as soon as it has its answer."""

    def __init__(self, requests: list[bytes], answers: list[bytes], done: asyncio.Future[None]) -> None:
        self._requests = requests
        self._answers = answers
        self._done = done
        self._buffer = b""
        self._wanted = 0
        self._heads = bool(requests) and requests[0].startswith(b"HEAD")
        self._transport: asyncio.WriteTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport

    def begin(self) -> None:
        """Sends the next request, or ends."""
        assert self._transport is not None
        if self._requests:
            self._transport.write(self._requests.pop())
        else:
            self._done.set_result(None)

    def data_received(self, data: bytes) -> None:
        self._buffer = self._buffer + data if self._buffer else data
        if not self._wanted:
            head = self._buffer.find(b"\r\n\r\n")
            if head < 0:
                return
            at = self._buffer.find(b"content-length: ", 0, head)
            length = 0 if at < 0 or self._heads else int(self._buffer[at + 16 : self._buffer.index(b"\r\n", at)])
            self._wanted = head + 4 + length
        if len(self._buffer) >= self._wanted:
            self._answers.append(self._buffer)
            self._buffer = b""
            self._wanted = 0
            self.begin()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._done.done():
            self._done.set_exception(exc or ConnectionError("the service hung up"))


async def drive(host: str, port: int, requests: list[bytes], connections: int) -> tuple[float, list[bytes]]:
    """Sends all requests over that many connections; returns the seconds it took and the raw answers."""
    loop = asyncio.get_running_loop()
    answers: list[bytes] = []
    requests.reverse()
    clients = []
    for _number in range(connections):
        done: asyncio.Future[None] = loop.create_future()
        _transport, client = await loop.create_connection(lambda d=done: Client(requests, answers, d), host, port)
        clients.append((client, done))
    started = time.perf_counter()
    for client, _done in clients:
        client.begin()
    await asyncio.gather(*(done for _client, done in clients))
    return time.perf_counter() - started, answers


def post(host: str, token: str, identity: str) -> bytes:
    """A claim as a phone sends it."""
    body = f"identity={identity}".encode()
    head = (
        f"POST /C/{token} HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/x-www-form-urlencoded\r\n"
        "user-agent: Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36\r\naccept: text/html\r\n"
        f"accept-language: zh-CN,zh;q=0.9\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def secret_of(answer: bytes) -> bytes:
    """The code a page shows, or nothing."""
    at = answer.find(CODE)
    if at < 0 or answer.find(CODE, at + 1) > 0:
        return b""
    begin = answer.index(b">", at) + 1
    return answer[begin : answer.index(b"<", begin)]


def state_of(answer: bytes) -> str:
    """The page's data-state, or its status."""
    at = answer.find(STATE)
    if at < 0:
        return answer[9:12].decode()
    return answer[at + len(STATE) : answer.index(b'"', at + len(STATE))].decode()


def main(url: str, course: str, connections: str) -> None:
    """Drives and reports."""
    target = urlsplit(url)
    host, port = target.hostname or "127.0.0.1", target.port or 80
    lines = [json.loads(line) for line in Path(course).read_text(encoding="utf-8").splitlines()]
    requests = [post(host, token, identity) for token, identity, *_rest in lines]
    seconds, answers = asyncio.run(drive(host, port, requests, int(connections)))
    secrets = [secret for secret in map(secret_of, answers) if secret]
    print(json.dumps({"seconds": seconds, "answers": len(answers), "claimed": len(secrets),
                      "distinct": len(set(secrets)), "states": Counter(map(state_of, answers))}))  # fmt: skip


if __name__ == "__main__":
    main(*sys.argv[1:])
