"""The API held against the platform's own documents: every field by name and type.

One dataset, one job and one model, made by the real functions; then every answer about them.
"""

import json
from dataclasses import replace
from typing import Any

import pytest

from brightrun.runtime import Deps
from functions.api.app import handle
from functions.validate_dataset import app as validate_dataset
from tests.support.api import specification as spec
from tests.support.api.datasets import NEW, upload
from tests.support.api.http_calls import Answer, an_event, answered, identity
from tests.support.factories import ADA
from tests.support.harness import World, a_world

ROWS = b"".join(
    json.dumps({"prompt": f"What is {n} + {n}?", "completion": f"It is {2 * n}."}).encode() + b"\n"
    for n in range(1, 41)
)
ADAS = identity(user_id=ADA, email="ada@example.org")
ADMIN = identity(user_id="root", admin="true")


class Life:
    """A stage on which a model was made."""

    def __init__(self, deps: Deps) -> None:
        self.world: World = a_world(deps)
        self.dataset = self._dataset()
        self.job = self._job()

    def call(
        self, route: str, body: object = None, query: Any = None, *, admin: bool = False
    ) -> Answer:
        caller = ADMIN if admin else ADAS
        event = an_event(route, body, caller, None, None, query)
        return answered(handle(event, None, self.world.deps))

    def _dataset(self) -> str:
        new = {**NEW, "file_size": len(ROWS)}
        made = self.call("POST /api/datasets", new).data["dataset"]
        upload(self.world.deps, made["storage_path"], ROWS)
        self.call(f"POST /api/datasets/{made['id']}/confirm")
        validate_dataset.handle({}, None, self.world.deps)
        return str(made["id"])

    def _job(self) -> str:
        order = {"dataset_id": self.dataset, "gpu_config": {"type": "A100-80GB", "count": 1}}
        job = self.call("POST /api/jobs", order).data
        self.world.job_id = job["id"]
        self.world.tick()
        worker = self.world.worker("run-1")
        worker.start()
        worker.trains(range(1, 11), seconds=90)
        worker.finishes(seconds=100)
        self.world.tick()
        return str(job["id"])

    @property
    def model(self) -> str:
        return str(self.call("GET /api/models").data["models"][0]["id"])


@pytest.fixture
def life(deps: Deps) -> Life:
    settings = deps.settings.model_copy(update={"cognito_pool_id": "us-east-1_pool"})
    return Life(replace(deps, settings=settings))


def test_datasets(life: Life) -> None:
    page = life.call("GET /api/datasets").data
    shown = life.call(f"GET /api/datasets/{life.dataset}").data

    assert spec.differences(page["datasets"][0], spec.DATASET_ROW) == []
    assert spec.differences(page["pagination"], spec.PAGINATION) == []
    assert set(page["counts"]) == {"uploading", "validating", "ready", "error"}
    assert spec.differences(shown, spec.DATASET) == []
    assert all(isinstance(sample, dict) for sample in shown["sample_data"])
    assert len(shown["sample_data"]) == 3
    errors = life.call(f"GET /api/datasets/{life.dataset}/errors").data
    assert all(spec.differences(each, spec.PROBLEM) == [] for each in errors["problems"])


def test_an_estimate(life: Life) -> None:
    order = {"dataset_id": life.dataset, "gpu_config": {"type": "A100-80GB", "count": 1}}
    priced = life.call("POST /api/jobs/estimate", order).data

    assert spec.differences(priced, spec.ESTIMATE) == []
    assert spec.differences(priced["cost_breakdown"], "compute:m storage:m") == []
    assert spec.differences(priced["training_details"], spec.TRAINING_DETAILS) == []


def test_a_job_and_what_is_told_of_it(life: Life) -> None:
    page = life.call(f"GET /api/jobs/{life.job}").data
    job = page["job"]

    assert job["status"] == "completed"
    assert spec.differences(job, spec.JOB) == []
    assert spec.differences(job["dataset"], spec.JOBS_DATASET) == []
    assert spec.differences(job["gpu_config"], spec.GPU_CONFIG) == []
    assert spec.differences(job["hyperparameters"], spec.HYPERPARAMETERS) == []
    assert spec.differences(job["current_metrics"], spec.POINT) == []
    for name, documented in {
        "metrics": spec.POINT, "cost_records": spec.COST, "events": spec.EVENT,
        "phases": spec.PHASE, "attempts": spec.ATTEMPT,
    }.items():  # fmt: skip
        assert page[name], name
        assert [spec.differences(each, documented) for each in page[name]] == [[]] * len(page[name])


def test_lists_of_jobs_and_their_log(life: Life) -> None:
    page = life.call("GET /api/jobs").data
    log = life.call(f"GET /api/jobs/{life.job}/logs").data

    assert spec.differences(page["jobs"][0], spec.JOB) == []
    assert spec.differences(page["pagination"], spec.PAGINATION) == []
    assert page["pagination"]["limit"] == 10
    assert spec.differences(log["events"][0], spec.EVENT) == []


def test_models(life: Life) -> None:
    page = life.call("GET /api/models").data
    model = life.call(f"GET /api/models/{life.model}").data

    assert spec.differences(page["models"][0], spec.MODEL_ROW) == []
    assert page["pagination"]["limit"] == 12
    assert spec.differences(model, spec.MODEL) == []
    assert spec.differences(model["dataset"], spec.MODELS_DATASET) == []
    assert spec.differences(model["job"], spec.MODELS_JOB) == []
    assert spec.differences(model["quality_metrics"], spec.QUALITY) == []
    assert spec.differences(model["training_summary"], spec.SUMMARY) == []
    assert (
        spec.differences(model["configuration"], "preset_id:s hyperparameters:o gpu_config:o") == []
    )
    assert [spec.differences(file, spec.STORED_FILE) for file in model["manifest"]] == [[]] * 6
    assert set(model["artifacts"]) == {file["name"] for file in model["manifest"]}
    assert model["version"] == "1.0.0"
    assert model["name"].startswith("Letters - 2026-11-20")


def test_a_models_download(life: Life) -> None:
    links = life.call(f"POST /api/models/{life.model}/download").data

    assert spec.differences(links, spec.MODEL_DOWNLOAD) == []
    assert links["expires_in_seconds"] == 3600


def test_costs(life: Life) -> None:
    costs = life.call("GET /api/costs").data

    assert spec.differences(costs, spec.COSTS) == []
    assert set(costs["cost_by_type"]) == {"training_compute", "storage", "evaluation", "transfer"}
    assert spec.differences(costs["chart_data"][0], "date:s amount:m") == []
    for record in costs["records"]:
        assert spec.differences(record, spec.COST) == []
        assert spec.differences(record["details"], spec.COST_DETAILS) == []
        assert (record["job_name"], record["job_status"]) != (None, None)


def test_notifications_say_what_the_table_says(life: Life) -> None:
    told = life.call("GET /api/notifications").data
    titles = {note["type"]: (note["priority"], note["title"]) for note in told["notifications"]}

    assert [spec.differences(n, spec.NOTIFICATION) for n in told["notifications"]] == [[]] * len(
        told["notifications"]
    )
    assert titles == {
        "dataset_ready": ("medium", "Dataset Ready"),
        "job_queued": ("low", "Training Job Queued"),
        "job_started": ("medium", "Training Started"),
        "job_completed": ("high", "Training Complete"),
        "artifact_ready": ("high", "Model Ready for Download"),
    }
    metadata = {note["type"]: set(note["metadata"]) for note in told["notifications"]}
    assert metadata["dataset_ready"] == {"dataset_id", "dataset_name"}
    assert metadata["job_started"] == {"job_id", "dataset_name"}
    assert metadata["artifact_ready"] == {"job_id", "dataset_name", "artifact_id"}


def test_the_library_keys_and_what_can_be_chosen(life: Life) -> None:
    file = {"name": "t", "jsonl": {"file_name": "t", "file_size": 1}}
    made = life.call("POST /api/training-files", file).data["training_file"]
    life.call("POST /api/api-keys", {"name": "ci"})
    (key,) = life.call("GET /api/api-keys").data["api_keys"]
    catalog = life.call("GET /api/catalog").data

    assert spec.differences(made, spec.TRAINING_FILE) == []
    assert spec.differences(key, spec.API_KEY) == []
    assert [spec.differences(gpu, spec.GPU) for gpu in catalog["gpu_types"]] == [[]] * 4
    assert [spec.differences(preset, spec.PRESET) for preset in catalog["presets"]] == [[]] * 3


@pytest.mark.parametrize(
    ("route", "documented"),
    [
        ("GET /api/config", spec.CONFIG),
        ("GET /api/me", spec.ME),
        ("GET /api/health", spec.HEALTH),
        ("GET /api/limits", spec.LIMITS),
        ("GET /api/admin/overview", spec.OVERVIEW),
        ("GET /api/admin/users/ada/limits", spec.LIMITS),
    ],
)
def test_single_answers(life: Life, route: str, documented: str) -> None:
    answer = life.call(route, admin="/admin/" in route).data

    assert spec.differences(answer, documented) == []


def test_the_administrators_lists(life: Life) -> None:
    (user,) = life.call("GET /api/admin/users", admin=True).data["users"]

    assert spec.differences(user, spec.USER_ROW) == []
    assert life.call("GET /api/admin/watchdog", admin=True).status == 200
    assert life.call("GET /api/admin/unreadable", admin=True).data["items"] == []
