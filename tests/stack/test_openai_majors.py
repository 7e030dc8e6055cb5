"""The real `openai` package, majors 1.x, 2.x and 3.x, unmodified, against the running stack.

Behaviour: every call, refusals, paging, a first answer lost on the wire, webhooks unwrapped. Wire:
each body that passes fits our document and the package's objects. Both are layers of the
conformance number; tests/integration/openai/test_document.py holds the first.
"""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import httpx
import pytest

from local.stack import Stack
from tests.support.api.recording_proxy import Wire, recording
from tests.support.openai.document import OPERATIONS
from tests.support.openai.wire import Seen, looked_at
from tests.support.stack.users import new_key, new_user, table_of
from tests.support.trained_things import a_delivered_webhook, a_trained_job

pytestmark = [pytest.mark.stack, pytest.mark.slow]
ROOT = Path(__file__).parents[2]
EVERY_CALL = ROOT / "tests" / "openai_majors" / "every_call.py"
EVERYTHING = ["files", "uploads", "fine_tuning", "models", "errors", "webhooks"]
BODIES_OF_ONE_MAJOR = 50


def interpreter(major: int) -> tuple[list[str], dict[str, str]]:
    """Return how a program is run that finds this major and nothing else."""
    bare = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    if major == 3:
        return [sys.executable], bare
    folder = ROOT / ".venv-openai" / str(major)
    if not folder.exists():
        pytest.skip("no .venv-openai: `make test` makes it")
    return [sys.executable, "-S"], {**bare, "PYTHONPATH": str(folder)}


def every_call(running: Stack, wire: Wire, major: int) -> str:
    """Let a new user make every call with one major, and return what the program said."""
    token = new_user(running, f"openai-{major}")
    key, reads_only = new_key(running, token), new_key(running, token, scopes=["read"])
    head = {"Authorization": f"Bearer {key}"}
    with httpx.Client(base_url=running.settings.front_url, headers=head, timeout=600) as api:
        user_id = api.get("/api/me").raise_for_status().json()["data"]["user_id"]
        table = table_of(running)
        job = a_trained_job(table, user_id)
        webhook = a_delivered_webhook(running, table, api, job)
    trained = f"ftjob-{job.id.replace('-', '')}"
    given = {"url": f"{wire.url}/v1", "key": key, "reads_only": reads_only, "trained": trained}
    wire.lose.add(("POST", "/v1/fine_tuning/jobs"))
    command, environment = interpreter(major)
    done = subprocess.run(  # noqa: S603 - our own program
        [*command, str(EVERY_CALL)],
        env={**environment, "GIVEN": json.dumps({**given, "webhook": webhook})},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("major", [1, 2, 3])
def test_every_call_of_an_unmodified_client_does_what_it_promises(
    shared: Stack, major: int
) -> None:
    with recording(shared.settings.front_url) as wire:
        said = json.loads(every_call(shared, wire, major))
    seen = looked_at(wire.passed)

    print(number(said["version"], seen))  # noqa: T201 - the conformance number
    assert said["version"].startswith(f"{major}.")
    assert said["done"] == EVERYTHING
    assert len(wire.lost) == 1
    contents = {each.status for each in wire.passed if each.path.endswith("/content")}
    assert contents == {200, 302}, "a result file at once, a training file by a signed address"
    assert seen.wrong == []
    assert seen.operations == {operation.route for operation in OPERATIONS}
    assert seen.checked.total() > BODIES_OF_ONE_MAJOR


def number(version: str, seen: Seen) -> str:
    """Return the line that a reader looks for: how much of each resource was seen and fits."""
    every = Counter(operation.resource for operation in OPERATIONS)
    called = Counter(each.resource for each in OPERATIONS if each.route in seen.operations)
    shares = (
        f"{resource} {100 * called[resource] // count} % ({seen.checked[resource]} bodies)"
        for resource, count in sorted(every.items())
    )
    return (
        f"openai {version}: {len(seen.operations)} of {len(OPERATIONS)} operations; "
        f"{', '.join(shares)}; {seen.refusals} refusals; {len(seen.wrong)} do not fit"
    )
