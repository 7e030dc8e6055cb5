"""Each page by the Tab key alone: everything is reached, in order, and one sees where one is."""

from typing import Any

import pytest

from tests.support.browser.chromium import Tab
from tests.support.browser.mocked_pages import STATES
from tests.support.browser.mocked_tabs import MORNING, show

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

MOST_STOPS = 250
PAGES = (
    "sign-in", "home", "home-empty", "datasets", "dataset-chosen", "import", "dataset-errors",
    "configure-more", "jobs", "job-running", "job-failed", "model-better", "costs",
    "notifications-ways", "api-keys", "limits", "second-step-secret", "admin-users", "admin-user",
    "admin-user-exported", "admin-catalogue-push", "your-data", "no-such-page",
)  # fmt: skip
"""One state of each page, the one in which most can be pressed."""
ALL = {state.name: state for state in STATES}
STOPS = """
() => {
  const PRESSED = "a[href], button, input, select, textarea, summary, [tabindex]";
  const HANDS_ON = "[role=tablist], [role=radiogroup]"; // the focus, to one of theirs
  return [...document.querySelectorAll(PRESSED)]
    .filter(one => one.tabIndex >= 0 && !one.disabled && !one.matches(HANDS_ON))
    .filter(one => one.checkVisibility({ visibilityProperty: true }))
    .map((one, at) => {
      one.dataset.stop = at;
      return one.ariaLabel || one.textContent.trim() || one.tagName;
    });
}
"""
BEGIN = """
() => {
  const top = document.createElement("span");
  top.tabIndex = -1;
  document.body.prepend(top);
  top.focus();
}
"""
WHERE = """
() => {
  const one = document.activeElement;
  if (!one || one === document.body) return null;
  const style = getComputedStyle(one.closest(".dropzone") ?? one);
  const box = one.getBoundingClientRect();
  const ringed = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  const inside = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
  const name = one.ariaLabel || one.textContent.trim() || one.tagName;
  const at = one.dataset.stop === undefined ? null : Number(one.dataset.stop);
  return { at, name, ringed, inside };
}
"""


def walked(tab: Tab) -> list[dict[str, Any]]:
    """Every stop of the Tab key from the top of the page to its end."""
    stops: list[dict[str, Any]] = []
    for _ in range(MOST_STOPS):
        tab.page.keyboard.press("Tab")
        here = tab.page.evaluate(WHERE)
        if here is None:
            break
        stops.append(here)
    return stops


@pytest.mark.parametrize("name", PAGES)
def test_everything_is_reached_and_seen_by_tab_alone(name: str, tab: Tab) -> None:
    tab.page.clock.set_fixed_time(MORNING)
    page = show(tab, ALL[name])
    names = page.evaluate(STOPS)
    page.evaluate(BEGIN)
    stops = walked(tab)
    order = [one["at"] for one in stops if one["at"] is not None]

    assert [words for at, words in enumerate(names) if at not in order] == []
    assert order == sorted(order)
    assert [one["name"] for one in stops if not (one["ringed"] and one["inside"])] == []
