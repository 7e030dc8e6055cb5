"""Every route there is: who is let in, whose records are reached, and what bad input gets."""

import json
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from brightrun import errors
from brightrun.jobs.change import JobState, unchanged
from brightrun.jobs.record import JobStatus
from brightrun.ports.dynamodb.datasets import create_dataset
from brightrun.ports.dynamodb.jobs import create_job
from brightrun.ports.dynamodb.writes import commit, put_new
from brightrun.runtime import Deps
from functions.api.app import handle
from functions.api.documentation import documentation
from functions.api.errors import EDGE_CODES, STATUS
from functions.api.native import native
from tests.support.factories import (
    ADA,
    DATASET_ID,
    JOB_ID,
    KEY_ID,
    MODEL_ID,
    NOTE_ID,
    a_dataset,
    a_job,
    a_model,
    a_notification,
    an_api_key,
)
from tests.support.http_calls import (
    ADA_CALLS,
    BOB_CALLS,
    NOBODY,
    Answer,
    Call,
    an_event,
    answered,
    identity,
)

PUBLIC = {"GET /", "GET /api/health", "GET /api/config", "GET /openapi.json", "GET /docs"}
WORKER = identity(user_id=ADA, job_id=JOB_ID, attempt="1") | {"kind": "worker"}
ADMIN = identity(user_id="root", admin="true")
ORDER: dict[str, Any] = {
    "dataset_id": DATASET_ID,
    "gpu_config": {"type": "A100-80GB", "count": 1},
}
# a body for each route that wants one, so that nothing is refused before the record is looked for
BODIES: dict[str, Any] = {
    "POST /api/datasets": {"name": "n", "file_name": "f.jsonl", "file_size": 1},
    "POST /api/datasets/import-from-training-file": {"training_file_id": "none"},
    "POST /api/training-files": {"name": "n", "jsonl": {"file_name": "f", "file_size": 1}},
    "POST /api/jobs": ORDER,
    "POST /api/jobs/estimate": ORDER,
    "PATCH /api/models/<model_id>": {"name": "theirs"},
    "POST /api/api-keys": {"name": "n"},
    "PUT /api/admin/users/<user_id>/limits": {"monthly_limit_usd": 5},
}
IDS = {
    "<dataset_id>": DATASET_ID,
    "<job_id>": JOB_ID,
    "<model_id>": MODEL_ID,
    "<notification_id>": NOTE_ID,
    "<key_id>": KEY_ID,
    "<user_id>": ADA,
}


def routes() -> Iterator[str]:
    """Every route of the table, as `METHOD /path/<id>`; RunPod's hooks carry no identity."""
    for resolver in (native, documentation):
        for route in resolver._static_routes + resolver._dynamic_routes:
            if "/hooks/" not in route.path:
                yield f"{route.method} {route.path}"


NATIVE = sorted(route for route in routes() if "/worker/" not in route)
FOR_WORKERS = sorted(route for route in routes() if "/worker/" in route)
FOR_ADMINS = [route for route in NATIVE if "/admin/" in route]
WITH_IDS = [route for route in NATIVE if "<" in route and route not in FOR_ADMINS]


def filled(route: str) -> str:
    for name, value in (IDS | {"<attempt>": "1"}).items():
        route = route.replace(name, value)
    return route


@pytest.fixture
def adas(deps: Deps) -> None:
    """One of everything, Ada's."""
    create_dataset(deps.table, a_dataset())
    job = a_job(status=JobStatus.FAILED, base_model=deps.catalog.base_models[0].id)
    create_job(deps.table, job, unchanged(JobState(job)), [], max_active=9)
    for record in (a_model(), a_notification(), an_api_key()):
        commit(deps.table, [put_new(deps.table, record)])


def test_the_walk_finds_every_route() -> None:
    assert len(NATIVE) >= 40
    assert len(WITH_IDS) >= 16
    assert len(FOR_ADMINS) >= 2
    assert len(FOR_WORKERS) == 7


# ---- who is let in


@pytest.mark.parametrize("route", [*NATIVE, *FOR_WORKERS])
def test_nobody_is_let_in_anywhere_but_where_everybody_is(api: Call, route: str) -> None:
    answer = api(filled(route), BODIES.get(route), caller=NOBODY)

    if route in PUBLIC:
        assert answer.status == 200
    else:
        assert answer.refusal == (401, "unauthenticated")
        assert answer.body["error"] == "no token was sent"
        assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("route", sorted(set(NATIVE) - PUBLIC))
def test_a_worker_reaches_nothing_but_its_protocol(api: Call, route: str) -> None:
    assert api(filled(route), BODIES.get(route), caller=WORKER).refusal == (403, "forbidden")


@pytest.mark.parametrize("route", FOR_WORKERS)
def test_a_user_cannot_speak_for_a_worker(api: Call, route: str) -> None:
    assert api(filled(route), {}).refusal == (403, "forbidden")


@pytest.mark.parametrize("route", FOR_ADMINS)
def test_only_administrators_see_what_is_theirs(api: Call, route: str) -> None:
    refused = api(filled(route), BODIES.get(route))
    shown = api(filled(route), BODIES.get(route), caller=ADMIN)

    assert refused.refusal == (403, "forbidden")
    assert shown.status == (404 if "<key_id>" in route else 200)


def test_identity_is_judged_before_a_single_byte_of_the_body(api: Call) -> None:
    assert api("POST /api/jobs", raw="{", caller=NOBODY).status == 401


# ---- whose records


@pytest.mark.usefixtures("adas")
@pytest.mark.parametrize("route", WITH_IDS)
def test_another_users_id_is_answered_like_one_that_does_not_exist(api: Call, route: str) -> None:
    theirs = api(filled(route), BODIES.get(route), caller=BOB_CALLS)
    nobodys = api(filled(route), BODIES.get(route), caller=identity(user_id="carol"))

    assert theirs.status == 404
    assert theirs.refusal[1].endswith("_not_found")
    assert theirs.body == nobodys.body


@pytest.mark.usefixtures("adas")
@pytest.mark.parametrize("route", ["POST /api/jobs", "POST /api/jobs/estimate"])
def test_another_users_dataset_cannot_be_named_in_a_body(api: Call, route: str) -> None:
    assert api(route, ORDER, caller=BOB_CALLS).refusal == (404, "dataset_not_found")


@pytest.mark.usefixtures("adas")
@pytest.mark.parametrize(
    "route",
    sorted(
        route
        for route in set(NATIVE) - set(FOR_ADMINS)
        if route.startswith("GET") and "<" not in route
    ),
)
def test_no_list_shows_another_users_records(api: Call, route: str) -> None:
    shown = api(route, caller=BOB_CALLS).text

    ids = set(IDS.values()) - {ADA}
    assert not [item_id for item_id in ids if item_id in shown]


# ---- bad input


BAD = [
    ("POST /api/datasets", {"name": 7, "file_name": "f", "file_size": 1}, "name"),
    ("POST /api/datasets", {"name": "n", "file_name": "f"}, "file_size"),
    ("POST /api/datasets", {"name": "n", "file_name": "f", "file_size": 0}, "file_size"),
    ("POST /api/datasets", {"name": "n", "file_name": "f", "file_size": 1e300}, "file_size"),
    ("POST /api/datasets", {"name": "n" * 201, "file_name": "f", "file_size": 1}, "name"),
    (
        "POST /api/datasets",
        {"name": "n", "file_name": "f", "file_size": 1, "user_id": "b"},
        "user_id",
    ),
    (
        "POST /api/datasets",
        {"name": "n", "file_name": "f", "file_size": 1, "format": "x"},
        "format",
    ),
    (
        "POST /api/datasets",
        {"name": "n", "file_name": "f", "file_size": 1, "base_model": "x"},
        "base_model",
    ),
    ("POST /api/jobs", ORDER | {"dataset_id": None}, "dataset_id"),
    ("POST /api/jobs", ORDER | {"dataset_id": "d" * 3000}, "dataset_id"),
    ("POST /api/jobs", ORDER | {"preset_id": "best"}, "preset_id"),
    ("POST /api/jobs", ORDER | {"preset_id": ["fast"]}, "preset_id"),
    ("POST /api/jobs", ORDER | {"gpu_config": {"type": "H200", "count": 1}}, "gpu_config.type"),
    ("POST /api/jobs", ORDER | {"gpu_config": {"type": "H100", "count": 0}}, "gpu_config.count"),
    ("POST /api/jobs", ORDER | {"gpu_config": {"type": "H100", "count": 9}}, "gpu_config.count"),
    ("POST /api/jobs", ORDER | {"gpu_config": "H100"}, "gpu_config"),
    ("POST /api/jobs", ORDER | {"hyperparameters": []}, "hyperparameters"),
    ("POST /api/jobs", ORDER | {"hyperparameters": {"rank": 3}}, "hyperparameters.rank"),
    ("POST /api/jobs", ORDER | {"hyperparameters": {"rank": 10**30}}, "hyperparameters.rank"),
    ("POST /api/jobs", ORDER | {"hyperparameters": {"epochs": 2.5}}, "hyperparameters.epochs"),
    (
        "POST /api/jobs",
        ORDER | {"hyperparameters": {"learning_rate": -1}},
        "hyperparameters.learning_rate",
    ),
    ("POST /api/jobs", ORDER | {"hyperparameters": {"lr": 1e-4}}, "hyperparameters.lr"),
    ("POST /api/jobs", ORDER | {"base_model": "gpt"}, "base_model"),
    ("POST /api/jobs", ORDER | {"max_cost": -1}, "max_cost"),
    ("POST /api/jobs", ORDER | {"max_cost": 1e300}, "max_cost"),
    ("POST /api/jobs", ORDER | {"status": "completed"}, "status"),
    (f"POST /api/jobs/{JOB_ID}/retry", {"again": True}, "again"),
    (f"PATCH /api/models/{MODEL_ID}", {"status": "best"}, "status"),
    (f"PATCH /api/models/{MODEL_ID}", {"quality_metrics": {}}, "quality_metrics"),
    (f"POST /api/models/{MODEL_ID}/download", {"files": "all"}, "files"),
    ("POST /api/api-keys", {"name": ""}, "name"),
]


@pytest.mark.usefixtures("adas")
@pytest.mark.parametrize(("route", "body", "field"), BAD)
def test_a_wrong_field_is_a_400_that_names_it(
    api: Call, route: str, body: dict[str, Any], field: str
) -> None:
    answer = api(route, body)

    assert answer.refusal == (400, "invalid_request")
    assert field in answer.body["details"]
    assert all(answer.body["details"][field])


@pytest.mark.parametrize(
    ("route", "query", "field"),
    [
        ("GET /api/datasets", {"page": -1}, "page"),
        ("GET /api/datasets", {"page": "first"}, "page"),
        ("GET /api/datasets", {"page": 10**30}, "page"),
        ("GET /api/datasets", {"limit": 101}, "limit"),
        ("GET /api/datasets", {"status": "done"}, "status"),
        ("GET /api/datasets", {"cursor": "né"}, "cursor"),
        ("GET /api/jobs", {"page": 0}, "page"),
        ("GET /api/jobs", {"page": 5000}, "page"),
        ("GET /api/jobs", {"status": "done"}, "status"),
        (f"GET /api/jobs/{JOB_ID}", {"resolution": 0}, "resolution"),
        (f"GET /api/jobs/{JOB_ID}/logs", {"level": "loud"}, "level"),
        (f"GET /api/datasets/{DATASET_ID}/errors", {"page": -1}, "page"),
        ("GET /api/models", {"sort": "price"}, "sort"),
        ("GET /api/costs", {"period": "day"}, "period"),
        ("GET /api/costs", {"start_date": "yesterday"}, "start_date"),
        ("GET /api/costs", {"start_date": "0001-01-01"}, "start_date"),
        ("GET /api/notifications", {"limit": "NaN"}, "limit"),
    ],
)
def test_a_wrong_query_is_a_400_that_names_it(
    api: Call, route: str, query: dict[str, Any], field: str
) -> None:
    answer = api(route, query=query)

    assert answer.refusal == (400, "invalid_request")
    assert list(answer.body["details"]) == [field]


@pytest.mark.parametrize(
    "raw",
    ["{", "[]", "7", "null", '"text"', "NaN", '{"name": NaN}', '{"name": "\\ud800"}', "[" * 100_000,
     '{"file_size": ' + "9" * 5000 + "}"],
)  # fmt: skip
def test_what_is_no_json_object_is_a_400(api: Call, raw: str) -> None:
    assert api("POST /api/datasets", raw=raw).refusal == (400, "invalid_request")


def test_bytes_that_are_no_text_are_a_400(deps: Deps) -> None:
    event = an_event("POST /api/datasets", None, ADA_CALLS, None, None, None)
    event |= {"body": b64encode(b"\xff\xfe").decode(), "isBase64Encoded": True}

    assert answered(handle(event, None, deps)).refusal == (400, "invalid_request")


def test_text_that_came_as_base64_is_read(deps: Deps) -> None:
    event = an_event("POST /api/api-keys", None, ADA_CALLS, None, None, None)
    event |= {"body": b64encode(b'{"name": "n"}').decode(), "isBase64Encoded": True}

    assert answered(handle(event, None, deps)).status == 201


@pytest.mark.parametrize("media_type", ["text/plain", "multipart/form-data; boundary=x"])
def test_another_media_type_is_a_415(api: Call, media_type: str) -> None:
    answer = api("POST /api/datasets", raw="{}", headers={"content-type": media_type})

    assert answer.refusal == (415, "unsupported_media_type")


def test_a_body_without_end_is_a_413(api: Call) -> None:
    assert api("POST /api/datasets", raw=" " * (1024**2 + 1)).refusal == (413, "too_large")


def test_an_unknown_path_is_a_404_and_a_wrong_method_a_405(api: Call) -> None:
    wrong = api("PUT /api/jobs")

    assert api("GET /api/nothing").refusal == (404, "route_not_found")
    assert wrong.refusal == (405, "method_not_allowed")
    assert wrong.headers["Allow"] == "GET, POST"


@pytest.mark.parametrize("item_id", ["x" * 3000, "..%2F..", "a b", "é", "#", "DATASET#1"])
def test_no_id_however_odd_breaks_anything(api: Call, item_id: str) -> None:
    assert api(f"GET /api/datasets/{item_id}").status in {400, 404}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=10,
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    route=st.sampled_from(["POST /api/datasets", "POST /api/jobs", "POST /api/training-files"]),
    field=st.sampled_from(
        ["name", "file_name", "file_size", "dataset_id", "gpu_config", "hyperparameters", "jsonl",
         "max_cost", "preset_id", "sha256", "quality_scores", "base_model"]
    ),
    value=json_values,
)  # fmt: skip
def test_whatever_a_field_holds_is_refused_or_done_but_never_an_accident(
    deps: Deps, route: str, field: str, value: Any
) -> None:
    """The table of the fixture is shared by all examples, which is as good as any."""
    body = json.dumps({**BODIES[route], field: value})
    event = an_event(route, None, ADA_CALLS, body, None, None)

    answer: Answer = answered(handle(event, None, deps))

    assert answer.status in {201, 400, 404, 409, 413, 429}


# ---- the table of errors


def leaves(kind: type[errors.PlatformError]) -> set[type[errors.PlatformError]]:
    below = kind.__subclasses__()
    return {kind} if not below else set().union(*(leaves(child) for child in below))


def test_each_error_has_a_status_and_nothing_else_has() -> None:
    assert set(STATUS) == leaves(errors.PlatformError)


def test_the_errors_page_lists_every_code_with_its_status() -> None:
    page = Path("docs/errors.md").read_text()
    expected = {kind.code: status for kind, status in STATUS.items()} | EDGE_CODES

    missing = [
        code for code, status in expected.items() if f"| `{code}` | {int(status)} |" not in page
    ]
    assert missing == []


def test_the_api_page_names_every_route() -> None:
    page = Path("docs/api.md").read_text()
    only_a_greeting = ["GET /"]

    assert [route for route in NATIVE if f"`{route}`" not in page] == only_a_greeting


def test_the_page_to_try_calls_on_needs_nothing_from_elsewhere(api: Call) -> None:
    page = api("GET /docs", caller=NOBODY).text

    assert "SwaggerUIBundle" in page
    assert "<script src=" not in page
