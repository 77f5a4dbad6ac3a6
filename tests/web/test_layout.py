"""Every state in a real Chromium: small screens, large text, no JavaScript, and what the copy button copies."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page

from devtools.shots_claim import open_scene
from tests.support.browsers import PHONE, phone_context
from tests.support.looks import page_problems
from tests.web.scenes import Scene, Stage, all_scenes
from tests.web.site import Site
from welfare_desk.services import processes

pytestmark = pytest.mark.browser
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
SMALL = """[...document.querySelectorAll('button, input:not([type=hidden]), a')].filter(e => e.offsetParent)
    .filter(e => e.getBoundingClientRect().height < 44).map(e => e.outerHTML.slice(0, 80))"""
BUTTON = """[...document.querySelectorAll('main form button')].slice(0, 1)
    .reduce((_, e) => e.getBoundingClientRect().bottom, 0)"""
ABOVE_THE_FOLD = ("ready", "ready_top_up", "account", "mismatch", "claimed_look", "start")


def somebody(site: Site) -> tuple[str, str]:
    """(link, employee number) of a person with a card to claim."""
    product = site.world.product()
    site.world.stock(product, 1)
    _campaign, grant, number = Stage(site).grant(product)
    return site.link(grant), number


def problems(page: Page, name: str) -> list[str]:
    """What is wrong with the page at 360 px, at 320 px, and there with text of twice the size."""
    found = page_problems(page) + [f"too small: {element}" for element in page.evaluate(SMALL)]
    if name in ABOVE_THE_FOLD and page.evaluate(BUTTON) > PHONE["height"]:
        found.append(f"the button ends at {page.evaluate(BUTTON)} px")
    page.set_viewport_size({"width": 320, "height": 640})
    for scale in (100, 200):
        page.evaluate(f"document.documentElement.style.fontSize = '{scale}%'")
        over = page.evaluate(OVERFLOW)
        found += [f"{over} px wider than the screen at {scale} %"] if over > 0 else []
    page.set_viewport_size(PHONE)
    return found


def test_nothing_is_pushed_sideways_or_too_small(chromium: Browser, lite_site: Site) -> None:
    context = phone_context(chromium)
    page = context.new_page()
    found = []
    for name, scene in all_scenes(lite_site).items():
        open_scene(page, scene)
        assert page.evaluate("document.body.dataset.state || ''") == scene.state, name
        found += [f"{name}: {problem}" for problem in problems(page, name)]
    context.close()
    assert not found


def test_all_of_it_works_without_javascript(lite_site: Site, plain_phone: Page) -> None:
    site = lite_site
    url, number = somebody(site)
    plain_phone.goto(url)
    plain_phone.fill("#identity", number)
    plain_phone.click("#claim button")
    assert plain_phone.locator("body").get_attribute("data-state") == "claimed"
    assert plain_phone.locator(".code").inner_text() in site.world.codes
    assert plain_phone.locator("button:visible").count() == 0
    started = site.world.ctx.write(processes.start_phone_test, address=site.address)
    plain_phone.goto(f"{site.address}/T/{started.token}")
    plain_phone.click("#test button")
    assert plain_phone.locator(".box.ok").is_visible()


def test_the_copy_button_copies_the_code_on_plain_http(lite_site: Site, phone: Page) -> None:
    site = lite_site
    url, number = somebody(site)
    open_scene(phone, Scene("claimed", url, {"identity": number}))
    shown = phone.locator(".code").inner_text()
    phone.evaluate("document.addEventListener('copy', () => { window.copied = String(getSelection()) })")
    phone.click("button.copy")
    assert phone.evaluate("window.copied") == shown
    assert phone.locator("button.copy").inner_text() == "已复制"


def test_one_request_and_nothing_blocked(lite_site: Site, phone: Page) -> None:
    site = lite_site
    url, number = somebody(site)
    asked: list[str] = []
    said: list[str] = []
    phone.on("request", lambda request: None if request.url.startswith("data:") else asked.append(request.url))
    phone.on("console", lambda message: said.append(message.text))
    fields = (None, {"identity": "wrong"}, {"identity": number})
    for scene in [Scene("", f"{site.address}/"), *[Scene("", url, field) for field in fields]]:
        asked.clear()
        open_scene(phone, scene)
        assert len(asked) == 1, asked
    assert not [text for text in said if "Content Security Policy" in text or "Refused" in text]
