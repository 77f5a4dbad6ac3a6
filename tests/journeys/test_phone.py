"""A person with a phone of 360 × 640 against the real service: from the link to the code, and back to it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.support import script
from tests.support.claim_page import local
from tests.support.processes import Cli

pytestmark = pytest.mark.browser


def state(page: Page) -> str:
    """The state of the page on the screen."""
    return page.locator("body").get_attribute("data-state") or ""


def claim(page: Page, number: str) -> None:
    """Types the employee number and presses the one button."""
    page.fill("#identity", number)
    page.click("#claim button")


def test_from_the_link_to_the_code(cli_on_both: Cli, plain_phone: Page) -> None:
    cli = cli_on_both
    campaign = script.launch(cli, script.stock_up(cli, 3), 3)
    _service, address = cli.service()
    first, second = (local(campaign.links[number], address) for number in ("00001", "00002"))

    plain_phone.goto(first)
    assert state(plain_phone) == "ready"
    claim(plain_phone, "99999")
    assert state(plain_phone) == "mismatch"
    claim(plain_phone, " １ ")
    assert state(plain_phone) == "claimed"
    code = plain_phone.locator(".code").inner_text()

    plain_phone.goto(first)
    assert state(plain_phone) == "claimed"
    assert plain_phone.locator(".code").count() == 0
    claim(plain_phone, "00001")
    assert plain_phone.locator(".code").inner_text() == code

    plain_phone.goto(second)
    claim(plain_phone, "2")
    assert plain_phone.locator(".code").inner_text() != code
    rows = cli.rows("report", "claims", "--campaign", campaign.key, "--by", "department")
    assert sum(row["claimed"] for row in rows) == 2


def test_without_a_link_by_three_things(cli: Cli, plain_phone: Page) -> None:
    campaign = script.launch(cli, script.stock_up(cli, 1), 1)
    _service, address = cli.service()
    reference = cli.json("why", "00001")["reference"]
    plain_phone.goto(address)
    plain_phone.fill("#reference", str(reference))
    plain_phone.fill("#identity", "1")
    plain_phone.fill("#phone", "0001")
    plain_phone.click("#find button")
    assert state(plain_phone) == "ready"
    plain_phone.click("#claim button")
    assert state(plain_phone) == "claimed"
    code = plain_phone.locator(".code").inner_text()
    plain_phone.goto(local(campaign.links["00001"], address))
    claim(plain_phone, "00001")
    assert plain_phone.locator(".code").inner_text() == code
