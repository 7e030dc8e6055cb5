"""The curve of a job for who sees no colours, and for who sees no curve."""

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser.chromium import SHOTS, Tab
from tests.support.browser.mocked_pages import State
from tests.support.browser.mocked_tabs import show

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

COMPLETED = State("completed", "/training/jobs/job-claims")
"""With both losses and the base model's."""
STROKE = """
name => [...document.querySelectorAll("svg[role=img] :is(path, line)")]
  .filter(one => one.getAttribute("stroke") === `var(--ch-${name})`)
  .map(one => [one.getAttribute("stroke-dasharray") ?? "whole", one.getAttribute("stroke-width")])
"""
POINTS = """
() => [...document.querySelectorAll("svg[role=img] path")]
  .find(one => one.getAttribute("stroke") === "var(--ch-train)")
  .getAttribute("d").split(/[ML]/).length - 1
"""


def _strokes(page: Page, name: str) -> list[list[str]]:
    found: list[list[str]] = page.evaluate(STROKE, name)
    return found


def test_its_lines_are_told_apart_without_colour(tab: Tab) -> None:
    """By dash, width and marks; the picture is for who wants to see it."""
    page = show(tab, COMPLETED)
    devtools = page.context.new_cdp_session(page)
    devtools.send("Emulation.setEmulatedVisionDeficiency", {"type": "achromatopsia"})
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.locator("svg[role=img]").first.screenshot(path=SHOTS / "curve-without-colour.png")
    told = [tuple(_strokes(page, name)[0]) for name in ("train", "held", "base")]
    rings = page.locator('svg[role=img] circle[stroke="var(--ch-held)"]').count()

    assert len(set(told)) == 3
    assert told[2][0] != "whole"
    assert rings == 3


def test_loss_is_defined_under_it_and_its_table_has_the_same_numbers(tab: Tab) -> None:
    page = show(tab, COMPLETED)
    drawn = page.evaluate(POINTS)
    said = page.locator("svg[role=img]").first.get_attribute("aria-label") or ""
    page.get_by_role("button", name="Show as table").first.click()
    rows = page.get_by_role("region", name="The chart's numbers").locator("tbody tr")

    expect(page.get_by_text("mean negative log-likelihood per trained token")).to_be_visible()
    assert rows.count() == drawn
    assert rows.first.locator("td").nth(2).inner_text()[:4] in said
    assert rows.last.locator("td").nth(3).inner_text()[:4] in said
