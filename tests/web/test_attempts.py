"""Ten wrong numbers in 15 minutes lock a grant, whichever process hears them and whatever restarts in between."""

from __future__ import annotations

import dataclasses
import statistics
import time

from tests.support import claim_page
from tests.support.world import World
from tests.web.scenes import Stage
from tests.web.site import Site, serve

ONE_ADDRESS = 2_100


def card(site: Site, units: int = 1) -> tuple[int, str]:
    """(grant, employee number) of somebody with a card to claim."""
    product = site.world.product()
    site.world.stock(product, units)
    _campaign, grant, number = Stage(site).grant(product)
    return grant, number


def neighbour(world: World) -> World:
    """The same database as another service process sees it."""
    return World(dataclasses.replace(world.ctx, writer=world.ctx.writer + 1), world.clock, world.codes, world.number)


def test_wrong_numbers_are_counted_over_processes_and_restarts(world: World) -> None:
    with serve(world) as first, serve(neighbour(world)) as second:
        grant, number = card(first)
        said = [site.post(site.link(grant), identity="99999") for site in [first, second] * 4]
        assert [page.state for page in said] == ["mismatch"] * 8
        assert "还可再试 2 次" in said[-1].text
    with serve(world) as again:
        url = again.link(grant)
        three = {"reference": again.reference(grant), "identity": number, "phone": "9999"}
        assert again.post(f"{again.address}/", **three).state == "mismatch"  # the start page counts with them
        assert again.post(url, identity="88888").state == "mismatch"
        answer = again.client.post(url, data={"identity": number})
        assert (answer.status_code, claim_page.read(answer).state) == (429, "rate_limited")
        assert again.look(url).state == "rate_limited"
        assert again.post(url, identity=number, show="receipt").state == "rate_limited"
        world.clock.moment += 15 * 60_000
        assert again.post(url, identity=number).state == "claimed"


def test_one_address_may_ask_as_often_as_a_whole_company(lite_site: Site) -> None:
    """Everybody in an office has one address: only grants are locked, never addresses."""
    grant, _number = card(lite_site)
    forged = f"{lite_site.address}/C/{'A' * 40}"
    urls = [lite_site.link(grant), forged, forged]
    for asked in range(ONE_ADDRESS):
        assert lite_site.client.get(urls[asked % 3]).status_code in (200, 404)
    others = [card(lite_site) for _person in range(30)]
    locked, _number = card(lite_site)
    for _attempt in range(11):
        lite_site.post(lite_site.link(locked), identity="99999")
    assert {lite_site.post(lite_site.link(one), identity=number).state for one, number in others} == {"claimed"}


def test_a_number_nobody_has_takes_as_long_as_a_colleagues(lite_site: Site) -> None:
    took: dict[str, list[float]] = {"nobody": [], "colleague": []}
    _other, known = card(lite_site)
    for _round in range(6):
        grant, _number = card(lite_site)
        for _try in range(4):
            for name, typed in (("nobody", "ZZZZZ"), ("colleague", known)):
                began = time.perf_counter()
                assert lite_site.post(lite_site.link(grant), identity=typed).state == "mismatch"
                took[name].append(time.perf_counter() - began)
    assert abs(statistics.median(took["nobody"]) - statistics.median(took["colleague"])) < 0.005
