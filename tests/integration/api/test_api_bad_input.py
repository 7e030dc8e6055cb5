"""Bad input over HTTP: a refusal that names the field, whatever was sent, and never an accident.

Covers: errors.
"""

import json
from base64 import b64encode
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from brightrun.runtime import Deps
from functions.api.app import handle
from tests.support.api.bodies import BODIES, ORDER
from tests.support.api.http_calls import ADA_CALLS, Answer, Call, an_event, answered
from tests.support.factories import DATASET_ID, JOB_ID, MODEL_ID

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


@pytest.mark.parametrize("item_id", ["x" * 3000, "..%2F..", "a b", "é", "#", "DATASET#1", "\ud800"])
def test_no_id_however_odd_breaks_anything(api: Call, item_id: str) -> None:
    assert api(f"GET /api/datasets/{item_id}").status in {400, 404}
    assert api(f"PATCH /api/datasets/{item_id}", {"name": "n"}).status in {400, 404}


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
