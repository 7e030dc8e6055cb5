"""A real Chromium for tests of the dashboard: found, watched, and asked what axe thinks."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright, Request

ROOT = Path(__file__).parents[2]
AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
SHOTS = ROOT / "web" / "screenshots" / "walk"
HOW_TO_INSTALL = (
    "no browser: `.venv/bin/playwright install chromium` installs one; or name one by CHROMIUM"
)
_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 900}


class NoBrowser(Exception):
    """There is none; the message says what installs one."""


def chromium_of(playwright: Playwright) -> str:
    """Return the browser to use: CHROMIUM, the system's, Playwright's own. Raises NoBrowser."""
    named = os.environ.get("CHROMIUM")
    own = playwright.chromium.executable_path
    for candidate in (named, *map(shutil.which, _NAMES), own):
        if candidate and Path(candidate).exists():
            return candidate
    raise NoBrowser(HOW_TO_INSTALL)


@contextmanager
def a_browser(playwright: Playwright) -> Iterator[Browser]:
    """A Chromium without a window."""
    arguments = ["--no-sandbox", "--disable-dev-shm-usage"]
    browser = playwright.chromium.launch(
        executable_path=chromium_of(playwright), args=arguments, timeout=120_000
    )
    yield browser
    browser.close()


@dataclass
class Tab:
    """One tab; what it says on its console and asks of the API is written down."""

    page: Page
    url: str
    said: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    serious: list[str] = field(default_factory=list)
    links: set[str] = field(default_factory=set)

    def see(self, name: str) -> None:
        """Take pictures, let axe look, and note where the links of this page lead."""
        self.page.wait_for_timeout(400)
        SHOTS.mkdir(parents=True, exist_ok=True)
        for size, viewport in (("desktop", DESKTOP), ("phone", PHONE)):
            self.page.set_viewport_size(viewport)  # type: ignore[arg-type]
            self.page.wait_for_timeout(300)
            self.page.screenshot(path=SHOTS / f"{name}-{size}.png", full_page=True)
            self._ask_axe(f"{name} on a {size}")
        self.page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]
        found = "all => all.map(a => a.href)"
        self.links |= set(self.page.eval_on_selector_all("a[href]", found))

    def _ask_axe(self, name: str) -> None:
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE.read_text())
        violations: list[dict[str, Any]] = self.page.evaluate(
            "() => Promise.race(["
            "axe.run(document).then(found => found.violations),"
            "new Promise((_, no) => setTimeout(() => no(new Error('axe is stuck')), 60000))])"
        )
        self.serious += [
            f"{name}: {one['id']} {one['nodes'][0]['target']}"
            for one in violations
            if one["impact"] in {"serious", "critical"}
        ]


def a_tab(browser: Browser, url: str, **options: Any) -> Tab:
    """Open a tab on the dashboard."""
    context = browser.new_context(
        viewport=DESKTOP,  # type: ignore[arg-type]
        reduced_motion="reduce",
        accept_downloads=True,
        **options,
    )
    context.set_default_timeout(120_000)
    tab = Tab(context.new_page(), url)
    tab.page.on("console", _noted(tab))
    tab.page.on("pageerror", lambda error: tab.said.append(str(error)))
    tab.page.on("request", _counted(tab))
    return tab


def _noted(tab: Tab) -> Callable[[ConsoleMessage], None]:
    return lambda message: tab.said.append(f"{message.type}: {message.text}")


def _counted(tab: Tab) -> Callable[[Request], None]:
    def count(request: Request) -> None:
        tab.asked.append(f"{request.method} {request.url.removeprefix(tab.url)}")

    return count
