"""What was deleted is gone in the end: records, files, and every old version of them."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from brightrun.ports.dynamodb import keys
from brightrun.ports.dynamodb.key_shapes import Kind
from brightrun.ports.dynamodb.table import numbers
from brightrun.ports.dynamodb.writes import commit, put_new
from brightrun.runtime import Deps
from functions.create_artifacts import app as create_artifacts
from tests.support.api.datasets import upload
from tests.support.api.http_calls import ADA_CALLS, BOB_CALLS, Call, identity
from tests.support.factories import ADA, DATASET_ID, JOB_ID, MODEL_ID, NOON, a_job, a_model

ADMIN = identity(user_id="root", admin="true")
ROWS = b'{"messages":[{"role":"user","content":"Hi"},{"role":"assistant","content":"Ho"}]}\n'


@pytest.fixture
def deps(deps: Deps) -> Deps:
    """A bucket that keeps versions, as the template's does."""
    deps.store.client.put_bucket_versioning(
        Bucket="storage", VersioningConfiguration={"Status": "Enabled"}
    )
    return deps


def versions(deps: Deps, prefix: str = "") -> list[str]:
    found = deps.store.client.list_object_versions(Bucket="storage", Prefix=prefix)
    entries = [*found.get("Versions", []), *found.get("DeleteMarkers", [])]
    return [entry["Key"] for entry in entries]


def items(deps: Deps) -> str:
    """Everything in the table but the trail, which is kept as long as configured."""
    found = deps.table.client.scan(TableName="records")["Items"]
    return json.dumps([i for i in found if not str(i["sk"]).startswith("AUDIT#")], default=str)


def after(deps: Deps, **passed: float) -> Deps:
    later = NOON + timedelta(**passed)
    moved = replace(deps, now=lambda: later)
    create_artifacts.handle({}, None, moved)
    return moved


def a_deleted_dataset(api: Call, deps: Deps) -> str:
    """Uploaded twice over, reported, deleted."""
    new = {"name": "n", "file_name": "n.jsonl", "file_size": len(ROWS)}
    made: dict[str, Any] = api("POST /api/datasets", new).data["dataset"]
    upload(deps, made["storage_path"], ROWS)
    upload(deps, made["storage_path"], ROWS)
    api(f"POST /api/datasets/{made['id']}/confirm")
    upload(deps, f"reports/ada/{made['id']}/report.jsonl", b"{}\n")
    api(f"DELETE /api/datasets/{made['id']}")
    return str(made["id"])


def a_deleted_model(api: Call, deps: Deps) -> None:
    model = a_model()
    for key in model.artifacts.values():
        upload(deps, key)
    commit(deps.table, [put_new(deps.table, model)])
    api(f"DELETE /api/models/{MODEL_ID}")


def test_a_deleted_dataset_is_kept_for_its_days_and_then_gone_with_old_versions(
    api: Call, deps: Deps
) -> None:
    dataset_id = a_deleted_dataset(api, deps)
    after(deps, days=29)
    kept = (len(versions(deps)), dataset_id in items(deps))

    after(deps, days=30, minutes=1)

    assert kept == (4, True)  # two versions, the marker that hides them, the report
    assert versions(deps) == []
    assert dataset_id not in items(deps)
    assert numbers(deps.table, keys.counts(ADA, Kind.DATASET))["deleted"] == 0


def test_a_deleted_model_is_kept_for_its_days_and_then_gone(api: Call, deps: Deps) -> None:
    a_deleted_model(api, deps)
    after(deps, days=29)
    kept = len(versions(deps, "models/ada/"))

    after(deps, days=30, minutes=1)

    assert kept == 2
    assert versions(deps) == []
    assert "MODEL#" not in items(deps)


def test_a_deleted_model_counts_no_longer_as_its_owners(api: Call, deps: Deps) -> None:
    a_deleted_model(api, deps)

    assert numbers(deps.table, keys.counts(ADA, Kind.BYTES))["models"] == -1200


def test_a_model_outlives_its_dataset(api: Call, deps: Deps) -> None:
    dataset_id = a_deleted_dataset(api, deps)
    commit(deps.table, [put_new(deps.table, a_model(dataset_id=dataset_id))])

    after(deps, days=31)

    shown = api(f"GET /api/models/{MODEL_ID}").data
    assert shown["dataset"]["total_training_pairs"] == 1000
    assert api(f"POST /api/models/{MODEL_ID}/download").data["download_urls"]
    assert [row["id"] for row in api("GET /api/models").data["models"]] == [MODEL_ID]


def test_an_administrator_sees_what_is_deleted_until_it_is_erased(api: Call, deps: Deps) -> None:
    dataset_id = a_deleted_dataset(api, deps)
    a_deleted_model(api, deps)
    path = f"/api/admin/users/{ADA}/deleted"
    seen = api(f"GET {path}", caller=ADMIN).data["deleted"]
    after(deps, days=31)

    assert [(one["kind"], one["id"], one["name"]) for one in seen] == [
        ("dataset", dataset_id, "n"),
        ("model", MODEL_ID, a_model().name),
    ]
    assert all(one["due_at"].startswith("2026-12-20") for one in seen)
    assert api(f"GET {path}", caller=ADMIN).data == {"deleted": [], "cursor": None}
    assert api(f"GET {path}", caller=ADA_CALLS).status == 403


def test_an_administrator_erases_at_once_what_was_deleted_and_nothing_else(
    api: Call, deps: Deps
) -> None:
    dataset_id = a_deleted_dataset(api, deps)
    kept = api("POST /api/datasets", {"name": "k", "file_name": "k", "file_size": 9}).data
    upload(deps, kept["dataset"]["storage_path"])

    purged = api("POST /api/admin/users/ada/purge", caller=ADMIN).data["erasures"]
    after(deps, minutes=1)

    assert [(each["kind"], each["id"]) for each in purged] == [("dataset", dataset_id)]
    assert versions(deps) == [kept["dataset"]["storage_path"]]
    assert dataset_id not in items(deps)


def test_a_purge_takes_what_is_named(api: Call, deps: Deps) -> None:
    first, second = a_deleted_dataset(api, deps), a_deleted_dataset(api, deps)

    api("POST /api/admin/users/ada/purge", {"ids": [first]}, caller=ADMIN)
    after(deps, minutes=1)

    assert (first in items(deps), second in items(deps)) == (False, True)


def test_what_was_restored_by_hand_stays(api: Call, deps: Deps) -> None:
    a_deleted_model(api, deps)
    where = {"pk": keys.model(ADA, MODEL_ID).pk, "sk": keys.model(ADA, MODEL_ID).sk}
    deps.table.client.update_item(
        TableName="records", Key=where, UpdateExpression="REMOVE deleted_at"
    )

    after(deps, days=31)

    assert len(versions(deps, "models/ada/")) == 2
    assert "ERASE#" not in items(deps)


def test_storage_that_refuses_is_asked_again_later(api: Call, deps: Deps) -> None:
    a_deleted_model(api, deps)

    class Refusing:
        def __getattr__(self, name: str) -> Any:
            return getattr(deps.store.client, name)

        def delete_objects(self, **_: Any) -> dict[str, Any]:
            return {"Errors": [{"Key": "k", "Code": "AccessDenied"}]}

    refusing: Any = Refusing()
    after(replace(deps, store=replace(deps.store, client=refusing)), days=31)
    failed = "MODEL#" in items(deps)
    after(deps, days=31, minutes=6)

    assert failed
    assert versions(deps) == []


@pytest.mark.parametrize("route", ["purge", "erase", "export", "erasure"])
def test_only_administrators_reach_the_data_of_others(api: Call, route: str) -> None:
    method = "POST" if route in {"purge", "erase"} else "GET"
    body = {"confirm": "erase everything"} if route == "erase" else None

    assert api(f"{method} /api/admin/users/bob/{route}", body).refusal == (403, "forbidden")


def test_a_job_of_a_dataset_that_is_gone_can_still_be_read(api: Call, deps: Deps) -> None:
    commit(deps.table, [put_new(deps.table, a_job())])

    assert api(f"GET /api/jobs/{JOB_ID}").data["job"]["dataset"]["id"] == DATASET_ID
    assert api("GET /api/jobs", caller=ADA_CALLS).data["jobs"][0]["id"] == JOB_ID
    assert api("GET /api/jobs", caller=BOB_CALLS).data["jobs"] == []
