"""Ids that stand in bodies and queries: a user's own are found, another's are not there.

Which there are is read off both documents, so that a new one without a test is noticed.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from brightrun.runtime import Deps
from tests.support.api.bodies import ORDER
from tests.support.api.datasets import BODY, upload
from tests.support.api.http_calls import ADA_CALLS, BOB_CALLS, Call
from tests.support.factories import DATASET_ID

OURS = {"dataset_id", "training_file_id", "job_id", "model_id", "artifact_id", "ids", "key_id"}
THEIRS = {"training_file", "validation_file", "part_ids"}
IN_BODIES = {
    "POST /api/jobs dataset_id",
    "POST /api/jobs/estimate dataset_id",
    "POST /api/datasets/import-from-training-file training_file_id",
    "GET /api/jobs dataset_id",
    "GET /api/models dataset_id",
    # only an administrator gets there, and may name anybody's
    "POST /api/admin/users/{user_id}/purge ids",
}
IN_BODIES_OF_OPENAI = {
    # tests/integration/openai/test_tenants.py
    "POST /v1/fine_tuning/jobs training_file",
    "POST /v1/uploads/{upload_id}/complete part_ids",
    # refused whatever it names
    "POST /v1/fine_tuning/jobs validation_file",
}


def named_ids(document: str, wanted: set[str]) -> Iterator[str]:
    """Yield each call of a user with the ids that its query and its body name."""
    described = json.loads(Path(document).read_text())
    schemas = described["components"]["schemas"]
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            if path.startswith("/worker/"):
                continue
            names = {e["name"] for e in operation.get("parameters", []) if e["in"] == "query"}
            for media in operation.get("requestBody", {}).get("content", {}).values():
                names |= set(_properties(media["schema"], schemas, frozenset()))
            yield from (f"{method.upper()} {path} {name}" for name in names & wanted)


def _properties(schema: Any, schemas: Any, seen: frozenset[str]) -> Iterator[str]:
    if isinstance(schema, list):
        for each in schema:
            yield from _properties(each, schemas, seen)
    if not isinstance(schema, dict):
        return
    if isinstance(reference := schema.get("$ref"), str):
        name = reference.rpartition("/")[2]
        if name not in seen:
            yield from _properties(schemas[name], schemas, seen | {name})
    yield from schema.get("properties", {})
    for inner in schema.values():
        yield from _properties(inner, schemas, seen)


def test_every_id_in_a_body_or_a_query_is_one_that_is_tested() -> None:
    assert set(named_ids("docs/openapi.json", OURS)) == IN_BODIES
    assert set(named_ids("docs/openapi-v1.json", THEIRS)) == IN_BODIES_OF_OPENAI


@pytest.mark.usefixtures("adas")
@pytest.mark.parametrize("route", ["POST /api/jobs", "POST /api/jobs/estimate"])
def test_a_dataset_is_named_by_its_owner_alone(api: Call, route: str) -> None:
    assert api(route, ORDER).status < 300
    assert api(route, ORDER, caller=BOB_CALLS).refusal == (404, "dataset_not_found")


def test_a_training_file_is_imported_by_its_owner_alone(api: Call, deps: Deps) -> None:
    new = {"name": "g", "jsonl": {"file_name": "v4.jsonl", "file_size": len(BODY)}}
    file = api("POST /api/training-files", new).data["training_file"]
    upload(deps, file["jsonl"]["key"])
    route, body = "POST /api/datasets/import-from-training-file", {"training_file_id": file["id"]}

    assert api(route, body, caller=BOB_CALLS).refusal == (404, "training_file_not_found")
    assert api(route, body).status == 201


@pytest.mark.usefixtures("adas")
@pytest.mark.parametrize(
    ("route", "kind"), [("GET /api/jobs", "jobs"), ("GET /api/models", "models")]
)
def test_a_list_filtered_by_anothers_dataset_is_empty(api: Call, route: str, kind: str) -> None:
    shown = {
        name: api(route, caller=caller, query={"dataset_id": DATASET_ID}).data[kind]
        for name, caller in {"ada": ADA_CALLS, "bob": BOB_CALLS}.items()
    }

    assert shown["bob"] == []
    assert len(shown["ada"]) == 1
