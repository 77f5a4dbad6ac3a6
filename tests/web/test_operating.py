"""What operators rely on: readiness, metrics for few, who really asks, certificates, log lines without secrets."""

from __future__ import annotations

import json
import logging
import re
import shutil
import ssl
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support import claim_page, script
from tests.support.processes import PASSWORD, Cli, free_port, healthy
from tests.support.waiting import wait_until
from tests.support.world import World
from tests.web.site import Site
from welfare_desk.commands import log_lines
from welfare_desk.errors import Refused
from welfare_desk.services import settings
from welfare_desk.settings import save_machine
from welfare_desk.web import clients, server
from welfare_desk.web.meter import Histogram, Meter
from welfare_desk.web.tls import Certificate

FORGED = "0" * 40


def numbers(text: str) -> dict[str, float]:
    """Every sample of a page in Prometheus's text format; the page must be well formed."""
    found = {}
    for line in text.splitlines():
        if line.startswith("#"):
            assert re.fullmatch(r"# (HELP|TYPE) welfare_desk_\w+ .+", line), line
            continue
        name, value = line.rsplit(" ", 1)
        assert re.fullmatch(r'welfare_desk_\w+\{process="\d+"(,\w+="[^"]*")?\}', name), line
        found[name.replace(re.search(r'process="\d+",?', name).group(), "")] = float(value)  # type: ignore[union-attr]
    return found


def test_ready_says_whether_claims_can_be_served(site: Site) -> None:
    ready = site.client.get(f"{site.address}/ready")
    assert (ready.status_code, ready.json()["reasons"]) == (200, [])
    assert site.client.head(f"{site.address}/READY").content == b""
    site.world.ctx.write(settings.remember, "restoring", {"at": 1})
    away = site.client.get(f"{site.address}/ready")
    assert (away.status_code, away.json()["reasons"]) == (503, ["restoring"])
    assert site.client.get(f"{site.address}/health").status_code == 200


def test_ready_minds_the_journal_and_another_life(lite_site: Site, tmp_path: Path) -> None:
    lite_site.world.ctx.write(settings.remember, "epoch", {"epoch": "one", "at": 1})
    save_machine(tmp_path, epoch="two")
    shutil.rmtree(tmp_path / "journal")
    away = lite_site.client.get(f"{lite_site.address}/ready").json()
    assert away["reasons"] == ["journal_unwritable", "epoch_differs"]
    (tmp_path / "journal").mkdir()


def test_metrics_count_what_happened(lite_site: Site) -> None:
    world = lite_site.world
    product = world.product()
    world.stock(product, 3)
    _campaign, grants = world.campaign(product, world.people(3), reserved={product: 3}, verify="none")
    for grant in grants:
        assert lite_site.post(lite_site.link(grant)).codes
    lite_site.post(lite_site.link(grants[0]))
    for _time in range(4):
        lite_site.client.get(f"{lite_site.address}/C/{FORGED}")
    answer = lite_site.client.get(f"{lite_site.address}/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    found = numbers(answer.text)
    claims = {name: value for name, value in found.items() if name.startswith("welfare_desk_claims_total")}
    assert sum(claims.values()) == 4
    assert len(claims) >= 1
    assert found["welfare_desk_forged_links_total{}"] == 4
    assert found["welfare_desk_settlements_total{}"] == found["welfare_desk_batch_size_count{}"] == 4
    assert found["welfare_desk_batch_size_sum{}"] == 4
    assert found['welfare_desk_settlement_seconds_bucket{le="+Inf"}'] == 4
    assert found["welfare_desk_queue_length{}"] == 0
    assert found["welfare_desk_uptime_seconds{}"] > 0
    assert "员工" not in answer.text
    assert str(grants[0]) not in answer.text


def test_metrics_are_for_this_machine_or_for_the_token(lite_site: Site, tmp_path: Path) -> None:
    url = f"{lite_site.address}/metrics"
    from_elsewhere = {"x-forwarded-for": "203.0.113.9"}  # nobody named a proxy, so nobody knows who asks
    assert lite_site.client.get(url, headers=from_elsewhere).status_code == 403
    with_token = {**from_elsewhere, "authorization": "Bearer let me in"}
    assert lite_site.client.get(url, headers=with_token).status_code == 403
    save_machine(tmp_path, metrics_token="let me in")
    assert lite_site.client.get(url, headers=with_token).status_code == 200
    assert lite_site.client.get(url, headers={**with_token, "authorization": "Bearer let me"}).status_code == 403
    assert lite_site.client.get(url, headers={**with_token, "authorization": ""}).status_code == 403


@pytest.mark.parametrize(
    ("peer", "headers", "trusted", "asker"),
    [
        ("203.0.113.9", {}, [], "203.0.113.9"),
        ("203.0.113.9", {"x-forwarded-for": "127.0.0.1"}, [], ""),
        ("203.0.113.9", {"x-forwarded-for": "127.0.0.1"}, ["10.0.0.0/8"], ""),
        ("10.1.2.3", {"x-forwarded-for": "203.0.113.9"}, ["10.0.0.0/8"], "203.0.113.9"),
        ("10.1.2.3", {"x-forwarded-for": "127.0.0.1, 203.0.113.9"}, ["10.0.0.0/8"], "203.0.113.9"),
        ("10.1.2.3", {"x-forwarded-for": "203.0.113.9, 10.9.9.9"}, ["10.0.0.0/8"], "203.0.113.9"),
        ("::ffff:10.1.2.3", {"x-forwarded-for": "2001:db8::1"}, ["10.0.0.0/8"], "2001:db8::1"),
        ("10.1.2.3", {"x-forwarded-for": "nonsense"}, ["10.0.0.0/8"], "nonsense"),
        ("127.0.0.1", {}, ["127.0.0.1"], "127.0.0.1"),
        ("127.0.0.1", {"via": "1.1 somebody"}, [], ""),
    ],
)
def test_who_asks(peer: str, headers: dict[str, str], trusted: list[str], asker: str) -> None:
    scope = {"client": (peer, 1), "headers": [(name.encode(), value.encode()) for name, value in headers.items()]}
    assert clients.asker(scope, clients.networks(trusted)) == asker
    with pytest.raises(Refused, match="proxy_address"):
        clients.networks(["benefits.example.com"])


def test_this_machine_is_loopback_alone() -> None:
    assert all(clients.is_this_machine(address) for address in ("127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"))
    assert not any(clients.is_this_machine(address) for address in ("", "10.0.0.1", "localhost", "::ffff:10.0.0.1"))


def test_buckets_are_cumulative() -> None:
    histogram = Histogram((1.0, 10.0))
    for value in (0.5, 1.0, 5.0, 50.0):
        histogram.add(value)
    lines = list(histogram.lines("x", 'process="1"'))
    assert [line.rsplit(" ", 1)[1] for line in lines] == ["2", "3", "4", "56.500000", "4"]
    meter = Meter()
    meter.settled(2, 0.003, ["ready", "sold_out"])
    assert numbers(meter.text(1, 7))["welfare_desk_queue_length{}"] == 7


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return fresh_certificate(tmp_path_factory.mktemp("tls"))


def fresh_certificate(folder: Path) -> Certificate:
    """A new certificate for 127.0.0.1, in place of the one in `folder`."""
    chain, key = folder / "cert.pem", folder / "key.pem"
    if shutil.which("openssl") is None:
        pytest.skip("openssl makes the certificate")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(chain)],
        check=True, capture_output=True,
    )  # fmt: skip
    return Certificate(chain, key)


def test_broken_certificates_are_refused_before_anything_is_bound(certificate: Certificate, tmp_path: Path) -> None:
    certificate.check()
    (tmp_path / "broken.pem").write_text("no certificate", encoding="utf-8")
    for chain, key in (
        (tmp_path / "none.pem", certificate.key),
        (tmp_path / "broken.pem", certificate.key),
        (certificate.chain, tmp_path / "broken.pem"),
    ):
        with pytest.raises(Refused, match="tls_files"):
            Certificate(chain, key).check()


@pytest.mark.logs  # broken files are warned of
def test_a_renewed_certificate_is_taken_up_and_a_broken_one_is_not(
    lite_world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "RENEWAL_TICKS", 1)
    certificate, stop, bound = fresh_certificate(tmp_path), threading.Event(), server.bind("127.0.0.1", 0)
    address = bound.getsockname()
    thread = threading.Thread(
        target=server.run, args=(lite_world.ctx, [bound], [], stop), kwargs={"certificate": certificate}
    )
    thread.start()
    try:
        wait_until(lambda: healthy(f"https://127.0.0.1:{address[1]}"), 30)
        first = ssl.get_server_certificate(address)
        fresh_certificate(tmp_path)
        second = certificate.chain.read_text(encoding="utf-8")
        wait_until(lambda: ssl.get_server_certificate(address) == second, 20, "the new certificate")
        assert first != second
        certificate.chain.write_text("broken", encoding="utf-8")
        assert ssl.get_server_certificate(address) == second
    finally:
        stop.set()
        thread.join(30)


def test_https_json_lines_and_no_secret_in_them(cli: Cli, certificate: Certificate) -> None:
    campaign = script.launch(cli, script.stock_up(cli, 5), 5)
    port = free_port()
    child = cli.start("service", "--host", "127.0.0.1", "--port", port, "--log-format", "json",
                      "--tls-cert", certificate.chain, "--tls-key", certificate.key)  # fmt: skip
    address = f"https://127.0.0.1:{port}"
    trusting = ssl.create_default_context(cafile=str(certificate.chain))
    codes: list[str] = []

    def ready(client: httpx.Client) -> bool:
        try:
            return client.get(f"{address}/ready").status_code == 200
        except httpx.TransportError:
            assert child.process.poll() is None, child.said()
            return False

    with httpx.Client(timeout=30, verify=trusting) as client:
        wait_until(lambda: ready(client), 60, "https answers")
        for number, url in campaign.links.items():
            link = claim_page.local(url, address)
            claim_page.claim(client, link, "99999999")
            codes += claim_page.claim(client, link, number).codes
        client.get(f"{address}/C/{FORGED}")
        client.post(f"{address}/C/{FORGED}", data={"identity": "13800000001"})
    assert len(codes) == 5
    child.terminate()
    said = child.said()
    entries: list[dict[str, Any]] = [json.loads(line) for line in child.err.read_text(encoding="utf-8").splitlines()]
    assert {"at", "level", "role", "process", "logger", "message"} <= entries[0].keys()
    assert any(f"serving {address}" in entry["message"] for entry in entries)
    for secret in (*codes, *campaign.links, *(url.rsplit("/", 1)[-1] for url in campaign.links.values()), PASSWORD,
                   FORGED, "13800000001", "@example.com"):  # fmt: skip
        assert secret not in said, secret


def test_log_lines_hide_links_passwords_and_the_text_of_errors() -> None:
    record = logging.LogRecord("welfare_desk", logging.ERROR, __file__, 1, "", (), None)
    record.msg = f"GET /C/{FORGED} on postgresql+psycopg://welfare:hunter2@db/welfare with Bearer abc.def"
    typed = "王小明 13800000001"
    try:
        raise ValueError(typed)
    except ValueError:
        record.exc_info = sys.exc_info()
    for formatter in (log_lines.Text("service"), log_lines.Json("service")):
        line = formatter.format(record)
        assert "ValueError" in line
        assert not any(secret in line for secret in (FORGED, "hunter2", "abc.def", "王小明", "13800000001"))
        assert "welfare:…@db" in line
