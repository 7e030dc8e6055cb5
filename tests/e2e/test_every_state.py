"""Every page in every state, on mocked answers: pictured in four looks, and nothing is wrong."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.support.browser import Tab, a_browser
from tests.support.mocked_pages import STATES, State, served
from tests.support.mocked_tabs import MORNING, a_mocked_tab, show

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with served() as found:
        yield found


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright, a_browser(playwright) as found:
        yield found


@pytest.fixture
def tab(browser: Browser, address: str) -> Iterator[Tab]:
    with a_mocked_tab(browser, address) as opened:
        yield opened


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.name)
def test_nothing_is_wrong_with(state: State, tab: Tab) -> None:
    """Nothing serious is found by axe, nothing scrolls sideways, the console says nothing."""
    tab.page.clock.set_fixed_time(MORNING)
    show(tab, state)
    tab.see(f"states/{state.name}", whole=state.whole)
    expected = "Failed to load resource"  # what Chromium itself says of a refused answer

    assert tab.serious == []
    assert tab.sideways == []
    assert [line for line in tab.said if expected not in line] == []
