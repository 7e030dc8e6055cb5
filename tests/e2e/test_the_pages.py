"""The dashboard in a real browser, from signing in to a downloaded model, with the real trainer."""

import hashlib
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Download, expect

from local.demo.data.build import FILE_NAME, write_dataset
from tests.support.browser.chromium import SHOTS, Tab, a_tab
from tests.support.stack.one_time_codes import one_time_code
from tests.support.stack.signing_in import enter, invited, see, sign_in, sign_out
from tests.support.stack.whole_stack import Whole

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

LONG = 900_000
PATIENCE_SECONDS = 300
PRICED_AT_ONCE = 7
"""The choice itself and one for each other preset and GPU: one round, not one per key."""
ADA, BOB, EVE = "ada@brightrun.test", "bob@brightrun.test", "eve@brightrun.test"
BAD = """\
{"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Yo"}]}
not json
{"messages": []}
"""


@dataclass
class Walk:
    """What was seen on the way."""

    tab: Tab
    told: dict[str, str] = field(default_factory=dict)
    curve: list[str] = field(default_factory=list)
    prices: list[str] = field(default_factory=list)
    estimates: int = 0
    downloads: dict[str, str] = field(default_factory=dict)
    checksums: dict[str, str] = field(default_factory=dict)


@pytest.fixture(scope="module")
def walk(whole: Whole, browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Walk:
    """Everything a person does with one dataset, in order."""
    folder = tmp_path_factory.mktemp("files")
    seen = Walk(a_tab(browser, whole.stack.settings.front_url))
    sign_in(seen.tab, ADA, invited(whole, ADA, "admin"))
    see(seen.tab, "home-empty")
    bring_a_bad_file(seen, folder)
    bring_a_good_file(seen, folder)
    configure_and_start(seen)
    train(seen)
    take_the_model(seen, folder)
    look_around(seen)
    return seen


def upload(tab: Tab, file: Path) -> None:
    tab.page.goto(f"{tab.url}/datasets/new")
    tab.page.locator("input[type=file]").set_input_files(file)
    tab.page.get_by_role("button", name="Upload and check").click()


def bring_a_bad_file(seen: Walk, folder: Path) -> None:
    file = folder / "bad.jsonl"
    file.write_text(BAD)
    upload(seen.tab, file)
    line = seen.tab.page.get_by_role("button", name="Show line 2").first
    line.wait_for(timeout=LONG)
    seen.told["bad file"] = seen.tab.page.locator("main").inner_text()
    see(seen.tab, "dataset-errors")


def bring_a_good_file(seen: Walk, folder: Path) -> None:
    upload(seen.tab, write_dataset(folder / FILE_NAME))
    seen.tab.page.get_by_role("link", name="Train on it").first.wait_for(timeout=LONG)
    seen.told["good file"] = seen.tab.page.locator("main").inner_text()
    see(seen.tab, "dataset-ready")


def configure_and_start(seen: Walk) -> None:
    page = seen.tab.page
    page.get_by_role("link", name="Train on it").first.click()
    start = page.get_by_role("button", name="Start training").first
    expect(start).to_be_enabled(timeout=LONG)
    seen.prices.append(start.inner_text())
    asked = len(seen.tab.asked)
    epochs = page.get_by_label("Epochs, as a number")
    for number in ("6", "4", "2"):
        epochs.fill(number)
        epochs.press("Enter")
    page.wait_for_timeout(700)
    expect(start).to_be_enabled(timeout=LONG)
    seen.estimates = sum("jobs/estimate" in one for one in seen.tab.asked[asked:])
    seen.prices.append(start.inner_text())
    see(seen.tab, "configure")
    start.click()
    page.wait_for_url("**/training/jobs/*-*", timeout=LONG)


def train(seen: Walk) -> None:
    page = seen.tab.page
    chart = page.locator("svg[role=img]").first
    chart.wait_for(timeout=LONG)
    seen.curve.append(chart.get_attribute("aria-label") or "")
    expect(chart).not_to_have_attribute("aria-label", seen.curve[0], timeout=LONG)
    page.reload()
    chart.wait_for(timeout=LONG)
    seen.curve.append(chart.get_attribute("aria-label") or "")
    see(seen.tab, "job-running")
    page.get_by_role("button", name="Pause").first.click()
    resume = page.get_by_role("button", name="Resume").first
    resume.wait_for(timeout=LONG)
    see(seen.tab, "job-paused")
    resume.click()
    page.get_by_role("link", name="Open the model").first.wait_for(timeout=LONG)
    seen.told["job"] = page.locator("main").inner_text()
    see(seen.tab, "job-done")
    seen.tab.small_picture("job")


def take_the_model(seen: Walk, folder: Path) -> None:
    page = seen.tab.page
    page.get_by_role("link", name="Open the model").first.click()
    page.get_by_role("button", name="Copy checksums").wait_for(timeout=LONG)
    see(seen.tab, "model")
    for row in page.locator("tr:has(td.hash)").all():
        name = row.locator("td").nth(1).inner_text().split()[0]
        seen.checksums[name] = row.locator("td.hash").get_attribute("title") or ""
    arrived: list[Download] = []
    page.on("download", lambda one: arrived.append(one))  # noqa: PLW0108 - Playwright takes no built-in
    page.get_by_role("button", name="Download").first.click()
    for _ in range(PATIENCE_SECONDS):
        if len(arrived) == len(seen.checksums):
            break
        page.wait_for_timeout(1000)
    for one in arrived:
        one.save_as(folder / one.suggested_filename)
        content = (folder / one.suggested_filename).read_bytes()
        seen.downloads[one.suggested_filename] = hashlib.sha256(content).hexdigest()


def look_around(seen: Walk) -> None:
    """The pages that tell what happened, and every link found on the way."""
    for name, path in (
        ("home", "/"),
        ("costs", "/costs"),
        ("notifications", "/notifications"),
        ("datasets", "/datasets"),
        ("jobs", "/training/jobs"),
        ("models", "/models"),
        ("api-keys", "/settings/api-keys"),
        ("limits", "/settings/limits"),
        ("admin", "/admin"),
    ):
        seen.tab.page.goto(f"{seen.tab.url}{path}")
        seen.tab.page.locator("main h1").first.wait_for()
        seen.tab.page.wait_for_timeout(1500)
        see(seen.tab, name)
        seen.told[name] = seen.tab.page.locator("main").inner_text()


def test_a_bad_file_is_told_line_by_line(walk: Walk) -> None:
    assert "2 of 3 rows cannot be trained on" in walk.told["bad file"]
    assert "this is not JSON" in walk.told["bad file"]


def test_one_price_is_asked_after_the_last_change(walk: Walk) -> None:
    before, after = walk.prices

    assert before != after
    assert 0 < walk.estimates <= PRICED_AT_ONCE


def test_the_curve_grew_and_was_there_after_a_reload(walk: Walk) -> None:
    assert len(set(walk.curve)) == 2
    assert all("loss" in said.lower() for said in walk.curve)


def test_the_downloaded_files_have_the_checksums_on_the_page(walk: Walk) -> None:
    assert len(walk.downloads) > 5
    assert walk.downloads == walk.checksums


def test_costs_and_notifications_tell_of_it(walk: Walk) -> None:
    assert "Training Complete" in walk.told["notifications"]
    assert "$" in walk.told["costs"]


def test_axe_finds_nothing_serious_and_the_console_is_silent(walk: Walk) -> None:
    assert walk.tab.serious == []
    assert walk.tab.sideways == []
    assert walk.tab.said == []


def test_every_link_leads_somewhere(walk: Walk, whole: Whole) -> None:
    own = sorted(link for link in walk.tab.links if link.startswith(walk.tab.url))
    lost = []
    for link in own:
        walk.tab.page.goto(link)
        walk.tab.page.wait_for_load_state()
        text = walk.tab.page.locator("body").inner_text()
        if "There is no such" in text:
            lost.append(link)

    assert len(own) > 15
    assert lost == []


def test_a_second_user_sees_nothing_of_it(whole: Whole, browser: Browser, walk: Walk) -> None:
    tab = a_tab(browser, whole.stack.settings.front_url)
    sign_in(tab, BOB, invited(whole, BOB))
    see(tab, "second-user-home")
    for path in ("/datasets", "/training/jobs", "/models"):
        tab.page.goto(f"{tab.url}{path}")
        tab.page.locator("main h1").first.wait_for()
        tab.page.wait_for_timeout(2000)
        assert FILE_NAME.removesuffix(".jsonl") not in tab.page.locator("main").inner_text()


def test_a_second_step_is_set_up_and_then_asked_for(whole: Whole, browser: Browser) -> None:
    tab = a_tab(browser, whole.stack.settings.front_url)
    page, password = tab.page, invited(whole, EVE)
    sign_in(tab, EVE, password)
    page.goto(f"{tab.url}/settings/second-step")
    page.get_by_role("button", name="Set it up").click()
    secret = page.get_by_label("The secret", exact=True).inner_text().replace(" ", "")
    see(tab, "second-step")
    page.get_by_label("The code it shows now").fill(one_time_code(secret, time.time()))
    page.get_by_role("button", name="Switch it on").click()
    page.get_by_role("button", name="Switch it off").wait_for()
    sign_out(tab)
    enter(tab, EVE, password)
    page.get_by_label("Code of your authenticator").fill(one_time_code(secret, time.time()))
    page.get_by_role("button", name="Sign in").click()

    page.get_by_role("link", name="Datasets").first.wait_for()
    assert tab.serious == []


def test_the_page_of_the_api_wears_the_same_clothes(whole: Whole, browser: Browser) -> None:
    """Its style, its theme and the dashboard's fonts arrive under a policy without exceptions."""
    tab = a_tab(browser, whole.stack.settings.front_url, color_scheme="dark")
    answer = tab.page.goto(f"{tab.url}/docs#create_job")
    tab.page.wait_for_load_state("networkidle")
    theme = tab.page.evaluate("document.documentElement.dataset.theme")
    fonts = tab.page.evaluate("[...document.fonts].filter(f => f.status === 'loaded').length")

    assert answer is not None
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert (theme, fonts) == ("dark", 3)
    expect(tab.page.locator("#create_job")).to_be_visible()
    see(tab, "docs")
    assert (tab.serious, tab.sideways, tab.said) == ([], [], [])


def test_signing_out_ends_it(walk: Walk) -> None:
    page = walk.tab.page
    page.goto(walk.tab.url)
    sign_out(walk.tab)
    page.goto(f"{walk.tab.url}/models")

    page.get_by_label("E-mail").wait_for()
    assert httpx.get(f"{walk.tab.url}/api/models").status_code == 401
    assert any(SHOTS.iterdir())
