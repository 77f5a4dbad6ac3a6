"""The page contract: states by their cause, what a look shows, methods, headers, bytes."""

from __future__ import annotations

import random
import re
from typing import Any

import httpx
import pytest
from sqlalchemy import event, text

from tests.support import claim_page
from tests.support.claim_page import ClaimPage
from tests.web.looking import look_around
from tests.web.scenes import NUMBER, Stage, all_scenes
from tests.web.site import Site

MOST_BYTES = 14_000
AIM_BYTES = 9_000
MINUTE = 60_000


def card(site: Site, units: int = 1, **changed: Any) -> tuple[int, str]:
    """(grant, employee number) of a person with one card to claim."""
    product = site.world.product()
    if units:
        site.world.stock(product, units)
    _campaign, grant, number = Stage(site).grant(product, **changed)
    return grant, number


def open_scene(site: Site, scene: Any) -> httpx.Response:
    return site.client.get(scene.url) if scene.fields is None else site.client.post(scene.url, data=scene.fields)


def test_every_state_by_its_cause(site: Site) -> None:
    seen = {}
    for name, scene in all_scenes(site).items():
        answer = open_scene(site, scene)
        page = claim_page.read(answer)
        assert (page.state, answer.status_code) == (scene.state, scene.status), name
        assert len(answer.content) <= AIM_BYTES < MOST_BYTES, (name, len(answer.content))
        assert answer.text.count("<script") <= 1, name
        outside = re.findall(r'(?:src|href)="(?!data:|\?lang=|#)([^"]*)', answer.text)
        assert len(outside) == (name == "link"), (name, outside)
        identities = [field for field in page.visible if field != "account"]
        assert page.action is None or len(identities) <= 1, name
        if scene.fields is None:
            assert not page.codes, name
        seen[name] = page
    assert seen["pending_bundle"].codes
    assert len(set(seen["pending_bundle"].codes)) == 2
    assert seen["claimed_look"].visible == ["identity"]
    assert "account" in seen["ready_top_up"].visible
    assert "account" not in seen["ready"].visible
    assert not seen["ready_without_check"].visible


def test_a_claim_shows_the_code_and_the_same_code_again(site: Site) -> None:
    grant, number = card(site, 5)
    url = site.link(grant)
    first = site.post(url, identity=number)
    assert first.state == "claimed"
    assert len(first.codes) == 1
    assert first.codes[0] in site.world.codes
    look = site.look(url)
    assert look.state == "claimed"
    assert not look.codes
    assert look.action is not None
    with httpx.Client() as another_device:
        again = claim_page.read(another_device.post(url, data={"identity": f" {number.lstrip('0')} "}))
    assert again.codes == first.codes
    assert not site.post(url, identity="99999").codes


def test_full_width_and_blanks_are_the_same_number(lite_site: Site) -> None:
    grant, number = card(lite_site)
    typed = "".join(chr(ord(sign) + 0xFEE0) for sign in number)
    assert lite_site.post(lite_site.link(grant), identity=f"　{typed} ").state == "claimed"


@pytest.mark.parametrize("secret", ["A&B<i>\"c'", "a  b   c", "－全角－", "0O1I-l|", "%41+%2B", "x" * 60])
def test_the_code_is_the_suppliers_bytes(lite_site: Site, secret: str) -> None:
    world = lite_site.world
    product = world.product()
    batch = world.stock(product, 1)
    keys = lite_site.keys

    def replace(_ctx: Any, session: Any) -> None:
        code = session.execute(text("SELECT id FROM code WHERE batch_id = :b"), {"b": batch}).scalar_one()
        sealed, blind = keys.seal_code("卡 <7>", secret, product_id=product, batch_id=batch, code_id=code)
        session.execute(text("UPDATE code SET sealed = :s, blind = :b WHERE id = :i"),
                        {"s": sealed, "b": blind, "i": code})  # fmt: skip

    world.ctx.write(replace)
    _campaign, grant, number = Stage(lite_site).grant(product)
    page = lite_site.post(lite_site.link(grant), identity=number)
    assert page.codes == [secret]
    assert page.numbers == ["卡 <7>"]


def test_methods_and_head(lite_site: Site) -> None:
    grant, _number = card(lite_site)
    url = lite_site.link(grant)
    client = lite_site.client
    options = client.options(url)
    assert (options.status_code, options.content) == (204, b"")
    for method in ("PUT", "DELETE", "PATCH", "TRACE", "PROPFIND"):
        answer = client.request(method, url)
        assert (answer.status_code, answer.content) == (405, b""), method
        assert "POST" in answer.headers["allow"]
    head, get = client.head(url), client.get(url)
    assert head.status_code == 200
    assert head.content == b""
    assert head.headers["content-length"] == str(len(get.content))
    assert client.get(f"{lite_site.address}/favicon.ico").status_code == 404
    assert client.post(url, data={"identity": "1" * 9000}).status_code == 413
    assert client.post(url, content=b"x" * 80_000).status_code == 413


def test_a_link_works_in_any_case(lite_site: Site) -> None:
    grant, number = card(lite_site)
    url = lite_site.link(grant)
    path = url.removeprefix(lite_site.address)
    assert lite_site.look(lite_site.address + path.lower()).state == "ready"
    assert lite_site.look(lite_site.address + path + "/").state == "ready"
    assert lite_site.post(lite_site.address + path.lower(), identity=number).state == "claimed"


def test_a_tampered_link_is_an_unknown_one_and_asks_nothing(site: Site) -> None:
    grant, _number = card(site)
    url = site.link(grant)
    token = url.rsplit("/", 1)[-1]
    site.look(url)
    statements: list[str] = []

    def note(_c: Any, _k: Any, statement: str, *_rest: Any) -> None:
        if "process" not in statement:
            statements.append(statement)

    event.listen(site.world.ctx.engine, "before_cursor_execute", note)
    pages = set()
    shuffled = random.Random(1)
    for at in range(len(token)):
        other = shuffled.choice([sign for sign in "ABCDEFGHJKLMNPQRSTUVWXYZ23456789" if sign != token[at]])
        forged = f"{site.address}/C/{token[:at]}{other}{token[at + 1 :]}"
        for answer in (site.client.get(forged), site.client.post(forged, data={"identity": NUMBER})):
            assert answer.status_code == 404
            pages.add(answer.content)
    for odd in ("", "A", token + "A", token[:-1], "%00" * 40, "É" * 20):
        pages.add(site.client.get(f"{site.address}/C/{odd}").content)
    pages.add(site.client.get(f"{site.address}/nothing/here").content)
    event.remove(site.world.ctx.engine, "before_cursor_execute", note)
    assert len(pages) == 1
    assert b'data-state="unknown"' in pages.pop()
    assert not statements


def test_a_missing_grant_looks_like_a_forged_link(lite_site: Site) -> None:
    forged = lite_site.client.get(f"{lite_site.address}/C/{'A' * 40}")
    missing = lite_site.link((123 << 40) | 7)
    looked, posted = lite_site.client.get(missing), lite_site.client.post(missing, data={"identity": "1"})
    assert forged.status_code == looked.status_code == posted.status_code == 404
    assert forged.content == looked.content == posted.content
    for shows in ("receipt", "report"):
        assert lite_site.client.post(missing, data={"identity": "1", "show": shows}).content == forged.content


def test_wrong_and_unknown_numbers_get_one_page(site: Site) -> None:
    grant, _number = card(site)
    other, known = card(site)
    pages = [site.client.post(site.link(grant), data={"identity": typed}).text for typed in (known, "ZZZZZ")]
    normal = [re.sub(r'value="[^"]*"|还可再试 \d 次', "", page) for page in pages]
    assert normal[0] == normal[1]
    assert 'data-state="mismatch"' in pages[0]
    assert site.look(site.link(other)).state == "ready"


def test_ten_wrong_numbers_lock_the_grant_for_a_while(site: Site) -> None:
    grant, number = card(site)
    url = site.link(grant)
    states = [site.post(url, identity="99999").state for _attempt in range(10)]
    assert states == ["mismatch"] * 10
    answer = site.client.post(url, data={"identity": number})
    assert answer.status_code == 429
    assert 0 < int(answer.headers["retry-after"]) <= 900
    assert claim_page.read(answer).state == "rate_limited"
    assert not claim_page.read(answer).codes
    site.world.clock.moment += 15 * MINUTE
    assert site.post(url, identity=number).state == "claimed"


def test_language_by_link_header_and_setting(lite_site: Site) -> None:
    grant, _number = card(lite_site)
    url = lite_site.link(grant)

    def spoken(query: str = "", header: str | None = None) -> str:
        headers = {"accept-language": header} if header else {}
        found = re.search(r'<html lang="([^"]+)"', lite_site.client.get(url + query, headers=headers).text)
        assert found
        return found[1]

    assert spoken() == "zh-CN"
    assert spoken(header="en-GB,en;q=0.9,zh;q=0.1") == "en"
    assert spoken(header="fr-FR, zh-TW;q=0.4") == "zh-CN"
    assert spoken("?lang=en", header="zh-CN") == "en"
    assert spoken("?lang=zh", header="en") == "zh-CN"


def test_looking_changes_no_row(site: Site) -> None:
    seen, wrong = look_around(site, 600)
    assert not wrong
    assert sum(seen.values()) == 600


def test_a_link_of_an_older_version_says_that_it_was_replaced(lite_site: Site) -> None:
    grant, number = card(lite_site)
    old = lite_site.link(grant)
    lite_site.world.ctx.write(
        lambda _ctx, session: session.execute(text('UPDATE "grant" SET link_version = 1 WHERE id = :g'), {"g": grant})
    )
    assert lite_site.look(old).state == "revoked"
    assert lite_site.post(old, identity=number).state == "revoked"
    assert lite_site.post(lite_site.link(grant, 1), identity=number).state == "claimed"


def test_a_failed_top_up_takes_another_account(site: Site) -> None:
    scenes = all_scenes(site)
    failed = scenes["failed"]
    page: ClaimPage = site.post(failed.url, **(failed.fields or {}), account="13900139000")
    assert page.state == "confirm"
    page = site.post(failed.url, **page.hidden)
    assert page.state == "pending"
    assert "139****9000" in page.text


def test_no_person_is_shown_anothers_name(lite_site: Site) -> None:
    grant, number = card(lite_site)
    page = lite_site.client.post(lite_site.link(grant), data={"identity": number}).text
    assert "员工" not in re.sub(r"员工福利领取", "", page)


def test_a_page_that_waits_looks_again_unless_somebody_types(lite_site: Site) -> None:
    scenes = all_scenes(lite_site)
    for name, waits in {"too_early": True, "pending": True, "pending_look": True, "pending_bundle_look": False,
                        "ready": False, "claimed": False, "failed_look": False}.items():  # fmt: skip
        text_of = open_scene(lite_site, scenes[name]).text
        assert ('<noscript><meta http-equiv="refresh"' in text_of) is waits, name
        assert ("data-refresh=" in text_of) is waits, name
