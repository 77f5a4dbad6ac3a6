"""The examples in docs/proxies do what they say, with the real proxies where they are installed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.support import claim_page, script
from tests.support.processes import ROOT, Cli, free_port
from tests.support.waiting import wait_until

DOCS = ROOT / "docs" / "proxies"
pytestmark = pytest.mark.slow


@contextmanager
def running(command: list[str], url: str, log: Path) -> Iterator[None]:
    """A proxy that answers at `url` until the block ends."""
    with log.open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out)

    def answers() -> bool:
        assert process.poll() is None, log.read_text(errors="replace")
        try:
            return bool(httpx.get(url, verify=False, timeout=5).status_code)
        except httpx.TransportError:
            return False

    try:
        wait_until(answers, 30, url)
        yield
    finally:
        process.terminate()
        process.wait(20)


def journey(cli: Cli, proxied: str, port: int, client: httpx.Client) -> str:
    """Claims through the proxy, metrics hidden, back soon while the service is away; returns a link's token."""
    campaign = script.launch(cli, script.stock_up(cli, 3), 3)
    child, _address = cli.service("--trusted-proxy", "127.0.0.1", port=port)
    for number, url in campaign.links.items():
        page = claim_page.claim(client, claim_page.local(url, proxied), number)
        assert len(page.codes) == 1
    assert client.get(f"{proxied}/ready").json()["ready"] is True
    assert client.get(f"{proxied}/metrics").status_code == 404
    direct = httpx.get(f"http://127.0.0.1:{port}/metrics", headers={"x-forwarded-for": "203.0.113.9"})
    assert direct.status_code == 403
    assert httpx.get(f"http://127.0.0.1:{port}/metrics").status_code == 200
    child.terminate()
    away = client.get(claim_page.local(url, proxied))
    assert (away.status_code, away.headers["retry-after"], away.headers["cache-control"]) == (503, "10", "no-store")
    assert "马上回来" in away.text
    assert "Back soon" in away.text
    cli.service("--trusted-proxy", "127.0.0.1", port=port)
    again = claim_page.claim(client, claim_page.local(url, proxied), number)
    assert again.codes == page.codes
    return url.rsplit("/", 1)[-1]


def certificate(folder: Path) -> tuple[Path, Path]:
    chain, key = folder / "fullchain.pem", folder / "privkey.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(chain)],
        check=True, capture_output=True,
    )  # fmt: skip
    return chain, key


def moved(text: str, changes: dict[str, str]) -> str:
    """The example with this machine's ports and folders; every one of them must occur in it."""
    for given, own in changes.items():
        assert given in text, given
        text = text.replace(given, own)
    return text


@pytest.mark.skipif(shutil.which("nginx") is None or shutil.which("openssl") is None, reason="nginx is not installed")
def test_nginx(cli: Cli, tmp_path: Path) -> None:
    certificate(tmp_path)
    outside, plain, inside = free_port(), free_port(), free_port()
    shutil.copy(ROOT / "resources" / "web" / "back-soon.html", tmp_path)
    example = (DOCS / "nginx.conf").read_text(encoding="utf-8")
    said = subprocess.run(["nginx", "-v"], capture_output=True, text=True, check=True).stderr
    version = re.search(r"nginx/([\d.]+)", said)
    assert version is not None
    if tuple(map(int, version[1].split("."))) < (1, 25, 1):  # as its own comment says
        example = re.sub(r"\n *http2 on;.*", "", example.replace("listen 443 ssl;", "listen 443 ssl http2;"))
    conf = moved(example, {
        "listen 443": f"listen 127.0.0.1:{outside}", "listen 80": f"listen 127.0.0.1:{plain}",
        "server 127.0.0.1:8080": f"server 127.0.0.1:{inside}",
        "/etc/letsencrypt/live/benefits.example.com": str(tmp_path), "/var/www/welfare-desk": str(tmp_path),
        "/var/log/nginx": str(tmp_path), "benefits.example.com": "127.0.0.1",
    })  # fmt: skip
    own = "user root;" if os.name == "posix" and os.geteuid() == 0 else ""  # its workers must read the test's folder
    whole = (
        f"{own} daemon off; pid {tmp_path}/nginx.pid; events {{}}\nhttp {{ types {{ text/html html; }}\n{conf}\n}}\n"
    )
    (tmp_path / "nginx.conf").write_text(whole, encoding="utf-8")
    command = ["nginx", "-p", str(tmp_path), "-e", str(tmp_path / "start.log"), "-c", str(tmp_path / "nginx.conf")]
    proxied = f"https://127.0.0.1:{outside}"
    with running(command, proxied, tmp_path / "out.log"), httpx.Client(verify=False, timeout=30) as client:
        token = journey(cli, proxied, inside, client)
        sent_on = client.get(f"http://127.0.0.1:{plain}/C/{token}")
        assert (sent_on.status_code, sent_on.headers["location"]) == (301, f"https://127.0.0.1/C/{token}")
    for log in tmp_path.glob("*.log"):
        assert token not in log.read_text(encoding="utf-8", errors="replace"), log.name


@pytest.mark.skipif(shutil.which("caddy") is None or shutil.which("openssl") is None, reason="caddy is not installed")
def test_caddy(cli: Cli, tmp_path: Path) -> None:
    chain, key = certificate(tmp_path)
    outside, inside = free_port(), free_port()
    shutil.copy(ROOT / "resources" / "web" / "back-soon.html", tmp_path)
    conf = moved((DOCS / "Caddyfile").read_text(encoding="utf-8"), {
        "benefits.example.com {": f"https://127.0.0.1:{outside} {{\n\ttls {chain} {key}",
        "reverse_proxy 127.0.0.1:8080": f"reverse_proxy 127.0.0.1:{inside}", "/var/www/welfare-desk": str(tmp_path),
    })  # fmt: skip
    (tmp_path / "Caddyfile").write_text(
        f"{{\n\tadmin off\n\tauto_https disable_redirects\n\tstorage file_system {tmp_path}/caddy\n}}\n{conf}"
    )
    command = ["caddy", "run", "--config", str(tmp_path / "Caddyfile"), "--adapter", "caddyfile"]
    proxied = f"https://127.0.0.1:{outside}"
    with running(command, proxied, tmp_path / "caddy.log"), httpx.Client(verify=False, timeout=30) as client:
        token = journey(cli, proxied, inside, client)
    assert token not in (tmp_path / "caddy.log").read_text(encoding="utf-8", errors="replace")
