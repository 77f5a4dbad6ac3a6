"""The tests' own tools do what they say."""

from __future__ import annotations

import threading

import pytest
from playwright.sync_api import Page
from sqlalchemy import text

from tests.support import leaks
from tests.support.waiting import wait_until
from welfare_desk.db.engine import open_engine


def test_each_database_is_fresh(database_url: str) -> None:
    engine = open_engine(database_url)
    with engine.begin() as connection:
        assert connection.execute(text("SELECT count(*) FROM person")).scalar_one() == 0
    engine.dispose()


def test_waiting_names_what_did_not_come() -> None:
    with pytest.raises(AssertionError, match="the parcel"):
        wait_until(lambda: False, 0.05, "the parcel")


def test_a_running_thread_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leaks, "GRACE_SECONDS", 0.05)
    stop = threading.Event()
    check = leaks.no_leaked_threads.__wrapped__()  # type: ignore[attr-defined]
    next(check)
    thread = threading.Thread(target=stop.wait, name="straggler", daemon=True)
    thread.start()
    with pytest.raises(AssertionError, match="straggler"):
        next(check, None)
    stop.set()
    thread.join()


@pytest.mark.browser
def test_a_phone_without_scripts_shows_a_page(plain_phone: Page) -> None:
    plain_phone.set_content("<h1>领取</h1><script>document.title='ran'</script>")
    assert plain_phone.locator("h1").inner_text() == "领取"
    assert plain_phone.title() == ""
    assert plain_phone.viewport_size == {"width": 360, "height": 640}
