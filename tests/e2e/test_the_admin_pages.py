"""The pages of administrators against the running stack: each shown, each deed done and undone.

Nobody else sees anything of them: not by the page, and not by the API behind it.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from brightrun.client import BrightRun
from tests.support.browser.chromium import Tab, a_tab
from tests.support.stack.signing_in import come_in, invited
from tests.support.stack.whole_stack import Whole

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

ROOT, BEN = "root@brightrun.test", "ben@brightrun.test"
ROW = '{"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Ho"}]}\n'
TABS = ("overview", "gpus", "users", "functions", "catalogue", "unreadable")


@dataclass
class Met:
    """An administrator and a user who has a dataset, a deleted one and a key."""

    root: Tab
    ben: Tab
    ben_id: str
    key: str
    url: str
    shown: dict[str, str] = field(default_factory=dict)

    def status_with_key(self, path: str) -> int:
        sent = {"Authorization": f"Bearer {self.key}"}
        return httpx.get(f"{self.url}{path}", headers=sent, timeout=60).status_code


@pytest.fixture(scope="module")
def met(whole: Whole, browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Met]:
    url = whole.stack.settings.front_url
    ben, root = a_tab(browser, url), a_tab(browser, url)
    come_in(ben, BEN, invited(whole, BEN))
    key = a_key(ben)
    with BrightRun(url, key) as api:
        who = api.stage.identity().user_id
        file = tmp_path_factory.mktemp("ben") / "rows.jsonl"
        file.write_text(ROW)
        api.datasets.delete(api.upload(file, name="First try").dataset.id)
    come_in(root, ROOT, invited(whole, ROOT, "admin"))
    yield Met(root, ben, who, key, url)
    for tab in (ben, root):
        tab.page.context.close()


def a_key(tab: Tab) -> str:
    page = tab.page
    page.goto(f"{tab.url}/settings/api-keys")
    page.get_by_role("button", name="New key").filter(visible=True).first.click()
    page.get_by_role("dialog").get_by_label("Name").fill("Nightly")
    page.get_by_role("button", name="Make the key").click()
    return page.get_by_label("The key “Nightly”").inner_text()


def ask(page: Page, button: str, act: str) -> None:
    """Press what asks first, and say yes."""
    page.get_by_role("button", name=button).filter(visible=True).first.click()
    page.get_by_role("alertdialog").get_by_role("button", name=act, exact=True).click()
    page.get_by_role("alertdialog").wait_for(state="detached")


def opened(met: Met, tab: str = "access") -> Page:
    page = met.root.page
    page.goto(f"{met.url}/admin/users/{met.ben_id}?tab={tab}")
    page.get_by_role("heading", name=BEN).wait_for()
    return page


def test_whoever_is_no_administrator_gets_nothing(met: Met) -> None:
    """The page asks for nothing, and whoever asks all the same is refused at each address."""
    page = met.ben.page
    asked = len(met.ben.asked)
    for path in ("/admin", f"/admin/users/{met.ben_id}"):
        page.goto(f"{met.url}{path}")
        expect(page.get_by_role("alert")).to_contain_text("You may not see this.")
    described = json.loads(Path("docs/openapi.json").read_text())["paths"]
    reading = [path for path, calls in described.items() if "/admin/" in path and "get" in calls]
    answers = {met.status_with_key(path.replace("{user_id}", met.ben_id)) for path in reading}

    assert [one for one in met.ben.asked[asked:] if "/api/admin/" in one] == []
    assert len(reading) >= 11
    assert answers == {403}


def test_every_part_of_the_administration_is_there(met: Met) -> None:
    page = met.root.page
    for tab in TABS:
        page.goto(f"{met.url}/admin?tab={tab}")
        page.locator("main .say[role=status]").wait_for()
        expect(page.get_by_role("alert")).to_have_count(0)
        met.shown[tab] = page.locator("main").inner_text()

    assert met.ben_id in met.shown["users"]
    assert "Everything that waits for work can be read." in met.shown["unreadable"]
    assert "GPU types" in met.shown["catalogue"]


def test_a_key_of_another_user_is_revoked_and_opens_nothing(met: Met) -> None:
    before = met.status_with_key("/api/datasets")
    page = opened(met)
    ask(page, "Revoke “Nightly”", "Revoke key")
    expect(page.get_by_text("Revoked", exact=True)).to_be_visible()

    assert (before, met.status_with_key("/api/datasets")) == (200, 401)


def test_a_user_is_shut_out_and_let_in_again(met: Met) -> None:
    page = opened(met)
    ask(page, "Shut out", "Shut out")
    expect(page.locator("main .say")).to_contain_text("Shut out since")
    met.ben.page.goto(f"{met.url}/datasets")
    met.ben.page.get_by_label("E-mail").wait_for()
    page.get_by_role("button", name="Let in again").filter(visible=True).first.click()

    expect(page.locator("main .say")).to_contain_text("May come in")
    page.get_by_role("tab", name="Audit trail").click()
    expect(page.locator("td b", has_text="Shut out")).to_be_visible()
    expect(page.get_by_text("API key revoked")).to_be_visible()


def test_a_users_data_is_taken_out_and_what_they_deleted_is_erased(met: Met) -> None:
    page = opened(met, "data")
    page.get_by_role("button", name="Gather everything").click()
    page.get_by_text(re.compile(r"\d+ records? and \d+ files?\.$")).wait_for()
    with page.expect_download() as saving:
        page.get_by_role("button", name="Save the records").click()
    kinds = {json.loads(line)["kind"] for line in saving.value.path().read_text().splitlines()}
    ask(page, "Erase now: “First try”", "Erase now")

    assert {"api_key", "dataset"} <= kinds
    expect(page.get_by_text("will be gone within a minute").first).to_be_visible()


def test_another_catalogue_is_pushed_and_told_among_the_versions(met: Met) -> None:
    page = met.root.page
    page.goto(f"{met.url}/admin?tab=catalogue")
    page.get_by_role("button", name="Push another").click()
    text = page.get_by_role("textbox", name="The catalogue, as JSON")
    text.fill(text.input_value().replace("Fastest available", "The fastest there is"))
    expect(page.get_by_text("1 change against the one that holds")).to_be_visible()
    ask(page, "Push it", "Push it")
    page.get_by_text("Version 1 is pushed").first.wait_for()
    page.get_by_role("button", name="1 change").first.click()

    expect(page.get_by_text("The fastest there is").first).to_be_visible()


def test_a_user_is_erased_when_the_words_are_typed(met: Met) -> None:
    page = opened(met, "data")
    page.get_by_role("button", name="Erase this user").click()
    page.get_by_role("alertdialog").get_by_role("textbox").fill("erase everything")
    page.get_by_role("button", name="Erase everything").click()

    expect(page.locator("main .say")).to_contain_text(re.compile("erased|Erased"))
    assert met.root.said == []
