"""The pages without a pointer, and what they ask of the API while nobody looks."""

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser.chromium import Tab
from tests.support.browser.mocked_pages import State
from tests.support.browser.mocked_tabs import MORNING, show

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

RUNNING = State("running", "/training/jobs/job-running")
COMPLETED = State("completed", "/training/jobs/job-claims")
KEYS = State("keys", "/settings/api-keys")
CONFIGURE = State("configure", "/training/configure?dataset=ds-claims")
HIDE = """
Object.defineProperty(document, "visibilityState", { value: "hidden", configurable: true });
document.dispatchEvent(new Event("visibilitychange"));
"""

UNNAMED = """
all => all.filter(one => one.offsetParent && !one.ariaLabel && !one.innerText.trim()).length
"""


def pressed(page: Page, name: str, *keys: str) -> None:
    """Reach a button as a keyboard does, and press it."""
    page.get_by_role("button", name=name).filter(visible=True).first.focus()
    for key in keys:
        page.keyboard.press(key)


def test_the_first_stop_is_a_way_past_the_bar(tab: Tab) -> None:
    page = show(tab, RUNNING)
    page.keyboard.press("Tab")

    expect(page.get_by_role("link", name="Skip to the page")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()


def test_cancelling_begins_at_the_harmless_button_and_gives_the_focus_back(tab: Tab) -> None:
    page = show(tab, RUNNING)
    pressed(page, "Cancel job", "Enter")
    expect(page.get_by_role("button", name="Keep training")).to_be_focused()

    page.keyboard.press("Escape")
    expect(page.get_by_role("alertdialog")).to_have_count(0)
    expect(page.get_by_role("button", name="Cancel job").first).to_be_focused()


def test_a_dialog_keeps_the_focus_inside_until_it_closes(tab: Tab) -> None:
    page = show(tab, KEYS)
    pressed(page, "New key", "Enter")
    expect(page.get_by_role("textbox", name="Name")).to_be_focused()
    for _ in range(12):
        page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('[role=dialog]').contains(document.activeElement)")

    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="New key").first).to_be_focused()


def test_the_account_menu_opens_and_closes_where_it_was(tab: Tab) -> None:
    page = show(tab, KEYS)
    pressed(page, "Account", "Enter", "ArrowDown")
    expect(page.get_by_role("menu")).to_be_visible()

    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Account")).to_be_focused()


def test_tabs_go_by_arrows_and_stand_in_the_address(tab: Tab) -> None:
    page = show(tab, RUNNING)
    page.get_by_role("tab", name="Loss").focus()
    page.keyboard.press("ArrowRight")

    expect(page.get_by_role("tab", name="Learning rate")).to_be_focused()
    expect(page).to_have_url(f"{tab.url}{RUNNING.path}?tab=rate")
    page.reload()
    expect(page.get_by_role("tab", name="Learning rate")).to_have_attribute("aria-selected", "true")


def test_a_slider_goes_by_arrows_and_to_its_ends(tab: Tab) -> None:
    page = show(tab, CONFIGURE)
    slider = page.get_by_role("slider", name="Epochs")
    slider.focus()
    page.keyboard.press("ArrowRight")
    expect(slider).to_have_attribute("aria-valuetext", "4")
    page.keyboard.press("End")
    expect(slider).to_have_attribute("aria-valuetext", "10")
    page.keyboard.press("Home")
    expect(slider).to_have_attribute("aria-valuetext", "1")


def test_how_a_job_stands_is_a_status_and_every_button_says_of_what(tab: Tab) -> None:
    page = show(tab, RUNNING)
    unnamed = page.locator("button, a[href]").evaluate_all(UNNAMED)

    expect(page.get_by_role("status").filter(has_text="Training, step 2,310")).to_have_count(1)
    assert unnamed == 0


def asked_during(tab: Tab, seconds: int) -> int:
    """How often the API was asked while so much time passed on the page's clock."""
    before = len(tab.asked)
    for _ in range(seconds):
        tab.page.clock.run_for(1000)
    tab.page.wait_for_timeout(300)
    return sum("/api/" in one for one in tab.asked[before:])


def test_a_running_job_is_asked_about_until_nobody_looks(tab: Tab) -> None:
    tab.page.clock.install(time=MORNING)
    show(tab, RUNNING)
    seen = asked_during(tab, 12)
    tab.page.evaluate(HIDE)

    assert seen >= 2
    assert asked_during(tab, 90) == 0


def test_a_job_that_has_ended_is_not_asked_about(tab: Tab) -> None:
    tab.page.clock.install(time=MORNING)
    show(tab, COMPLETED)
    asked = len(tab.asked)
    asked_during(tab, 50)

    assert [one for one in tab.asked[asked:] if "/api/jobs" in one] == []
