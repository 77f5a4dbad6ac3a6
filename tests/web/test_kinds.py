"""What each kind shows: a coupon its QR code, a link its address, card and number, a bundle all of it."""

from __future__ import annotations

import base64
import io
import re

import pytest
import zxingcpp
from PIL import Image

from tests.web.scenes import PHONE, Stage
from tests.web.site import Site
from welfare_desk.web.pictures import MOST_SIGNS, qr_picture


def pictures(text: str) -> list[str]:
    """What the QR pictures of a page say."""
    found = re.findall(r'<img class="qr" src="data:image/png;base64,([^"]+)"', text)
    images = [Image.open(io.BytesIO(base64.b64decode(data))) for data in found]
    return [code.text for image in images for code in zxingcpp.read_barcodes(image.convert("L"))]


def given(site: Site, kind: str, *secrets: str) -> tuple[str, str]:
    """(link, employee number) of somebody with these units of a kind."""
    product = site.world.product(kind)
    stage = Stage(site)
    stage.reseal(product, *secrets)
    _campaign, grant, number = stage.grant(product, quantity=len(secrets))
    return site.link(grant), number


@pytest.mark.parametrize("secret", ["CAFE-0001", "中文券 A&B<1>", "https://x.example/?a=1&b=2", "x" * 120])
def test_a_coupon_is_a_picture_and_the_same_as_text(lite_site: Site, secret: str) -> None:
    url, number = given(lite_site, "coupon", secret)
    page = lite_site.post(url, identity=number)
    assert page.codes == [secret]
    assert pictures(page.text) == [secret]
    assert len(page.text.encode()) < 14_000


def test_a_page_has_one_picture_and_a_button_for_each_other(lite_site: Site) -> None:
    secrets = [f"CAFE-{number:04d}" for number in range(3)]
    url, number = given(lite_site, "coupon", *secrets)
    first = lite_site.post(url, identity=number)
    assert sorted(first.codes) == secrets
    shown = [pictures(lite_site.post(url, identity=number, at=str(at)).text) for at in range(3)]
    assert sorted(shown) == [[secret] for secret in secrets]
    assert first.text.count('name="at"') == 2
    for odd in ("7", "-1", "x", "9" * 30, "²"):
        assert len(pictures(lite_site.post(url, identity=number, at=odd).text)) == 1
    assert not pictures(lite_site.look(url).text)


def test_what_is_too_long_for_a_picture_stays_text() -> None:
    assert qr_picture("x" * (MOST_SIGNS + 1)) == ""
    assert len(qr_picture("x" * MOST_SIGNS)) < 6000


@pytest.mark.parametrize(
    ("secret", "opens"),
    [
        ("https://vip.example.com/redeem?code=A&b=<1>", True),
        ("HTTP://vip.example.com", True),
        ("javascript:alert(1)", False),
        ("data:text/html,<script>", False),
        ("vbscript:x", False),
        ("//vip.example.com/x", False),
        ("https://", False),
        ("https://[", False),
        ("weixin://dl/business", False),
        ("java\tscript:alert(1)", False),
    ],
)
def test_only_the_web_is_opened_from_a_page(lite_site: Site, secret: str, *, opens: bool) -> None:
    url, number = given(lite_site, "link", secret)
    page = lite_site.post(url, identity=number)
    assert page.codes == [secret]
    found = re.findall(r'<a class="go" href="([^"]*)" rel="noreferrer noopener nofollow"', page.text)
    assert len(found) == opens
    assert ('href="javascript' in page.text.lower()) is False


def test_a_bundle_shows_every_kind_at_once(site: Site) -> None:
    world, stage = site.world, Stage(site)
    card, coupon, link = world.product(), world.product("coupon"), world.product("link")
    call = world.product("top_up", account="phone")
    stage.reseal(card, "918273", number="6228 1234")
    stage.reseal(coupon, "CAFE-1")
    stage.reseal(link, "https://vip.example.com/x")
    bundle = world.bundle([(card, 1), (coupon, 1), (link, 1), (call, 1)])
    person = world.people(1)
    number = f"{world.number:05d}"
    _campaign, grants = world.campaign(bundle, person, reserved={card: 1, coupon: 1, link: 1})
    page = site.post(site.link(grants[0]), identity=number, account=PHONE, confirm=PHONE)
    assert (page.state, page.codes) == ("pending", ["918273", "CAFE-1", "https://vip.example.com/x"])
    assert page.numbers == ["6228 1234"]
    assert pictures(page.text) == ["CAFE-1"]
    assert "138****8000" in page.text
    assert len(page.text.encode()) < 14_000
