"""Every route of `/v1`, and every id in its bodies: another user's things are not there."""

import json
import re
from typing import Any

import pytest

from brightrun.accounts.notification_delivery import DeliverySettings
from brightrun.accounts.record import NotificationType
from brightrun.accounts.webhook_endpoints import RegisteredEndpoint
from brightrun.datasets.record import DatasetStatus
from brightrun.jobs.record import JobStatus
from brightrun.ports.dynamodb.writes import commit, put_new
from brightrun.runtime import Deps
from functions.api.openai.surface import openai
from tests.support.api.http_calls import BOB_CALLS, NOBODY, Answer, Call, identity
from tests.support.factories import (
    ADA,
    DATASET_ID,
    JOB_ID,
    KEY_ID,
    MODEL_ID,
    NOON,
    a_dataset,
    a_model,
)
from tests.support.ordered_jobs import stored_job

CAROL_CALLS = identity(user_id="carol")
READS_ONLY = identity(user_id=ADA, key_id="reads") | {"scopes": "read"}
UPLOADING = f"{DATASET_ID[:-1]}9"
DIGITS = {name: each.replace("-", "") for name, each in {
    "file": DATASET_ID, "job": JOB_ID, "model": MODEL_ID, "upload": UPLOADING, "endpoint": KEY_ID,
}.items()}  # fmt: skip
MODEL = f"ft:demo-base:personal::{DIGITS['model']}"
IDS = {
    "<file_id>": f"file-{DIGITS['file']}",
    "<job_id>": f"ftjob-{DIGITS['job']}",
    "<model_id>": MODEL,
    "<upload_id>": f"upload_{DIGITS['upload']}",
    "<endpoint_id>": f"whe_{DIGITS['endpoint']}",
    "<owner>/<name>": MODEL,
}
NEW_ENDPOINT = {
    "name": "n",
    "url": "https://hooks.example/x",
    "event_types": ["fine_tuning.job.failed"],
}
BODIES: dict[str, Any] = {
    "POST /v1/uploads": {
        "bytes": 9, "filename": "a.jsonl", "mime_type": "text/jsonl", "purpose": "fine-tune",
    },
    "POST /v1/uploads/<upload_id>/complete": {"part_ids": [f"part_{DIGITS['file']}"]},
    "POST /v1/fine_tuning/jobs": {"model": "qwen3-8b", "training_file": IDS["<file_id>"]},
    "POST /v1/webhook_endpoints": NEW_ENDPOINT,
    "POST /v1/webhook_endpoints/<endpoint_id>": {"name": "theirs"},
    "POST /v1/webhook_endpoints/<endpoint_id>/test": {"event_type": "fine_tuning.job.failed"},
}  # fmt: skip
FORM = {"content-type": "multipart/form-data; boundary=x"}
FORMS = {
    "POST /v1/files": ("purpose", "file"),
    "POST /v1/uploads/<upload_id>/parts": ("unused", "data"),
}


def _form(field: str, file: str) -> str:
    head = 'Content-Disposition: form-data; name="'
    return (
        f'--x\r\n{head}{field}"\r\n\r\nfine-tune\r\n'
        f'--x\r\n{head}{file}"; filename="a.jsonl"\r\n\r\n{{}}\r\n--x--\r\n'
    )


ROUTES = sorted(
    f"{route.method} {route.path}" for route in openai._static_routes + openai._dynamic_routes
)
WITH_IDS = [route for route in ROUTES if "<" in route]
LISTS = [route for route in ROUTES if route.startswith("GET") and "<" not in route]


def filled(route: str) -> str:
    for name, value in IDS.items():
        route = route.replace(name, value)
    return route


def called(api: Call, route: str, caller: dict[str, str]) -> Answer:
    if form := FORMS.get(route):
        return api(filled(route), raw=_form(*form), headers=FORM, caller=caller)
    return api(filled(route), BODIES.get(route), caller=caller)


@pytest.fixture
def adas(deps: Deps) -> None:
    """One of everything, Ada's: a file, an upload that waits, a job, a model, an endpoint."""
    endpoint = RegisteredEndpoint(
        id=KEY_ID, name="hers", url="https://hooks.example/hers", created_at=NOON, updated_at=NOON,
        tells=(NotificationType.JOB_FAILED,), secret="whsec_aGVycw==",  # pragma: allowlist secret
    )  # fmt: skip
    settings = DeliverySettings(user_id=ADA, changed_at=NOON, endpoints=(endpoint,))
    waits = a_dataset(id=UPLOADING, status=DatasetStatus.UPLOADING)
    for record in (a_dataset(), waits, a_model(), settings):
        commit(deps.table, [put_new(deps.table, record)])
    stored_job(deps, status=JobStatus.COMPLETED, completed_at=NOON)


def test_the_walk_finds_every_route() -> None:
    assert (len(ROUTES), len(WITH_IDS), len(LISTS)) == (29, 20, 5)
    assert set(re.findall(r"<\w+>", "".join(WITH_IDS))) == {
        "<file_id>", "<job_id>", "<model_id>", "<upload_id>", "<endpoint_id>", "<owner>", "<name>",
    }  # fmt: skip


@pytest.mark.parametrize("route", ROUTES)
def test_nobody_is_let_in_anywhere(api: Call, route: str) -> None:
    answer = called(api, route, NOBODY)

    assert (answer.status, answer.body["error"]["code"]) == (401, "invalid_api_key")
    assert set(answer.body["error"]) == {"message", "type", "param", "code"}


@pytest.mark.parametrize("route", [route for route in ROUTES if not route.startswith("GET")])
def test_a_key_that_only_reads_changes_nothing(api: Call, route: str) -> None:
    assert called(api, route, READS_ONLY).status == 403


@pytest.mark.usefixtures("adas")
@pytest.mark.parametrize("route", WITH_IDS)
def test_another_users_id_is_answered_like_one_that_does_not_exist(api: Call, route: str) -> None:
    theirs, nobodys = called(api, route, BOB_CALLS), called(api, route, CAROL_CALLS)

    assert theirs.status == 404
    assert theirs.body == nobodys.body
    assert theirs.body["error"]["code"].endswith("_not_found")


@pytest.mark.usefixtures("adas")
def test_another_users_file_cannot_be_named_in_a_body(api: Call) -> None:
    theirs = called(api, "POST /v1/fine_tuning/jobs", BOB_CALLS)

    assert (theirs.status, theirs.body["error"]["code"]) == (404, "file_not_found")


@pytest.mark.usefixtures("adas")
def test_another_users_part_cannot_be_joined(api: Call) -> None:
    """A part is looked for below the upload it was sent to, wherever its id came from."""
    sent = called(api, "POST /v1/uploads/<upload_id>/parts", identity(user_id=ADA)).body["id"]
    own = called(api, "POST /v1/uploads", BOB_CALLS).body["id"]

    theirs = api(f"POST /v1/uploads/{own}/complete", {"part_ids": [sent]}, caller=BOB_CALLS)

    assert (theirs.status, theirs.body["error"]["param"]) == (400, "part_ids")


@pytest.mark.usefixtures("adas")
@pytest.mark.parametrize("route", LISTS)
def test_no_list_shows_or_goes_on_from_another_users_things(api: Call, route: str) -> None:
    begins = {"files": "<file_id>", "jobs": "<job_id>", "webhook_endpoints": "<endpoint_id>"}
    last = begins.get(route.rpartition("/")[2])
    queries: list[dict[str, str]] = [{}, *([{"after": IDS[last]}] if last else [])]
    shown = [json.dumps(api(route, caller=BOB_CALLS, query=query).body) for query in queries]

    assert not [each for each in DIGITS.values() if any(each in text for text in shown)]


@pytest.mark.usefixtures("adas")
def test_what_is_hers_is_there_for_her(api: Call) -> None:
    """Without this, a route that finds nothing for anybody would pass the matrix."""
    reads = [route for route in WITH_IDS if route.startswith("GET") and "<owner>" not in route]
    statuses = {route: called(api, route, identity(user_id=ADA)).status for route in reads}

    assert set(statuses.values()) <= {200, 302}
    assert len(statuses) == 7
