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


def _type_and_wait(label: str, typed: str) -> Callable[[Page], None]:
    """Bring up a dialog that wants words typed, and type them."""

    def act(page: Page) -> None:
        _click(label)(page)
        page.get_by_role("alertdialog").get_by_role("textbox").fill(typed)

    return act


def _gather(page: Page) -> None:
    page.get_by_role("button", name="Gather everything").click()
    page.get_by_text("62 records and 3 files.").wait_for()
    page.get_by_text("The files, one by one").click()


def _draft(page: Page) -> None:
    page.get_by_role("button", name="Push another").click()
    field = page.get_by_role("textbox", name="The catalogue, as JSON")
    field.fill(field.input_value().replace('"hourly_rate_usd": 4.2', '"hourly_rate_usd": 3.9'))
    page.get_by_text("1 change against").wait_for()


def _estimated(page: Page) -> None:
    page.get_by_label("Base model").select_option("brightrun/demo-base")
    page.get_by_text("Its tokenizer is not installed here").wait_for()


def _click(name: str, role: Any = "button") -> Callable[[Page], None]:
    return lambda page: page.get_by_role(role, name=name).filter(visible=True).first.click()


def _open(text: str) -> Callable[[Page], None]:
    return lambda page: page.get_by_text(text).first.click()


FAILED = "text=Try again"
BUSY = "[aria-busy=true]"
USER = "/admin/users/5f0c8a52-31d7-4c58-9a55-0d6c3be0f1aa"
OUT = "/admin/users/c2d91f04-0a5c-4b57-b5b4-3d5b7c5e9911"
LEAVING = "/admin/users/f7a3e6d8-5a34-4c0b-a7d9-91c2b7d0ce60"
WORDS = "erase everything"
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
    State("configure-estimated", f"{CONFIGURE}?dataset=ds-claims", act=_estimated),
    State("configure-again", f"{CONFIGURE}?from=job-failed"),
    State("configure-empty", CONFIGURE, "empty"),
    State("configure-failing", CONFIGURE, "failing", ready=FAILED),
    State("configure-loading", CONFIGURE, "slow", ready=BUSY),
    *_four("jobs", JOB),
    State("jobs-none", f"{JOB}?search=zzz"),
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
    State("job-stopping", f"{JOB}/job-running", "stopping"),
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
    State("admin-users-limit", "/admin?tab=users", act=_click("Limit of 5f0c8a52")),
    State("admin-users-empty", "/admin?tab=users", "empty"),
    State("admin-catalogue", "/admin?tab=catalogue"),
    State("admin-catalogue-push", "/admin?tab=catalogue", act=_draft),
    State("admin-catalogue-changes", "/admin?tab=catalogue", act=_click("1 change")),
    State("admin-catalogue-loading", "/admin?tab=catalogue", "slow", ready=BUSY),
    State("admin-unreadable", "/admin?tab=unreadable"),
    State("admin-unreadable-empty", "/admin?tab=unreadable", "empty"),
    State("admin-user", USER, ready=".figs"),
    State("admin-user-out", OUT),
    State("admin-user-leaving", f"{LEAVING}?tab=data"),
    State("admin-user-unknown", "/admin/users/somebody"),
    State("admin-user-shut-out", USER, act=_click("Shut out"), whole=False),
    State("admin-user-revoke", USER, act=_click("Revoke “Nightly"), whole=False),
    State("admin-user-audit", f"{USER}?tab=audit"),
    State("admin-user-data", f"{USER}?tab=data", ready=".figs"),
    State("admin-user-exported", f"{USER}?tab=data", act=_gather, ready=".figs"),
    State("admin-user-purge", f"{USER}?tab=data", act=_click("Erase all of it"), whole=False),
    State(
        "admin-user-erase", f"{USER}?tab=data", act=_type_and_wait("Erase this", WORDS), whole=False
    ),
    State("admin-user-data-empty", f"{USER}?tab=data", "empty"),
    State("admin-user-audit-empty", f"{USER}?tab=audit", "empty"),
    State("admin-user-failing", USER, "failing", ready=FAILED),
    State("admin-user-loading", USER, "slow", ready=BUSY),
    *_four("your-data", "/settings/your-data"),
    State("your-data-taken", "/settings/your-data", act=_gather),
    State(
        "your-data-close",
        "/settings/your-data",
        act=_type_and_wait("Close the", WORDS),
        whole=False,
    ),
    State("admin-failing", "/admin", "failing", ready=FAILED),
    State("admin-loading", "/admin", "slow", ready=BUSY),
)
