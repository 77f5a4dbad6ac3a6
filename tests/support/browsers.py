"""A real Chromium of the size of a small phone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from devtools import system

PHONE = {"width": 360, "height": 640}
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--no-first-run",
    "--hide-scrollbars",
]


# One per module, not per run: while it is open, its event loop counts as running in this thread.
@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The system's Chromium; one per test module."""
    program = system.browser()
    assert program, "Chromium is missing: python3 dev.py test says how to install it"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield browser
        browser.close()


def phone_context(chromium: Browser, **options: Any) -> BrowserContext:
    """A fresh phone: 360 × 640, touch, Chinese unless `locale` says otherwise; pass java_script_enabled=False etc."""
    settings: dict[str, Any] = {"viewport": PHONE, "is_mobile": True, "has_touch": True, "locale": "zh-CN"}
    return chromium.new_context(**{**settings, **options})


@pytest.fixture
def phone(chromium: Browser) -> Iterator[Page]:
    """A page on a fresh phone, in Chinese, with JavaScript."""
    context = phone_context(chromium)
    yield context.new_page()
    context.close()


@pytest.fixture
def plain_phone(chromium: Browser) -> Iterator[Page]:
    """A page on a fresh phone, in Chinese, without JavaScript."""
    context = phone_context(chromium, java_script_enabled=False)
    yield context.new_page()
    context.close()
