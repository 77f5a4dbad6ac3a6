"""Pictures of every state of the claim page on a small phone, reached by its cause over HTTP."""

from __future__ import annotations

import time
from pathlib import Path
from urllib.parse import urlencode

from playwright.sync_api import Page, sync_playwright

from devtools import system
from tests.support.browsers import ARGUMENTS, PHONE
from tests.support.databases import migrate
from tests.support.world import open_world
from tests.web.scenes import Scene, all_scenes
from tests.web.site import serve
from welfare_desk.db.engine import sqlite_url

LOCALES = {"zh_CN": "zh-CN", "en": "en-US"}
OVERFLOW = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


def shoot(out: Path, language: str, theme: str) -> list[str]:
    """Saves a picture per state; names the pages that scroll sideways or have another state than they should."""
    data = Path.cwd()
    url = sqlite_url(data / "shots.db")
    migrate(url)
    world = open_world(url, data)
    world.clock.moment = time.time_ns() // 1_000_000
    problems: list[str] = []
    with serve(world) as site, sync_playwright() as playwright:
        scenes = all_scenes(site)
        browser = playwright.chromium.launch(executable_path=system.browser(), args=ARGUMENTS)
        phone = browser.new_context(
            viewport={"width": PHONE["width"], "height": PHONE["height"]},
            is_mobile=True,
            has_touch=True,
            locale=LOCALES[language],
            color_scheme="dark" if theme == "dark" else "light",
        )
        page = phone.new_page()
        for name, scene in scenes.items():
            open_scene(page, scene)
            page.screenshot(path=out / f"{name}.png", full_page=True)
            state = page.evaluate("document.body.dataset.state || ''")
            if state != scene.state:
                problems.append(f"{name}: state is {state}, not {scene.state}")
            if page.evaluate(OVERFLOW):
                problems.append(f"{name}: scrolls sideways")
        browser.close()
    world.ctx.engine.dispose()
    return problems


def open_scene(page: Page, scene: Scene) -> None:
    """Opens a scene; what is posted is posted by a form, as a phone does."""
    if scene.fields is None:
        page.goto(scene.url)
        return
    page.route(scene.url, lambda route: route.continue_(
        method="POST", post_data=urlencode(scene.fields or {}),
        headers={**route.request.headers, "content-type": "application/x-www-form-urlencoded"},
    ), times=1)  # fmt: skip
    page.goto(scene.url)
