"""Tabs on the mocked pages, in the world and at the time that a test wants."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from playwright.sync_api import Browser, Page

from tests.support.browser.chromium import Tab, a_tab
from tests.support.browser.mocked_pages import State

MORNING = datetime(2026, 11, 28, 9, 29, 24, tzinfo=UTC)
"""The time of the mocked answers."""
_KEEP = """
([world, kept]) => {
  localStorage.setItem("brightrun.mock", world);
  if (kept) sessionStorage.setItem(kept, "of the mocks");
}
"""


@contextmanager
def a_mocked_tab(browser: Browser, address: str) -> Iterator[Tab]:
    """A tab of its own, closed at the end."""
    tab = a_tab(browser, address, timezone_id="UTC")
    tab.page.set_default_timeout(60_000)
    yield tab
    tab.page.context.close()


def show(tab: Tab, state: State) -> Page:
    """Bring a state up; the clock is the test's own."""
    page = tab.page
    kept = "brightrun.refresh" if state.by_password else "brightrun.key"
    page.add_init_script(f"({_KEEP})({[state.world, kept if state.signed_in else '']!r})")
    page.goto(tab.url + state.path)
    page.locator(state.ready).filter(visible=True).first.wait_for()
    if state.world != "slow":
        page.wait_for_load_state("networkidle")
    if state.act:
        state.act(page)
    return page
