"""One job with the real trainer, through everything that may happen to a worker."""

import json
import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from brightrun.client import JobChoices
from brightrun.jobs.view import JobView
from local.demo.check import Loaded
from local.demo.data.build import FILE_NAME, write_dataset
from tests.support.stack.whole_stack import Whole

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

HYPERPARAMETERS = {"learning_rate": 0.001, "batch_size": 4, "epochs": 2, "rank": 16}
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


def choices(dataset_id: str) -> JobChoices:
    return JobChoices(
        dataset_id=dataset_id,
        gpu_type="A100-80GB",
        preset="custom",
        hyperparameters=HYPERPARAMETERS,
    )


@pytest.fixture(scope="module")
def trained(whole: Whole, tmp_path_factory: pytest.TempPathFactory) -> JobView:
    """The ended job: delivered twice, its worker killed twice, the stack restarted in between."""
    file = write_dataset(tmp_path_factory.mktemp("data") / FILE_NAME)
    dataset = whole.api.validated(whole.api.upload(file, name="bakery").dataset)
    assert dataset.status == "ready", dataset.error_message
    job_id = whole.api.jobs.create(choices(dataset.id)).id

    def job() -> JobView:
        return whole.api.jobs.read(job_id).job

    def when(is_so: Callable[[JobView], object]) -> JobView:
        found: JobView = until(lambda: _if(job(), is_so))
        return found

    first = when(lambda now: now.status == "running")
    act(whole, f"runs/{first.external_job_id}/duplicate")
    kill_the_worker(whole, when(lambda now: _trains_beyond(now, 1, SOME_STEPS)))
    second = when(lambda now: _trains_beyond(now, 2, SOME_STEPS))
    whole.restart_the_cloud()
    reached = (second.checkpoint_step or 0) + SOME_STEPS
    kill_the_worker(whole, when(lambda now: _trains_beyond(now, 2, reached)))
    return when(lambda now: now.completed_at)


def _trains_beyond(job: JobView, attempt: int, step: int) -> bool:
    """Whether an attempt has kept a checkpoint and gone on from it."""
    kept = job.checkpoint_step or 0
    return job.attempt == attempt and step <= kept < job.current_step


def kill_the_worker(whole: Whole, job: JobView) -> None:
    """SIGKILL whoever works on the job's run."""
    for worker in whole.workers():
        if job.external_job_id in worker["runs"]:
            act(whole, f"workers/{worker['id']}/kill")


def act(whole: Whole, what: str) -> None:
    whole.standin.post(f"/_standin/{what}").raise_for_status()


def _if(found: JobView, is_so: Callable[[JobView], object]) -> JobView | None:
    return found if is_so(found) else None


def test_workers_killed_in_mid_training_cost_a_few_steps_and_not_the_job(
    whole: Whole, trained: JobView
) -> None:
    """Completed once, by the third attempt; each went on from the last checkpoint."""
    logs = whole.api.jobs.logs(trained.id, type_prefix="attempt.lost")
    told = [line.message for line in logs.events]

    assert (trained.status, trained.attempt) == ("completed", 3)
    assert ["goes on after step" in message for message in told] == [True, True], told


def test_the_bill_is_what_the_three_attempts_used(whole: Whole, trained: JobView) -> None:
    attempts = whole.api.jobs.read(trained.id).attempts
    used = [attempt.gpu_seconds or 0.0 for attempt in attempts]

    assert len(attempts) == 3
    assert min(used) > 0
    # and 0.50 for the storage of its model, as the estimate said
    assert float(trained.final_cost or 0) == pytest.approx(sum(used) / 3600 * 3.50 + 0.50, abs=1e-5)


def test_there_is_one_model_and_one_cost_record_of_each_kind(
    whole: Whole, trained: JobView
) -> None:
    models = whole.api.models.list().models
    costs = whole.api.costs.read().records

    assert [model.job_id for model in models] == [trained.id]
    paid = sorted((cost.job_id, cost.cost_type) for cost in costs)
    assert paid == [(trained.id, "storage"), (trained.id, "training_compute")]


def test_estimate_and_bill_speak_of_the_same_steps_storage_and_total(
    whole: Whole, trained: JobView
) -> None:
    """Its seconds are this machine's; what they are multiplied with, and added to, is the same."""
    estimate = whole.api.jobs.estimate(choices(trained.dataset_id))
    page = whole.api.jobs.read(trained.id)
    billed = {str(record.cost_type): float(record.amount) for record in page.cost_records}

    assert estimate.planned is not None
    assert estimate.planned.total_steps == trained.total_steps
    assert billed["storage"] == estimate.cost_breakdown.storage
    assert float(page.job.final_cost or 0) == pytest.approx(sum(billed.values()))
    assert float(page.job.hourly_rate_usd) == float(estimate.hourly_rate)


def test_the_curve_has_every_step_once(whole: Whole, trained: JobView) -> None:
    points = whole.api.jobs.read(trained.id, resolution=1000).metrics
    steps = sorted(point.step for point in points if point.training_loss is not None)

    assert steps == list(range(1, trained.total_steps + 1))


def test_the_second_delivery_was_told_to_leave(whole: Whole, trained: JobView) -> None:
    """Its answer to RunPod says so; it never trained."""
    answers = [json.dumps(run) for run in whole.runs() if trained.id in json.dumps(run)]

    assert any('"superseded"' in answer for answer in answers), answers


def test_the_adapter_beats_its_base_and_loads_as_the_worker_saw_it(
    whole: Whole, trained: JobView, tmp_path: Path
) -> None:
    model = whole.api.models.read(trained.artifact_id or "")
    comparison = model.comparison
    whole.api.download(model, tmp_path)
    count, difference = Loaded(whole.base_model, tmp_path).probe_difference(
        tmp_path / "probes.json"
    )

    assert comparison is not None
    assert comparison.adapter_loss < comparison.base_loss
    assert comparison.difference_high < 0
    assert count > 0
    assert difference < 0.001
