"""The dashboard on mocked answers: served from web/dist-mock, each of its states named."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from playwright.sync_api import Page

DIST = Path(__file__).parents[3] / "web" / "dist-mock"
HOW_TO_BUILD = "no web/dist-mock: `make mock-pages` builds it"


@dataclass(frozen=True)
class State:
    """One page as it can be seen, and what brings it up."""

    name: str
    path: str
    world: str = ""
    """Words of web/src/mocks/scenario.ts."""
    act: Callable[[Page], Any] | None = None
    """Brings up a dialog or a choice."""
    ready: str = "main h1"
    signed_in: bool = True
    by_password: bool = False
    """Signed in with tokens, as people are; else with a key, which is quicker."""
    whole: bool = True
    """The whole page is pictured; a dialog stands in the first screen."""


class _Files(SimpleHTTPRequestHandler):
    """Files as they are, and the page itself for every address of the application."""

    def translate_path(self, path: str) -> str:
        found = super().translate_path(path)
        return found if Path(found).is_file() else str(DIST / "index.html")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def served() -> Iterator[str]:
    """Serve the mocked pages, and give their address. Raises FileNotFoundError."""
    if not (DIST / "index.html").is_file():
        raise FileNotFoundError(HOW_TO_BUILD)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Files, directory=str(DIST)))
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def _delete_model(page: Page) -> None:
    page.get_by_role("button", name="More").filter(visible=True).first.click()
    page.get_by_role("menuitem", name="Delete").click()
    page.get_by_role("alertdialog").wait_for()


def _new_key(page: Page) -> None:
    page.get_by_role("button", name="New key").filter(visible=True).first.click()
    page.get_by_role("dialog").get_by_label("Name").fill("Nightly training")


def _made_key(page: Page) -> None:
    _new_key(page)
    page.get_by_role("button", name="Make the key").click()
    page.get_by_text("It is shown this once").wait_for()


def _choose_file(page: Page) -> None:
    row = b'{"messages": [{"role": "user", "content": "What does bread cost?"}]}\n'
    file = {"name": "harbour.jsonl", "mimeType": "application/jsonl", "buffer": row * 3}
    page.locator("input[type=file]").set_input_files(file)  # type: ignore[arg-type]
    page.get_by_text("How it is checked").click()


def _four_gpus(page: Page) -> None:
    page.get_by_role("button", name="H100").click()
    for _ in range(2):
        page.get_by_role("button", name="One GPU more").click()
    page.get_by_text("shortens the run by").wait_for()


def _cancel_job(page: Page) -> None:
    page.get_by_role("button", name="Cancel job").filter(visible=True).first.click()
    page.get_by_role("alertdialog").wait_for()


def _click(name: str, role: Any = "button") -> Callable[[Page], None]:
    return lambda page: page.get_by_role(role, name=name).filter(visible=True).first.click()


def _open(text: str) -> Callable[[Page], None]:
    return lambda page: page.get_by_text(text).first.click()


FAILED = "text=Try again"
BUSY = "[aria-busy=true]"
JOB, MODEL, DATASET = "/training/jobs", "/models", "/datasets"
CONFIGURE = "/training/configure"
STEP = "/settings/second-step"


def _four(name: str, path: str) -> tuple[State, ...]:
    """A list as it is filled, empty, refused and on its way."""
    return (
        State(name, path),
        State(f"{name}-empty", path, "empty"),
        State(f"{name}-failing", path, "failing", ready=FAILED),
        State(f"{name}-loading", path, "slow", ready=BUSY),
    )


def _one(name: str, path: str) -> tuple[State, ...]:
    """A thing that is not there, refused, and on its way."""
    return (
        State(f"{name}-missing", f"{path.rpartition('/')[0]}/none"),
        State(f"{name}-failing", path, "failing", ready=FAILED),
        State(f"{name}-loading", path, "slow", ready=BUSY),
    )


STATES: tuple[State, ...] = (
    State("sign-in", "/sign-in", signed_in=False),
    State("sign-in-forgotten", "/sign-in", signed_in=False, act=_click("Forgotten")),
    State("sign-in-key", "/sign-in", signed_in=False, act=_open("Use an API key")),
    State("no-such-page", "/nowhere"),
    *_four("home", "/"),
    State("home-bell", "/", act=_click("otifications"), whole=False),
    State("home-account", "/", act=_click("Account"), whole=False),
    *_four("datasets", DATASET),
    State("datasets-none", f"{DATASET}?search=zzz"),
    State("dataset-new", f"{DATASET}/new"),
    State("dataset-chosen", f"{DATASET}/new", act=_choose_file),
    State("dataset-resume", f"{DATASET}/new?resume=ds-tone"),
    *_four("import", f"{DATASET}/import"),
    State("dataset-ready", f"{DATASET}/ds-harbour"),
    State("dataset-large", f"{DATASET}/ds-claims"),
    State("dataset-errors", f"{DATASET}/ds-errors"),
    State("dataset-uploading", f"{DATASET}/ds-tone"),
    State("dataset-validating", f"{DATASET}/ds-intake-new"),
    State("dataset-stored", f"{DATASET}/ds-preferences"),
    State("dataset-delete", f"{DATASET}/ds-harbour", act=_click("Delete"), whole=False),
    *_one("dataset", f"{DATASET}/ds-harbour"),
    State("configure", f"{CONFIGURE}?dataset=ds-claims"),
    State("configure-fresh", CONFIGURE),
    State("configure-more", f"{CONFIGURE}?dataset=ds-claims", act=_open("More settings")),
    State("configure-advice", f"{CONFIGURE}?dataset=ds-claims", act=_four_gpus),
    State("configure-again", f"{CONFIGURE}?from=job-failed"),
    State("configure-empty", CONFIGURE, "empty"),
    State("configure-failing", CONFIGURE, "failing", ready=FAILED),
    State("configure-loading", CONFIGURE, "slow", ready=BUSY),
    *_four("jobs", JOB),
    State("job-running", f"{JOB}/job-running"),
    State("job-waiting", f"{JOB}/job-waiting"),
    State("job-paused", f"{JOB}/job-paused"),
    State("job-limited", f"{JOB}/job-limited"),
    State("job-limit", f"{JOB}/job-limited", act=_click("Resume with"), whole=False),
    State("job-failed", f"{JOB}/job-failed"),
    State("job-cancelled", f"{JOB}/job-cancelled"),
    State("job-completed", f"{JOB}/job-claims"),
    State("job-rate", f"{JOB}/job-running?tab=rate"),
    State("job-settings", f"{JOB}/job-running?tab=settings"),
    State("job-cost", f"{JOB}/job-running?tab=cost"),
    State("job-log", f"{JOB}/job-running?tab=log"),
    State("job-cancel", f"{JOB}/job-running", act=_cancel_job, whole=False),
    *_one("job", f"{JOB}/job-running"),
    *_four("models", MODEL),
    State("models-none", f"{MODEL}?search=zzz"),
    State("model-better", f"{MODEL}/model-claims"),
    State("model-few", f"{MODEL}/model-harbour"),
    State("model-worse", f"{MODEL}/model-claims-fast"),
    State("model-delete", f"{MODEL}/model-claims", act=_delete_model, whole=False),
    *_one("model", f"{MODEL}/model-claims"),
    *_four("costs", "/costs"),
    State("costs-year", "/costs?period=year"),
    *_four("notifications", "/notifications"),
    State("notifications-ways", "/notifications", act=_open("Also tell me by")),
    *_four("api-keys", "/settings/api-keys"),
    State("api-keys-new", "/settings/api-keys", act=_new_key, whole=False),
    State("api-keys-made", "/settings/api-keys", act=_made_key, whole=False),
    State("limits", "/settings/limits"),
    State("second-step", STEP, by_password=True),
    State("second-step-key", STEP),
    State("second-step-secret", STEP, act=_click("Set it up"), by_password=True),
    State("admin-overview", "/admin"),
    State("admin-gpus", "/admin?tab=gpus"),
    State("admin-users", "/admin?tab=users"),
    State("admin-functions", "/admin?tab=functions"),
    State("admin-failing", "/admin", "failing", ready=FAILED),
    State("admin-loading", "/admin", "slow", ready=BUSY),
)
