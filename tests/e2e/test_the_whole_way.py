"""One job with the real trainer, through everything that may happen to a worker."""

import json
import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from local.demo.check import Loaded
from local.demo.client import Json, download, upload
from local.demo.data.build import FILE_NAME, write_dataset
from tests.support.whole_stack import Whole

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

ORDER: Json = {
    "preset_id": "custom",
    "gpu_config": {"type": "A100-80GB", "count": 1},
    "hyperparameters": {"learning_rate": 0.001, "batch_size": 4, "epochs": 2, "rank": 16},
}
PATIENCE_SECONDS = 900.0
SOME_STEPS = random.Random().randint(2, 12)


def until(seen: Callable[[], Any]) -> Any:
    """Return what `seen` says as soon as it says something."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if (found := seen()) is not None:
            return found
        time.sleep(0.5)
    raise AssertionError("it did not happen in time")


@pytest.fixture(scope="module")
def trained(whole: Whole, tmp_path_factory: pytest.TempPathFactory) -> Json:
    """The ended job: delivered twice, its worker killed twice, the stack restarted in between."""
    file = write_dataset(tmp_path_factory.mktemp("data") / FILE_NAME)
    call = whole.pipeline.call
    dataset_id = upload(whole.pipeline, file, "bakery")
    until(lambda: call("GET", f"/api/datasets/{dataset_id}") if _ready(whole, dataset_id) else None)
    job_id = call("POST", "/api/jobs", {**ORDER, "dataset_id": dataset_id})["id"]

    def job() -> Json:
        found: Json = call("GET", f"/api/jobs/{job_id}")["job"]
        return found

    def when(is_so: Callable[[Json], object]) -> Json:
        found: Json = until(lambda: _if(job(), is_so))
        return found

    first = when(lambda now: now["status"] == "running")
    act(whole, f"runs/{first['external_job_id']}/duplicate")
    kill_the_worker(whole, when(lambda now: _trains_beyond(now, 1, SOME_STEPS)))
    second = when(lambda now: _trains_beyond(now, 2, SOME_STEPS))
    whole.restart_the_cloud()
    reached = second["checkpoint_step"] + SOME_STEPS
    kill_the_worker(whole, when(lambda now: _trains_beyond(now, 2, reached)))
    return when(lambda now: now["completed_at"])


def _trains_beyond(job: Json, attempt: int, step: int) -> bool:
    """Whether an attempt has kept a checkpoint and gone on from it."""
    kept = job["checkpoint_step"] or 0
    return bool(job["attempt"] == attempt and step <= kept < job["current_step"])


def kill_the_worker(whole: Whole, job: Json) -> None:
    """SIGKILL whoever works on the job's run."""
    for worker in whole.workers():
        if job["external_job_id"] in worker["runs"]:
            act(whole, f"workers/{worker['id']}/kill")


def act(whole: Whole, what: str) -> None:
    whole.standin.post(f"/_standin/{what}").raise_for_status()


def _ready(whole: Whole, dataset_id: str) -> bool:
    dataset = whole.pipeline.call("GET", f"/api/datasets/{dataset_id}")
    assert dataset["status"] != "error", dataset["error_message"]
    return bool(dataset["status"] == "ready")


def _if(found: Json, is_so: Callable[[Json], object]) -> Json | None:
    return found if is_so(found) else None


def test_workers_killed_in_mid_training_cost_a_few_steps_and_not_the_job(
    whole: Whole, trained: Json
) -> None:
    """Completed once, by the third attempt; each went on from the last checkpoint."""
    logs = whole.pipeline.call("GET", f"/api/jobs/{trained['id']}/logs?type=attempt.lost")
    told = [line["message"] for line in logs["events"]]

    assert (trained["status"], trained["attempt"]) == ("completed", 3)
    assert ["goes on after step" in message for message in told] == [True, True], told


def test_the_bill_is_what_the_three_attempts_used(whole: Whole, trained: Json) -> None:
    attempts = whole.pipeline.call("GET", f"/api/jobs/{trained['id']}")["attempts"]
    seconds = sum(attempt["gpu_seconds"] for attempt in attempts)

    assert len(attempts) == 3
    assert min(attempt["gpu_seconds"] for attempt in attempts) > 0
    # and 0.50 for the storage of its model, as the estimate said
    assert float(trained["final_cost"]) == pytest.approx(seconds / 3600 * 3.50 + 0.50, abs=1e-5)


def test_there_is_one_model_and_one_cost_record_of_each_kind(whole: Whole, trained: Json) -> None:
    models = whole.pipeline.call("GET", "/api/models")["models"]
    costs = whole.pipeline.call("GET", "/api/costs")["records"]

    assert [model["job_id"] for model in models] == [trained["id"]]
    paid = sorted((cost["job_id"], cost["cost_type"]) for cost in costs)
    assert paid == [(trained["id"], "storage"), (trained["id"], "training_compute")]


def test_the_curve_has_every_step_once(whole: Whole, trained: Json) -> None:
    points = whole.pipeline.call("GET", f"/api/jobs/{trained['id']}?resolution=1000")["metrics"]
    steps = sorted(point["step"] for point in points if point["training_loss"] is not None)

    assert steps == list(range(1, trained["total_steps"] + 1))


def test_the_second_delivery_was_told_to_leave(whole: Whole, trained: Json) -> None:
    """Its answer to RunPod says so; it never trained."""
    answers = [json.dumps(run) for run in whole.runs() if trained["id"] in json.dumps(run)]

    assert any('"superseded"' in answer for answer in answers), answers


def test_the_adapter_beats_its_base_and_loads_as_the_worker_saw_it(
    whole: Whole, trained: Json, tmp_path: Path
) -> None:
    model = whole.pipeline.call("GET", f"/api/models/{trained['artifact_id']}")
    comparison = model["comparison"]
    download(whole.pipeline, model, tmp_path)
    count, difference = Loaded(whole.base_model, tmp_path).probe_difference(
        tmp_path / "probes.json"
    )

    assert comparison["adapter_loss"] < comparison["base_loss"]
    assert comparison["difference_high"] < 0
    assert count > 0
    assert difference < 0.001
