"""Models over HTTP: listed, shown, downloaded, renamed, put away."""

import math
from urllib.parse import urlsplit

import pytest

from brightrun.models.quality import Quality
from brightrun.models.record import ModelArtifact, ModelStatus
from brightrun.ports.dynamodb import keys
from brightrun.ports.dynamodb.key_shapes import Kind
from brightrun.ports.dynamodb.table import numbers
from brightrun.ports.dynamodb.writes import add, commit, put_new
from brightrun.runtime import Deps
from tests.support.api.http_calls import Call
from tests.support.factories import ADA, JOB_ID, MODEL_ID, SHA256, a_model


def store(deps: Deps, model: ModelArtifact) -> None:
    counted = add(deps.table, keys.counts(ADA, Kind.MODEL), {model.status: 1})
    commit(deps.table, [put_new(deps.table, model), counted])


def counts(deps: Deps) -> dict[str, int]:
    sums = numbers(deps.table, keys.counts(ADA, Kind.MODEL))
    return {name: int(value) for name, value in sums.items() if value}


def rated(number: int, stars: int, name: str = "Bakery") -> ModelArtifact:
    quality = Quality(overall_score=stars, convergence_quality="good", reason="")
    return a_model(id=f"{MODEL_ID[:-1]}{number}", name=name, quality_metrics=quality)


def test_models_are_listed_newest_or_best_first_and_found_by_name(api: Call, deps: Deps) -> None:
    for number, stars in enumerate([3, 5, 2, 5]):
        store(deps, rated(number, stars, name=f"Model {number}"))

    def order(**query: str) -> list[str]:
        return [row["id"][-1] for row in api("GET /api/models", query=query).data["models"]]

    assert order() == ["3", "2", "1", "0"]
    assert order(sort="quality") == ["3", "1", "0", "2"]
    assert order(search="MODEL 2") == ["2"]
    page = api("GET /api/models", query={"limit": 3, "page": 2, "sort": "quality"}).data
    assert [row["id"][-1] for row in page["models"]] == ["2"]
    assert page["pagination"]["total"] == 4


def test_a_model_shows_its_job_dataset_files_and_price(api: Call, deps: Deps) -> None:
    store(deps, a_model())

    model = api(f"GET /api/models/{MODEL_ID}").data

    assert model["job"]["id"] == JOB_ID
    assert model["job"]["final_cost"] == 3.21
    assert model["job"]["hyperparameters"]["rank"] == 16
    assert model["dataset"]["total_training_pairs"] == 1000
    assert model["manifest"][0] == {
        "name": "adapter_model.safetensors", "size_bytes": 1000, "sha256": SHA256,
    }  # fmt: skip
    assert model["total_size_bytes"] == 1200
    assert model["artifacts"]["manifest.json"] == f"models/ada/{MODEL_ID}/manifest.json"


def test_a_perplexity_too_large_for_a_number_is_told_as_infinite(api: Call, deps: Deps) -> None:
    quality = Quality(overall_score=2, convergence_quality="poor", reason="", perplexity=math.inf)
    store(deps, a_model(quality_metrics=quality))

    shown = api(f"GET /api/models/{MODEL_ID}").data["quality_metrics"]

    assert (shown["perplexity"], shown["perplexity_is_infinite"]) == (None, True)


def test_a_download_is_signed_for_an_hour_for_the_files_named(api: Call, deps: Deps) -> None:
    store(deps, a_model())

    everything = api(f"POST /api/models/{MODEL_ID}/download").data
    one = api(f"POST /api/models/{MODEL_ID}/download", {"files": ["manifest.json"]}).data

    assert sorted(everything["download_urls"]) == ["adapter_model.safetensors", "manifest.json"]
    assert (everything["expires_in_seconds"], everything["expires_at"]) == (
        3600,
        "2026-11-20T13:00:00.000000Z",
    )
    path = urlsplit(one["download_urls"]["manifest.json"]).path
    assert path.endswith(f"/models/ada/{MODEL_ID}/manifest.json")


def test_an_unknown_file_is_refused_with_the_known_ones(api: Call, deps: Deps) -> None:
    store(deps, a_model())

    refused = api(f"POST /api/models/{MODEL_ID}/download", {"files": ["../secrets"]})

    assert refused.refusal == (400, "invalid_request")
    assert refused.body["details"] == {
        "files": ["unknown: ../secrets; known are adapter_model.safetensors, manifest.json"]
    }


def test_a_model_is_renamed_and_moved_and_counted(api: Call, deps: Deps) -> None:
    store(deps, a_model())

    model = api(f"PATCH /api/models/{MODEL_ID}", {"name": "Best", "status": "testing"}).data

    assert (model["name"], model["status"]) == ("Best", "testing")
    assert counts(deps) == {"testing": 1}


@pytest.mark.parametrize(
    ("now", "asked", "allowed"),
    [
        ("stored", "testing", True),
        ("stored", "production", False),
        ("testing", "production", True),
        ("testing", "stored", True),
        ("production", "stored", False),
        ("production", "testing", True),
        ("production", "archived", True),
        ("archived", "stored", True),
        ("archived", "production", False),
    ],
)
def test_nothing_goes_to_production_untested(
    api: Call, deps: Deps, now: str, asked: str, *, allowed: bool
) -> None:
    store(deps, a_model(status=ModelStatus(now)))

    answer = api(f"PATCH /api/models/{MODEL_ID}", {"status": asked})

    assert answer.status == (200 if allowed else 409)


def test_a_deleted_model_is_in_no_list_and_counted_apart(api: Call, deps: Deps) -> None:
    store(deps, a_model())

    api(f"DELETE /api/models/{MODEL_ID}")

    assert api(f"GET /api/models/{MODEL_ID}").refusal == (404, "model_not_found")
    for sort in ("created_at", "quality"):
        page = api("GET /api/models", query={"sort": sort}).data
        assert (page["models"], page["pagination"]["total"]) == ([], 0)
    assert counts(deps) == {"deleted": 1}
