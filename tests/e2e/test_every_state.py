"""Every page in every state, on mocked answers: pictured in four looks, and nothing is wrong."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.support.browser import Tab, a_browser, a_tab
from tests.support.mocked_pages import STATES, State, served

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

MORNING = datetime(2026, 11, 28, 9, 29, 24, tzinfo=UTC)
"""The time of the mocked answers."""
KEEP = """
([world, kept]) => {
  localStorage.setItem("brightrun.mock", world);
  if (kept) sessionStorage.setItem(kept, "of the mocks");
}
"""


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
    opened = a_tab(browser, address, timezone_id="UTC")
    opened.page.set_default_timeout(60_000)
    yield opened
    opened.page.context.close()


def shown(tab: Tab, state: State) -> None:
    """Bring the state up."""
    page = tab.page
    page.clock.set_fixed_time(MORNING)
    kept = "brightrun.refresh" if state.by_password else "brightrun.key"
    page.add_init_script(f"({KEEP})({[state.world, kept if state.signed_in else '']!r})")
    page.goto(tab.url + state.path)
    page.locator(state.ready).filter(visible=True).first.wait_for()
    if state.world != "slow":
        page.wait_for_load_state("networkidle")
    if state.act:
        state.act(page)


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.name)
def test_nothing_is_wrong_with(state: State, tab: Tab) -> None:
    """Nothing serious is found by axe, nothing scrolls sideways, the console says nothing."""
    shown(tab, state)
    tab.see(f"states/{state.name}", whole=state.whole)
    expected = "Failed to load resource"  # what Chromium itself says of a refused answer

    assert tab.serious == []
    assert tab.sideways == []
    assert [line for line in tab.said if expected not in line] == []
