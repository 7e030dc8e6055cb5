"""What was validated is what is previewed, signed and trained; a change is found before a GPU."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from brightrun.jobs.change import JobState, unchanged
from brightrun.ports.dynamodb import keys
from brightrun.ports.dynamodb.jobs import create_job
from brightrun.ports.dynamodb.key_shapes import Kind
from brightrun.ports.dynamodb.table import numbers
from brightrun.runtime import Deps
from brightrun.work import Work, work_of
from functions.validate_dataset import app as validate_dataset
from tests.support.api.http_calls import Call
from tests.support.factories import ADA, JOB_ID, NOON, a_job
from tests.support.harness import World, a_world

GOOD = b'{"prompt": "What is 1 + 1?", "completion": "It is 2."}\n' * 12
EVIL = GOOD.replace(b"It is 2.", b"It is 3.")


@pytest.fixture(params=["with versions", "without"])
def deps(deps: Deps, request: pytest.FixtureRequest) -> Deps:
    if request.param == "with versions":
        deps.store.client.put_bucket_versioning(
            Bucket="storage", VersioningConfiguration={"Status": "Enabled"}
        )
    return deps


def ready(api: Call, deps: Deps, *, put_meanwhile: bytes | None = None) -> tuple[str, str]:
    """A dataset of Ada's that was validated; its id, and where it lies."""
    new = {"name": "n", "file_name": "n.jsonl", "file_size": len(GOOD)}
    made = api("POST /api/datasets", new).data
    key = httpx.URL(made["upload"]["url"]).path.lstrip("/").removeprefix("storage/")
    deps.store.client.put_object(Bucket="storage", Key=key, Body=GOOD)
    api(f"POST /api/datasets/{made['dataset']['id']}/confirm")
    if put_meanwhile is not None:
        deps.store.client.put_object(Bucket="storage", Key=key, Body=put_meanwhile)
    validate_dataset.handle({}, None, deps)
    return made["dataset"]["id"], key


def a_world_with_job(deps: Deps, key: str, etag: str, version_id: str | None) -> World:
    world = a_world(deps)
    job = a_job(
        dataset_path=key, dataset_etag=etag, dataset_version_id=version_id,
        work=work_of(Work.DISPATCH, JOB_ID), due_at=NOON,
    )  # fmt: skip
    create_job(deps.table, job, unchanged(JobState(job)), [], max_active=9)
    return world


def test_what_was_confirmed_is_what_is_validated(api: Call, deps: Deps) -> None:
    """Without versions the newest is; its ETag is not the confirmed one, so no GPU trains it."""
    dataset_id, key = ready(api, deps, put_meanwhile=EVIL)
    is_versioned = "VersionId" in deps.store.client.head_object(Bucket="storage", Key=key)
    validated = api(f"GET /api/datasets/{dataset_id}").data["sha256"]

    assert (validated == hashlib.sha256(GOOD).hexdigest()) is is_versioned


def test_a_put_after_validation_does_not_change_what_is_shown(api: Call, deps: Deps) -> None:
    dataset_id, key = ready(api, deps)
    deps.store.client.put_object(Bucket="storage", Key=key, Body=EVIL)
    is_versioned = "VersionId" in deps.store.client.head_object(Bucket="storage", Key=key)

    shown = json.dumps(api(f"GET /api/datasets/{dataset_id}/preview").data)

    assert ("It is 2." in shown) is is_versioned


def test_a_put_after_validation_costs_no_gpu(api: Call, deps: Deps) -> None:
    """Without versions the job ends in words; with them it trains what was validated."""
    _, key = ready(api, deps)
    head: dict[str, Any] = {**deps.store.client.head_object(Bucket="storage", Key=key)}
    world = a_world_with_job(deps, key, head["ETag"].strip('"'), head.get("VersionId"))
    deps.store.client.put_object(Bucket="storage", Key=key, Body=EVIL)

    world.tick()

    if "VersionId" in head:
        assert [run.input["job_id"] for run in world.runpod.runs.values()] == [JOB_ID]
        download = world.worker("run-1").start().dataset.url
        assert httpx.URL(download).params["versionId"] == head["VersionId"]
    else:
        assert (world.job().error_code, world.runpod.calls) == ("dataset_changed", [])


def test_a_file_that_is_gone_costs_no_gpu(deps: Deps) -> None:
    world = a_world_with_job(deps, "datasets/ada/gone/n.jsonl", "etag", None)

    world.tick()

    assert world.job().error_code == "dataset_changed"
    assert not world.job().final_cost
    assert world.runpod.runs == {}


def test_the_file_of_a_deleted_dataset_goes_and_none_comes_after_it(api: Call, deps: Deps) -> None:
    dataset_id, key = ready(api, deps)
    api(f"DELETE /api/datasets/{dataset_id}")
    gone = deps.store.client.list_objects_v2(Bucket="storage", Prefix="datasets/").get("KeyCount")
    deps.store.client.put_object(Bucket="storage", Key=key, Body=GOOD)
    event = json.loads(Path("events/s3_object_created.json").read_text())
    event["detail"]["object"]["key"] = key

    validate_dataset.handle(event, None, deps)

    left = deps.store.client.list_objects_v2(Bucket="storage", Prefix="datasets/").get("KeyCount")
    assert (gone, left) == (0, 0)
    assert numbers(deps.table, keys.counts(ADA, Kind.BYTES))["datasets"] == 0


def test_a_job_of_an_earlier_version_is_dispatched_unasked(deps: Deps) -> None:
    world = a_world(replace(deps))
    world.queue_job()

    world.tick()

    assert len(world.runpod.runs) == 1
