"""Every page in every state, on mocked answers: pictured in four looks, and nothing is wrong."""

import pytest

from tests.support.browser.chromium import Tab
from tests.support.browser.mocked_pages import STATES, State
from tests.support.browser.mocked_tabs import MORNING, show

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.name)
def test_nothing_is_wrong_with(state: State, tab: Tab) -> None:
    """Nothing serious is found by axe, nothing scrolls sideways, the console says nothing."""
    tab.page.clock.set_fixed_time(MORNING)
    show(tab, state)
    tab.see(f"states/{state.name}", whole=state.whole)
    expected = "Failed to load resource"  # what Chromium itself says of a refused answer

    assert tab.serious == []
    assert tab.sideways == []
    assert tab.broken == []
    assert [line for line in tab.said if expected not in line] == []
