"""A job that said twenty thousand lines: what is out of sight costs nothing and comes back."""

import pytest
from playwright.sync_api import expect

from tests.support.browser.chromium import Tab
from tests.support.browser.mocked_pages import State
from tests.support.browser.mocked_tabs import MORNING, show

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

LOG = State("log", "/training/jobs/job-running?tab=log", "many")
PAGES, A_PAGE = 15, 100
DRAWN = "document.querySelectorAll('.log > li').length"


def test_only_the_lines_near_the_screen_are_drawn(tab: Tab) -> None:
    tab.page.clock.set_fixed_time(MORNING)
    page = show(tab, LOG)
    page.get_by_text("line 20000:").wait_for()
    for seen in range(1, PAGES):
        page.get_by_role("button", name="Show more").click()
        page.get_by_text(f"line {20_000 - seen * A_PAGE}:").wait_for()
    page.evaluate("window.scrollTo(0, document.documentElement.scrollHeight)")
    page.wait_for_function(f"{DRAWN} < {PAGES * A_PAGE // 2}")
    height = page.evaluate("document.documentElement.scrollHeight")
    page.evaluate("window.scrollTo(0, 0)")

    expect(page.get_by_text("line 20000:")).to_be_visible(timeout=60_000)
    assert page.evaluate(DRAWN) < PAGES * A_PAGE // 2
    assert abs(page.evaluate("document.documentElement.scrollHeight") - height) < 50
