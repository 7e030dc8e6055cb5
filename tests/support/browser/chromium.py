"""A real Chromium for tests of the dashboard: found, watched, and asked what axe thinks."""

import os
import shutil
from base64 import b64decode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright, Request, ViewportSize

ROOT = Path(__file__).parents[3]
RULES = Path(__file__).parent / "page_rules.js"
AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
SHOTS = ROOT / "web" / "screenshots"
HOW_TO_INSTALL = (
    "no browser: `.venv/bin/playwright install chromium` installs one; or name one by CHROMIUM"
)
_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
PHONE: ViewportSize = {"width": 390, "height": 844}
DESKTOP: ViewportSize = {"width": 1440, "height": 900}
SIZES = {"desktop": DESKTOP, "phone": PHONE}
BETWEEN = (1040, 640)
"""Where the columns change, and a screen at twice its size."""
SETTLE_MS = 150
ASK_AXE = """
async (rules) => {
  const only = rules.length > 0 ? { runOnly: { type: "rule", values: rules } } : {};
  const options = { resultTypes: ["violations"], preload: false, ...only };
  return (await axe.run(document, options)).violations;
}
"""
"""Without its preload, which waits for files of the page and can wait for ever."""
COLOURS = ("color-contrast", "link-in-text-block")
"""What axe says of a theme; the rest does not change with it."""


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
    sideways: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    """Rules of page_rules.js that do not hold."""
    links: set[str] = field(default_factory=set)

    def see(self, name: str, *, whole: bool = True) -> None:
        """Take pictures in four looks, let axe look at each, and note where the links lead."""
        for size, viewport in SIZES.items():
            self.page.set_viewport_size(viewport)
            self.page.wait_for_timeout(SETTLE_MS)
            self._measure(f"{name} on a {size}")
            for theme in ("light", "dark"):
                self.page.evaluate(f"document.documentElement.dataset.theme = '{theme}'")
                self._picture(f"{name}-{size}-{theme}", viewport if whole else None)
                self._ask_axe(f"{name} on a {size}, {theme}", () if theme == "light" else COLOURS)
        self.page.evaluate("document.documentElement.dataset.theme = 'light'")
        for width in BETWEEN:
            self.page.set_viewport_size({"width": width, "height": DESKTOP["height"]})
            self.page.wait_for_timeout(SETTLE_MS)
            self._measure(f"{name} at {width} px")
        self.page.set_viewport_size(DESKTOP)
        found = "all => all.map(a => a.href)"
        self.links |= set(self.page.eval_on_selector_all("a[href]", found))

    def small_picture(self, name: str) -> None:
        """Take a small picture of the first screen, for a page of words."""
        self.page.set_viewport_size({"width": 1200, "height": 900})
        self.page.mouse.move(0, 0)
        self.page.evaluate("window.scrollTo(0, 0)")
        self.page.wait_for_timeout(SETTLE_MS)
        devtools = self.page.context.new_cdp_session(self.page)
        taken = devtools.send("Page.captureScreenshot", {"format": "webp", "quality": 80})
        (SHOTS / f"{name}.webp").write_bytes(b64decode(taken["data"]))
        self.page.set_viewport_size(DESKTOP)

    def _measure(self, name: str) -> None:
        root = "document.documentElement"
        wide = self.page.evaluate(f"{root}.scrollWidth - {root}.clientWidth")
        if wide > 0:
            self.sideways.append(f"{name}: {wide} px")
        self.broken += [f"{name}: {one}" for one in self.page.evaluate(RULES.read_text())]

    def _picture(self, name: str, viewport: ViewportSize | None) -> None:
        """The page as one tall screen, so that what is fixed to the foot stands at the foot."""
        if viewport:
            height = self.page.evaluate("document.documentElement.scrollHeight")
            tall = max(viewport["height"], height)
            self.page.set_viewport_size({"width": viewport["width"], "height": tall})
        self.page.wait_for_timeout(SETTLE_MS)
        path = SHOTS / f"{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=path)
        if viewport:
            self.page.set_viewport_size(viewport)

    def _ask_axe(self, name: str, rules: tuple[str, ...]) -> None:
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE.read_text())
        violations: list[dict[str, Any]] = self.page.evaluate(ASK_AXE, list(rules))
        self.serious += [
            f"{name}: {one['id']} {one['nodes'][0]['target']}"
            for one in violations
            if one["impact"] in {"serious", "critical"}
        ]


def a_tab(browser: Browser, url: str, **options: Any) -> Tab:
    """Open a tab on the dashboard."""
    context = browser.new_context(
        viewport=DESKTOP,
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
