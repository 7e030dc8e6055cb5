"""The whole stack for tests: the embedded AWS, the stand-in for RunPod, the real worker."""

import shutil
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from brightrun.client import BrightRun
from local import stack
from local.settings import LocalSettings, read_settings
from tests.support.browser.chromium import Tab, a_browser
from tests.support.browser.mocked_pages import served
from tests.support.browser.mocked_tabs import a_mocked_tab
from tests.support.stack.ports import free_ports
from tests.support.stack.whole_stack import Whole

PATIENCE_MS = 60_000
"""A machine on which all cores are busy is no reason to fail."""
# A checkpoint every few seconds, so that a worker killed early has one to go on from.
WORKER = (
    "/usr/bin/env",
    "BRIGHTRUN_CHECKPOINT_SECONDS=3",
    sys.executable,
    "-u",
    "-m",
    "trainer_image.handler",
)

PATIENCE_MS = 120_000
"""Both cores may be busy with other tests."""


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Whole]:
    """Start everything once; it ends with the tests, also when they are killed."""
    cached = read_settings({})
    served = stack.demo_base_model(cached)
    settings = _own(cached, tmp_path_factory.mktemp("stack"), served.folder)
    own = replace(served, folder=settings.models / served.folder.relative_to(cached.models))
    try:
        running = stack.up(settings, [own], leashed=True, worker=WORKER)
        key = {"Authorization": f"Bearer {running.credentials.runpod_key}"}
        with httpx.Client(base_url=settings.runpod_url, headers=key, timeout=10) as standin:
            quick = {"lost_seconds": 5, "ping_ms": 1000}
            standin.patch("/_standin/settings", json=quick).raise_for_status()
            with BrightRun(settings.front_url, running.credentials.api_key) as api:
                yield Whole(running, api, standin, own.folder)
    finally:
        stack.down(settings)


def _own(cached: LocalSettings, home: Path, model: Path) -> LocalSettings:
    """Ports and a home of its own, with a copy of the base model that was built before."""
    front, aws, runpod = free_ports(3)
    settings = replace(cached, home=home, front_port=front, aws_port=aws, runpod_port=runpod)
    shutil.copytree(model, settings.models / model.relative_to(cached.models))
    return settings


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for a file of tests; what is expected of a page may take its time."""
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright, a_browser(playwright) as found:
        yield found


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Serve the pages built on mocked answers."""
    with served() as found:
        yield found


@pytest.fixture
def tab(browser: Browser, address: str) -> Iterator[Tab]:
    with a_mocked_tab(browser, address) as opened:
        yield opened
