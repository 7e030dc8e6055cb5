"""Each page by the Tab key alone: everything is reached, in order, and one sees where one is."""

from typing import Any

import pytest

from tests.support.browser.chromium import Tab
from tests.support.browser.mocked_pages import STATES
from tests.support.browser.mocked_tabs import MORNING, show

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

MOST_STOPS = 250
PATIENT_WALKS = 3
ASKED_ANEW_MS = 1000
"""Leaving a number asks for the price anew, and until it is there nothing can be started."""
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


def a_walk(tab: Tab) -> tuple[list[str], list[dict[str, Any]]]:
    """Return what can be pressed now, by its words, and where Tab led from the top of the page."""
    names: list[str] = tab.page.evaluate(STOPS)
    tab.page.evaluate(BEGIN)
    return names, walked(tab)


def missed(names: list[str], stops: list[dict[str, Any]]) -> list[str]:
    order = {one["at"] for one in stops}
    return [words for at, words in enumerate(names) if at not in order]


@pytest.mark.parametrize("name", PAGES)
def test_everything_is_reached_and_seen_by_tab_alone(name: str, tab: Tab) -> None:
    tab.page.clock.set_fixed_time(MORNING)
    page = show(tab, ALL[name])
    names, stops = a_walk(tab)
    for _ in range(PATIENT_WALKS):
        if not missed(names, stops):
            break
        page.wait_for_timeout(ASKED_ANEW_MS)
        names, stops = a_walk(tab)
    order = [one["at"] for one in stops if one["at"] is not None]

    assert missed(names, stops) == []
    assert order == sorted(order)
    assert [one["name"] for one in stops if not (one["ringed"] and one["inside"])] == []
