"""Every event of events/ through the built functions, against a running local stack; no Docker.

As `make invoke` does it, and as docs/local-invoke.md says what is answered.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from local import stack
from local.container import gateway
from local.emulator import BUILT, ROOT, event
from local.invoke import STEPS, invoked, invoked_in_container
from local.settings import read_settings
from tests.support.stack.ports import NO_WORKER, own_settings

DOCUMENTED = re.findall(
    r"^\| `([a-z_]+)` \| `([a-z_0-9]+)` \|",
    (ROOT / "docs" / "local-invoke.md").read_text(),
    flags=re.MULTILINE,
)
NOTHING_WAITS = {
    "validate_dataset": {"validated": 0, "broken": 0, "expired": 0},
    "process_jobs": {"passes": 1, "steps": 0, "broken": 0},
}

pytestmark = [
    pytest.mark.bundle,
    pytest.mark.skipif(not BUILT.is_dir(), reason="nothing was built: run `make bundle`"),
    pytest.mark.skipif(not read_settings().engine_python.exists(), reason="no .venv-engine"),
]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[stack.Stack]:
    settings = own_settings(tmp_path_factory.mktemp("local"))
    yield stack.up(settings, [], leashed=True, worker=NO_WORKER)
    stack.down(settings)


def answered(running: stack.Stack, step: str, name: str) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(invoked(running.settings, step, event(name)))
    return answer


def test_every_event_and_every_step_is_documented() -> None:
    events = {file.stem for file in (ROOT / "events").glob("*.json")}

    assert {name for _, name in DOCUMENTED} == events
    assert {step for step, _ in DOCUMENTED} == STEPS.keys()


@pytest.mark.parametrize(
    ("step", "name"), [pair for pair in DOCUMENTED if pair[0] in NOTHING_WAITS]
)
def test_a_background_function_finds_nothing_to_do(
    running: stack.Stack, step: str, name: str
) -> None:
    assert answered(running, step, name) == NOTHING_WAITS[step]


@pytest.mark.parametrize("name", ["job_collectable", "schedule"])
def test_the_collector_finds_nothing_to_do(running: stack.Stack, name: str) -> None:
    answer = answered(running, "create_artifacts", name)

    assert answer.items() >= {"collected": 0, "failed": 0}.items()


def test_the_authorizer_and_the_api_answer_as_they_do_behind_the_gateway(
    running: stack.Stack,
) -> None:
    who = answered(running, "authorizer", "authorizer")
    what = answered(running, "api", "api_request")

    assert (who["isAuthorized"], who["context"]["kind"]) == (True, "anonymous")
    assert what.get("statusCode") == 201, what
    assert json.loads(what["body"])["data"]["dataset"]["status"] == "uploading"


@pytest.mark.skipif(
    gateway() is None, reason="no container engine: `make invoke` runs the same without one"
)
@pytest.mark.parametrize(("step", "name"), DOCUMENTED)
def test_sam_local_invoke_answers_the_same(running: stack.Stack, step: str, name: str) -> None:
    answer = json.loads(invoked_in_container(running.settings, step, name))

    if step == "authorizer":
        assert answer["context"]["kind"] == "anonymous"
    elif step == "api":
        assert answer["statusCode"] == 201
    elif step == "create_artifacts":
        assert answer.items() >= {"collected": 0, "failed": 0}.items()
    else:
        assert answer == NOTHING_WAITS[step]
