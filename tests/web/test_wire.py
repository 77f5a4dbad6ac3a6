"""The protocol below the pages: what real and rude clients send."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

import pytest

from tests.web.site import Site

GET = b"GET /C/none HTTP/1.1\r\nhost: x\r\n\r\n"


def talk(site: Site, *pieces: bytes, enough: int = 1) -> bytes:
    """Sends pieces one by one and reads until the other side closes or `enough` answers came."""
    target = urlsplit(site.address)
    with socket.create_connection((target.hostname, target.port), timeout=10) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for piece in pieces:
            connection.sendall(piece)
        heard = b""
        while heard.count(b"</html>") < enough:
            data = connection.recv(65536)
            if not data:
                break
            heard += data
        return heard


def test_a_request_in_single_bytes(lite_site: Site) -> None:
    heard = talk(lite_site, *[GET[at : at + 1] for at in range(len(GET))])
    assert heard.startswith(b"HTTP/1.1 404 Not Found\r\n")
    assert b'data-state="unknown"' in heard


def test_requests_sent_together_are_answered_in_order(lite_site: Site) -> None:
    start = GET.replace(b"/C/none", b"/")
    heard = talk(lite_site, GET + start + GET, enough=3)
    assert [int(part[:3]) for part in heard.split(b"HTTP/1.1 ")[1:]] == [404, 200, 404]


@pytest.mark.parametrize("rude", [b"\x16\x03\x01\x00\xa5\x01\x00\x00", b"NONSENSE\r\n\r\n", b"GET  HTTP/9.9\r\n\r\n"])
def test_what_is_not_http_is_refused(lite_site: Site, rude: bytes) -> None:
    heard = talk(lite_site, rude)
    assert heard.startswith(b"HTTP/1.1 400 ")
    assert b"connection: close" in heard


def test_endless_headers_and_bodies_are_cut_off(lite_site: Site) -> None:
    heard = talk(lite_site, b"GET / HTTP/1.1\r\n" + b"x: " + b"y" * 70_000)
    assert heard.startswith(b"HTTP/1.1 413 ")
    heard = talk(lite_site, b"POST / HTTP/1.1\r\ncontent-length: 900000\r\n\r\n" + b"z" * 70_000)
    assert heard.startswith(b"HTTP/1.1 413 ")


def test_old_http_and_close_are_respected(lite_site: Site) -> None:
    heard = talk(lite_site, b"GET /C/none HTTP/1.0\r\n\r\n", enough=9)
    assert b"connection: close" in heard
    heard = talk(lite_site, GET.replace(b"host: x", b"host: x\r\nconnection: close"), enough=9)
    assert b"connection: close" in heard


def test_a_careful_client_is_told_to_go_on(lite_site: Site) -> None:
    request = b"POST /C/none HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 3\r\n\r\n"
    heard = talk(lite_site, request, b"a=b")
    assert heard.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 404")


def test_a_chunked_form_is_read(lite_site: Site) -> None:
    request = b"POST /C/none HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n3\r\na=b\r\n0\r\n\r\n"
    assert b'data-state="unknown"' in talk(lite_site, request)
