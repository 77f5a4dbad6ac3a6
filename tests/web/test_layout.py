"""Every state in a real Chromium: small screens, large text, no JavaScript, and what the copy button copies."""

from __future__ import annotations

from typing import Any

import pypdfium2
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from devtools.shots_claim import open_scene
from tests.support.browsers import PHONE, phone_context
from tests.support.looks import page_problems
from tests.web.scenes import Scene, Stage, all_scenes
from tests.web.site import Site
from tests.web.test_company import png
from welfare_desk.domain import logos
from welfare_desk.services import processes, settings

pytestmark = pytest.mark.browser
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
SMALL = """[...document.querySelectorAll('button, input:not([type=hidden], [type=radio]), textarea, .pick, a')]
    .filter(e => e.offsetParent)
    .filter(e => e.getBoundingClientRect().height < 44).map(e => e.outerHTML.slice(0, 80))"""
BUTTON = """[...document.querySelectorAll('main form button')].slice(0, 1)
    .reduce((_, e) => e.getBoundingClientRect().bottom, 0)"""
axe = Axe()
THEMES: dict[Any, dict[str, Any]] = {
    "light": {"resultTypes": ["violations"]},
    "dark": {"resultTypes": ["violations"], "runOnly": ["color-contrast"]},
}
ABOVE_THE_FOLD = (
    "ready", "ready_top_up", "account", "mismatch", "claimed_look", "start", "confirm", "report", "sent_test",
)  # fmt: skip


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


def inaccessible(page: Page) -> list[str]:
    """What axe finds against WCAG 2.2 AA and its best practices, in the light and in the dark theme."""
    found = []
    for theme, options in THEMES.items():
        page.emulate_media(color_scheme=theme)
        for violation in axe.run(page, options=options).response["violations"]:
            where = violation["nodes"][0]["html"][:100]
            found.append(f"{theme}: {violation['id']}: {violation['help']} at {where}")
    return found


@pytest.mark.parametrize("language", ["zh-CN", "en-US"])
def test_every_state_is_accessible_and_fits_a_small_phone(chromium: Browser, lite_site: Site, language: str) -> None:
    company(lite_site)
    context = phone_context(chromium, locale=language, bypass_csp=True)
    page = context.new_page()
    found = []
    for name, scene in all_scenes(lite_site).items():
        open_scene(page, scene)
        assert page.evaluate("document.body.dataset.state || ''") == scene.state, name
        found += [f"{name}: {problem}" for problem in inaccessible(page) + problems(page, name)]
    context.close()
    assert not found


def company(site: Site) -> None:
    """A company with a logo and a colour that cannot be read as it is."""
    site.world.ctx.write(settings.change, values={"colour": "#FFC800", "logo": logos.data_uri(png(300))})


def test_axe_would_find_what_is_wrong(chromium: Browser) -> None:
    context = phone_context(chromium)
    page = context.new_page()
    grey = "<p style='color:#bbb;background:#fff'>grey</p>"
    page.set_content(f"<html lang=zh><title>x</title><main><h1>x</h1><input>{grey}")
    found = " ".join(inaccessible(page))
    context.close()
    assert "label" in found
    assert "color-contrast" in found


def test_all_of_it_works_without_javascript(lite_site: Site, plain_phone: Page) -> None:
    site = lite_site
    url, number = somebody(site)
    plain_phone.goto(url)
    plain_phone.fill("#identity", number)
    plain_phone.click("#claim button")
    assert plain_phone.locator("body").get_attribute("data-state") == "claimed"
    assert plain_phone.locator(".code").inner_text() in site.world.codes
    assert plain_phone.locator("button[type=button]:visible").count() == 0  # those a script would serve
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


def test_a_top_up_is_confirmed_changed_and_reported_without_javascript(lite_site: Site, plain_phone: Page) -> None:
    site, page = lite_site, plain_phone
    product = site.world.product("top_up", account="phone")
    _campaign, grant, number = Stage(site).grant(product)
    page.goto(site.link(grant))
    page.fill("#identity", number)
    page.fill("#account", "13800138000")
    page.click("#claim button")
    assert page.locator("body").get_attribute("data-state") == "confirm"
    page.click("#edit button")
    assert page.locator("body").get_attribute("data-state") == "account"
    page.fill("#account", "13900139000")
    page.click("#claim button")
    page.click("#claim button")
    assert page.locator("body").get_attribute("data-state") == "pending"
    assert "139****9000" in page.locator(".unit").inner_text()
    page.click("#after button[value=report]")
    page.click("label.pick:has(input[value=not_credited])")
    page.fill("#note", "一小时了还没到")
    page.click("#report button")
    assert "正在处理" in page.locator(".box").inner_text()
    page.click("#claim button")
    assert page.locator("body").get_attribute("data-state") == "pending"


def test_a_receipt_prints_on_one_page_without_buttons(lite_site: Site, phone: Page) -> None:
    url, number = somebody(lite_site)
    lite_site.post(url, identity=number)
    open_scene(phone, Scene("receipt", url, {"identity": number, "show": "receipt"}))
    assert phone.locator("button.print").is_visible()
    phone.emulate_media(media="print")
    assert phone.locator("button:visible").count() == 0
    assert phone.locator(".paper").is_visible()
    document = pypdfium2.PdfDocument(phone.pdf(format="A4"))
    assert len(document) == 1
    printed = document[0].get_textpage().get_text_range()
    document.close()
    assert lite_site.reference(int_of(url, lite_site)) in printed
    assert not [secret for secret in lite_site.world.codes if secret in printed]


def int_of(url: str, site: Site) -> int:
    """The grant behind a link."""
    link = site.keys.check_link(url.rsplit("/", 1)[-1])
    assert link is not None
    return link.grant_id
