"""The same page after a reload, by Back and on another device."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.browser.chromium import Tab
from tests.support.browser.mocked_pages import State
from tests.support.browser.mocked_tabs import MORNING, a_mocked_tab, show

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


def _press(name: str | re.Pattern[str], role: Any = "button") -> Callable[[Page], None]:
    return lambda page: page.get_by_role(role, name=name).filter(visible=True).first.click()


def _pressed(name: str | re.Pattern[str]) -> Callable[[Page], None]:
    return lambda page: expect(page.get_by_role("button", name=name).first).to_have_attribute(
        "aria-pressed", "true"
    )


def _line(number: str) -> Callable[[Page], None]:
    return lambda page: expect(page.get_by_label("Line", exact=True)).to_have_value(number)


def _tab_is(name: str) -> Callable[[Page], None]:
    return lambda page: expect(page.get_by_role("tab", name=name)).to_have_attribute(
        "aria-selected", "true"
    )


UNREAD = re.compile("^Unread")
KEPT = {
    "a filter": ("/datasets", _press("Ready"), _pressed("Ready")),
    "a status": ("/training/jobs", _press("Failed"), _pressed("Failed")),
    "an order": ("/models", _press("Quality"), _pressed("Quality")),
    "a span": ("/costs", _press("1 year"), _pressed("1 year")),
    "a line": ("/datasets/ds-errors", _press("Show line 9"), _line("9")),
    "a tab": ("/training/jobs/job-running", _press("Log", "tab"), _tab_is("Log")),
    "what is unread": ("/notifications", _press(UNREAD), _pressed(UNREAD)),
}


@pytest.mark.parametrize("what", KEPT)
def test_is_there_after_a_reload_and_on_another_device(
    what: str, tab: Tab, browser: Browser, address: str
) -> None:
    path, choose, is_kept = KEPT[what]
    tab.page.clock.set_fixed_time(MORNING)
    page = show(tab, State(what, path))
    choose(page)
    is_kept(page)
    page.reload()
    is_kept(page)

    with a_mocked_tab(browser, address) as other:
        other.page.clock.set_fixed_time(MORNING)
        is_kept(show(other, State(what, page.url.removeprefix(tab.url))))


def test_back_gives_the_filter_that_was_left(tab: Tab) -> None:
    page = show(tab, State("jobs", "/training/jobs"))
    _press("Failed")(page)
    page.locator("tbody a.name").first.click()
    page.wait_for_url("**/training/jobs/job-failed")
    page.go_back()

    _pressed("Failed")(page)
    expect(page.locator("tbody tr")).to_have_count(1)
