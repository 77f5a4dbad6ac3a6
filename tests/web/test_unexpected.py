"""What nobody expected is still a page: the contract holds whatever happens inside."""

from __future__ import annotations

import pytest

from tests.web.site import Site
from welfare_desk.web.pages import claim


@pytest.mark.logs
def test_a_fault_inside_is_the_page_not_now(lite_site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    product = lite_site.world.product()
    lite_site.world.stock(product, 1)
    _campaign, [grant] = lite_site.world.campaign(product, lite_site.world.people(1), reserved={product: 1})
    link = lite_site.link(grant)
    with monkeypatch.context() as broken:
        broken.setattr(claim, "look", lambda *_given: 1 // 0)
        page = lite_site.look(link)
    assert (page.status, page.state) == (503, "unavailable")
    assert lite_site.look(link).state == "ready"
