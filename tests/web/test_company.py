"""The company on its pages: name, logo and a colour in a shade that can be read."""

from __future__ import annotations

import base64
import hashlib
import random
import re
import struct
import zlib
from typing import Any

import pytest

from tests.support.waiting import wait_until
from tests.web.scenes import Stage
from tests.web.site import Site
from welfare_desk.domain import logos
from welfare_desk.domain.colours import DARK, ENOUGH, LIGHT, ON_DARK, ON_LIGHT, contrast, shades, tidy_colour
from welfare_desk.errors import Refused
from welfare_desk.services import settings


def png(size: int = 0) -> bytes:
    """A small picture, padded to `size` bytes."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    small = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 8, 8, 8, 0, 0, 0, 0))
    small += chunk(b"IDAT", zlib.compress((b"\0" + b"\x55" * 8) * 8)) + chunk(b"IEND", b"")
    return small.ljust(size, b"\0")


def test_every_colour_becomes_one_that_can_be_read() -> None:
    dice = random.Random(4)
    chosen = ["#000000", "#ffffff", "#ffd400", "#0b5cad", "#00ff00"]
    chosen += [f"#{dice.randrange(1 << 24):06x}" for _colour in range(300)]
    for colour in chosen:
        light, dark = shades(colour)
        assert min(contrast(light, other) for other in (*LIGHT, ON_LIGHT)) >= ENOUGH, colour
        assert min(contrast(dark, other) for other in (*DARK, ON_DARK)) >= ENOUGH, colour
    assert shades("#0b5cad")[0] == "#0b5cad"  # what can be read stays as it was chosen
    assert round(contrast("#000000", "#ffffff"), 1) == 21
    assert (tidy_colour(" 0B5CAD"), tidy_colour("#05a"), tidy_colour("blue")) == ("#0b5cad", "#0055aa", None)


def change(site: Site, **values: Any) -> None:
    site.world.ctx.write(settings.change, values=values)


def test_settings_refuse_what_a_page_cannot_carry(lite_site: Site) -> None:
    refusals = {
        "logo_size": {"logo": "data:image/png;base64," + base64.b64encode(png(5000)).decode()},
        "logo_type": {"logo": "data:image/png;base64," + base64.b64encode(b"<svg onload=x>").decode()},
        "colour_form": {"colour": "red;}"},
        "answer_hours": {"answer_hours": 0},
    }
    for code, values in refusals.items():
        with pytest.raises(Refused, match=code):
            change(lite_site, **values)
    for odd in ("javascript:x", "data:image/png;base64,###", 'x" onerror="y'):
        with pytest.raises(Refused, match="logo_type"):
            change(lite_site, logo=odd)


def test_a_new_colour_and_logo_reach_the_pages_and_pass_their_policy(lite_site: Site) -> None:
    site = lite_site
    product = site.world.product()
    site.world.stock(product, 1)
    _campaign, grant, _number = Stage(site).grant(product)
    site.look(site.link(grant))
    change(site, colour="#FFD400", logo=logos.data_uri(png(4096)), company_name="远山 & <子>")
    wait_until(lambda: "--main:" + shades("#ffd400")[0] in site.client.get(site.link(grant)).text, 10)
    answer = site.client.get(site.link(grant))
    for css in re.findall(r"<style>(.*?)</style>", answer.text, re.DOTALL):
        wanted = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
        assert f"'sha256-{wanted}'" in answer.headers["content-security-policy"]
    assert '<img class="logo" src="data:image/png;base64,' in answer.text
    assert "远山 &amp; &lt;子&gt;" in answer.text
    assert len(answer.content) < 14_000
