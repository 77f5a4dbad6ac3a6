"""The start page: three things together, one answer for everything that does not fit, and the phone test."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.support import claim_page
from tests.web.scenes import Stage
from tests.web.site import Site
from welfare_desk.queries import service
from welfare_desk.security.carried import check_carried, mint_carried
from welfare_desk.security.links import Link
from welfare_desk.services import processes

MINUTE = 60_000


def person(site: Site, **changed: Any) -> tuple[int, dict[str, str]]:
    """(grant, the three things) of somebody with a card to claim."""
    product = site.world.product()
    site.world.stock(product, 1)
    _campaign, grant, number = Stage(site).grant(product, **changed)
    phone = f"138{int(number):08d}"
    return grant, {"reference": site.reference(grant), "identity": number, "phone": phone[-4:]}


def test_three_things_lead_to_the_claim_without_showing_the_link(site: Site) -> None:
    grant, three = person(site)
    answer = site.client.post(f"{site.address}/", data=three)
    page = claim_page.read(answer)
    assert page.state == "ready"
    assert not page.visible
    assert site.keys.mint_link(grant, 0) not in answer.text
    claimed = site.post(f"{site.address}/", **page.hidden)
    assert claimed.state == "claimed"
    assert len(claimed.codes) == 1
    assert site.post(site.link(grant), identity=three["identity"]).codes == claimed.codes
    again = site.post(f"{site.address}/", **three)
    assert (again.state, again.codes) == ("claimed", [])
    assert site.post(f"{site.address}/", **again.hidden).codes == claimed.codes


def test_written_as_people_write(lite_site: Site) -> None:
    _grant, three = person(lite_site)
    written = {
        "reference": three["reference"].lower().replace("-", " "),
        "identity": three["identity"].lstrip("0"),
        "phone": f"138 0000 {three['phone']}",
    }
    assert lite_site.post(f"{lite_site.address}/", **written).state == "ready"


@pytest.mark.parametrize("wrong", ["reference", "identity", "phone"])
def test_whatever_is_wrong_the_answer_is_the_same(lite_site: Site, wrong: str) -> None:
    _grant, three = person(lite_site)
    others = {"reference": "AAAA-AAAA", "identity": "99999", "phone": "9999"}
    pages = []
    for field in ("reference", "identity", "phone"):
        answer = lite_site.client.post(f"{lite_site.address}/", data={**three, field: others[field]})
        assert claim_page.read(answer).state == "mismatch"
        pages.append(re.sub(r'value="[^"]*"', "", answer.text))
    assert len(set(pages)) == 1
    missing = {name: value for name, value in three.items() if name != wrong}
    assert lite_site.post(f"{lite_site.address}/", **missing).state == "mismatch"


def test_ten_wrong_answers_lock_known_and_unknown_codes_alike(lite_site: Site) -> None:
    _grant, three = person(lite_site)
    for reference in (three["reference"], "ZZZZ-ZZZZ"):
        for _attempt in range(10):
            assert lite_site.post(f"{lite_site.address}/", **{**three, "reference": reference, "phone": "9999"})
        answer = lite_site.client.post(f"{lite_site.address}/", data={**three, "reference": reference})
        assert answer.status_code == 429
        assert claim_page.read(answer).state == "rate_limited"
    lite_site.world.clock.moment += 15 * MINUTE
    assert lite_site.post(f"{lite_site.address}/", **three).state == "ready"


def test_wrong_answers_here_and_on_the_claim_page_count_together(site: Site) -> None:
    grant, three = person(site)
    for _attempt in range(5):
        site.post(f"{site.address}/", **{**three, "phone": "9999"})
        site.post(site.link(grant), identity="99999")
    assert site.post(site.link(grant), identity=three["identity"]).state == "rate_limited"


def test_what_is_carried_ends_and_cannot_be_forged(lite_site: Site) -> None:
    _grant, three = person(lite_site)
    page = lite_site.post(f"{lite_site.address}/", **three)
    forged = page.hidden["carried"][:-1] + ("A" if page.hidden["carried"][-1] != "A" else "B")
    assert not lite_site.post(f"{lite_site.address}/", **{**page.hidden, "carried": forged}).codes
    lite_site.world.clock.moment += 11 * MINUTE
    assert not lite_site.post(f"{lite_site.address}/", **page.hidden).codes


def test_what_is_carried_holds_what_they_were_made_of() -> None:
    link = Link((3 << 40) | 99, 7)
    carried = mint_carried(bytes(32), link, 1000)
    assert check_carried(bytes(32), carried, 999) == link
    assert check_carried(bytes(32), carried, 1000) is None
    assert check_carried(b"\1" * 32, carried, 0) is None
    assert check_carried(bytes(32), "", 0) is None


def test_a_phone_turns_the_light_green_and_a_scanner_does_not(site: Site) -> None:
    started = site.world.ctx.write(processes.start_phone_test, address=site.address)
    url = f"{site.address}/t/{started.token}"
    assert site.look(url).state == "test"
    seen = site.world.ctx.read(service.phone_test, token=started.token)
    assert seen is not None
    assert seen.opened_at is None
    assert site.post(url).state == "test"
    seen = site.world.ctx.read(service.phone_test, token=started.token)
    assert seen is not None
    assert seen.opened_at is not None
    assert site.post(f"{site.address}/T/{'A' * 20}").state == "unknown"
