"""What a person comes back to, against the running stack: a broken upload, a forgotten password."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Request, Route, expect

from brightrun.datasets.declaration import PARTS_ABOVE_BYTES
from tests.support.browser.chromium import Tab, a_tab
from tests.support.stack.signing_in import come_in, enter, invited, sign_out
from tests.support.stack.whole_stack import Whole

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

CAL, DEE = "cal@brightrun.test", "dee@brightrun.test"
CODE = "654321"
"""What the embedded user pool sends to everybody."""
NEW_PASSWORD = "A-new-one-1234567"  # pragma: allowlist secret
SECOND_PART = re.compile(r"partNumber=2(&|$)")


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file that goes up in parts: one row over and over."""
    row = b'{"prompt": "%s", "completion": "Ho"}\n' % (b"Hi " * 20_000)
    file = tmp_path_factory.mktemp("large") / "large.jsonl"
    file.write_bytes(row * (PARTS_ABOVE_BYTES // len(row) + 1))
    return file


def parts_of(tab: Tab) -> list[str]:
    """The parts that were sent from now on, in order."""
    sent: list[str] = []

    def note(request: Request) -> None:
        if request.method == "PUT" and "partNumber=" in request.url:
            sent.append(request.url.split("partNumber=")[1].split("&")[0])

    tab.page.on("request", note)
    return sent


def lose(route: Route) -> None:
    route.abort()


def broken_off(tab: Tab, file: Path) -> None:
    """Send the first part, lose the connection at the second, and close the tab."""
    page = tab.page
    page.route(SECOND_PART, lose)
    page.goto(f"{tab.url}/datasets/new")
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("button", name="Upload and check").click()
    page.get_by_text("Nothing is lost").wait_for()
    page.close()


def test_an_upload_goes_on_after_the_tab_was_closed(
    whole: Whole, browser: Browser, large: Path
) -> None:
    """In another browser even: what had arrived is not sent again."""
    url = whole.stack.settings.front_url
    password = invited(whole, CAL)
    first = a_tab(browser, url)
    come_in(first, CAL, password)
    before = parts_of(first)
    broken_off(first, large)

    again = a_tab(browser, url)
    page = again.page
    come_in(again, CAL, password)
    after = parts_of(again)
    page.get_by_role("link", name="Datasets").first.click()
    page.get_by_role("link", name="Go on").first.click()
    page.get_by_role("button", name="Go on").click()
    page.locator("input[type=file]").set_input_files(large)
    page.wait_for_url(re.compile(r"/datasets/[0-9a-f-]{36}$"))

    assert before[0] == "1"
    assert set(before[1:]) == {"2"}
    assert set(after) == {"2", "3", "4", "5"}


def test_a_forgotten_password_is_set_anew_and_the_old_one_opens_nothing(
    whole: Whole, browser: Browser
) -> None:
    tab = a_tab(browser, whole.stack.settings.front_url)
    page, old = tab.page, invited(whole, DEE)
    page.goto(tab.url)
    page.get_by_role("button", name="Forgotten").click()
    page.get_by_label("E-mail").fill(DEE)
    page.get_by_role("button", name="Send a code").click()
    page.get_by_text("a code is on its way").wait_for()
    page.get_by_label("Code").fill(CODE)
    page.get_by_label("New password").fill(NEW_PASSWORD)
    page.get_by_role("button", name="Set the password and sign in").click()
    page.get_by_role("link", name="Datasets").first.wait_for()
    sign_out(tab)
    enter(tab, DEE, old)

    expect(page.get_by_text("E-mail or password is wrong.")).to_be_visible()
    page.get_by_label("Password").fill(NEW_PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name="Datasets").first.wait_for()
