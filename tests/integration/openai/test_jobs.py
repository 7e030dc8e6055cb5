"""`client.fine_tuning.jobs`: the same jobs as the native API's, in OpenAI's words.

Covers: openai.job_request, openai.mappings, openai.objects.
"""

from decimal import Decimal
from typing import Any

import openai
import pytest

from brightrun.datasets.record import Dataset
from brightrun.jobs.events import JobEvent
from brightrun.jobs.record import JobStatus, Labels
from brightrun.ports.dynamodb.places import place, place_of_point
from brightrun.ports.dynamodb.writes import commit, put
from brightrun.runtime import Deps
from brightrun.training.protocol import Point
from tests.support.api.http_calls import Call
from tests.support.factories import DATASET_ID, JOB_ID, MODEL_ID, NOON
from tests.support.ordered_jobs import jobs_of, stored_job

FILE = f"file-{DATASET_ID.replace('-', '')}"
JOB = f"ftjob-{JOB_ID.replace('-', '')}"
ORDER: dict[str, Any] = {"model": "qwen3-8b", "training_file": FILE}


@pytest.fixture(autouse=True)
def file_is_there(dataset: Dataset) -> Dataset:
    return dataset


def test_a_job_created_here_is_seen_in_the_native_api(client: openai.OpenAI, api: Call) -> None:
    job = client.fine_tuning.jobs.create(**ORDER, suffix="Bakery", metadata={"team": "bread"})

    (native,) = api("GET /api/jobs").data["jobs"]
    assert job.id == "ftjob-" + native["id"].replace("-", "")
    assert (job.status, job.model, job.training_file) == ("queued", "qwen3-8b", FILE)
    assert (native["base_model"], native["name"]) == ("Qwen/Qwen3-8B", "Bakery")
    assert (job.fine_tuned_model, job.error, job.result_files) == (None, None, [])
    assert job.metadata == {"team": "bread"}
    assert job.hyperparameters.to_dict() == {
        "n_epochs": 3, "batch_size": 4, "learning_rate_multiplier": 1.0,
    }  # fmt: skip
    assert job.method is not None
    assert job.method.type == "supervised"


def test_numbers_are_ours_and_come_back_as_they_were_asked_for(
    client: openai.OpenAI, deps: Deps
) -> None:
    asked: Any = {"n_epochs": 2, "batch_size": 32, "learning_rate_multiplier": 2}

    job = client.fine_tuning.jobs.create(
        **ORDER,
        seed=7,
        method={"type": "supervised", "supervised": {"hyperparameters": asked}},
        extra_body={"tuning": {"preset": "quality", "rank": 8, "gpu_count": 2, "max_cost_usd": 9}},
    )

    (made,) = jobs_of(deps)
    numbers = made.hyperparameters
    assert (numbers.epochs, numbers.rank, numbers.alpha, numbers.seed) == (2, 8, 16, 7)
    assert numbers.learning_rate == pytest.approx(0.00006)
    assert (numbers.batch_size, numbers.gradient_accumulation_steps) == (2, 16)
    assert (made.gpu_config.type, made.gpu_config.count) == ("A100-80GB", 2)
    assert made.max_cost == Decimal(9)
    assert job.hyperparameters.to_dict() == asked
    assert job.seed == 7


@pytest.mark.parametrize(
    ("tuning", "limited"), [({}, True), ({"max_cost_usd": None}, False)], ids=["default", "none"]
)
def test_a_budget_nobody_named_is_the_native_apis_and_null_is_none(
    client: openai.OpenAI, deps: Deps, tuning: dict[str, Any], *, limited: bool
) -> None:
    client.fine_tuning.jobs.create(**ORDER, extra_body={"tuning": tuning})

    (made,) = jobs_of(deps)
    assert made.has_default_budget is (made.max_cost is not None) is limited


@pytest.mark.parametrize(
    ("wrong", "param"),
    [
        ({"model": "gpt-4o-mini"}, "model"),
        ({"model": "ft:qwen3-8b:personal::00"}, "model"),
        ({"training_file": "bakery.jsonl"}, "training_file"),
        ({"validation_file": FILE}, "validation_file"),
        ({"method": {"type": "dpo"}}, "method.type"),
        ({"method": {"type": "reinforcement"}}, "method.type"),
        ({"integrations": [{"type": "wandb", "wandb": {"project": "p"}}]}, "integrations"),
        ({"hyperparameters": {"n_epochs": 21}}, "hyperparameters.n_epochs"),
        ({"hyperparameters": {"n_epochs": 51}}, "hyperparameters.n_epochs"),
        ({"hyperparameters": {"batch_size": 251}}, "hyperparameters.batch_size"),
        (
            {"hyperparameters": {"learning_rate_multiplier": 99}},
            "hyperparameters.learning_rate_multiplier",
        ),
        ({"extra_body": {"tuning": {"gpus": "H100"}}}, "tuning.gpus"),
        ({"extra_body": {"tuning": {"gpu": "H900"}}}, "tuning.gpu"),
        ({"extra_body": {"tuning": {"max_cost_usd": 0.001}}}, "tuning.max_cost_usd"),
        ({"extra_body": {"budget": 5}}, "budget"),
    ],
)
def test_what_cannot_be_is_refused_by_its_field_and_asked_once(
    client: openai.OpenAI, deps: Deps, wire: Any, wrong: dict[str, Any], param: str
) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        client.fine_tuning.jobs.create(**(ORDER | wrong))

    assert (refused.value.param, refused.value.type) == (param, "invalid_request_error")
    assert refused.value.message
    assert len(wire.requests) == 1
    assert jobs_of(deps) == ()


def test_jobs_are_paged_by_the_last_id_and_found_by_their_metadata(
    client: openai.OpenAI, deps: Deps
) -> None:
    for n in range(5):
        labels = Labels(metadata={"team": "bread"} if n % 2 else {})
        stored_job(deps, id=f"{JOB_ID[:-1]}{n}", labels=labels)

    shown = [job.id[-1] for job in client.fine_tuning.jobs.list(limit=2)]
    bread = [job.id[-1] for job in client.fine_tuning.jobs.list(metadata={"team": "bread"})]
    none = [job.id[-1] for job in client.fine_tuning.jobs.list(extra_query={"metadata": "null"})]

    assert shown == ["4", "3", "2", "1", "0"]
    assert bread == ["3", "1"]
    assert none == ["4", "2", "0"]
    assert client.fine_tuning.jobs.list(limit=2).has_more is True


def test_a_job_is_paused_resumed_and_cancelled(client: openai.OpenAI, deps: Deps) -> None:
    stored_job(deps)
    jobs = client.fine_tuning.jobs

    told = [jobs.pause(JOB).status, jobs.resume(JOB).status, jobs.cancel(JOB).status]

    assert told == ["paused", "queued", "cancelled"]
    assert jobs.retrieve(JOB).finished_at == int(NOON.timestamp())


def test_what_has_ended_is_refused_once_and_for_good(
    client: openai.OpenAI, deps: Deps, wire: Any
) -> None:
    stored_job(deps, status=JobStatus.COMPLETED, completed_at=NOON)

    with pytest.raises(openai.BadRequestError) as refused:
        client.fine_tuning.jobs.cancel(JOB)

    assert refused.value.code == "invalid_transition"
    assert refused.value.response.headers["x-should-retry"] == "false"
    assert JOB in refused.value.message
    assert len(wire.requests) == 1


def test_a_failed_job_says_why(client: openai.OpenAI, deps: Deps) -> None:
    stored_job(deps, status=JobStatus.FAILED, error_code="out_of_memory", error_message="Too long")

    job = client.fine_tuning.jobs.retrieve(JOB)

    assert job.error is not None
    assert job.status == "failed"
    assert (job.error.code, job.error.message, job.error.param) == (
        "out_of_memory", "Too long", None,
    )  # fmt: skip


def test_events_and_metrics_are_one_story_newest_first(client: openai.OpenAI, deps: Deps) -> None:
    job = stored_job(deps, total_steps=9)
    line = JobEvent(
        job_id=JOB_ID, id=deps.new_id(), time=NOON, type="job.created", message="Queued"
    )
    commit(deps.table, [put(deps.table, line, place(line))])
    for step in (1, 2, 3):
        at = NOON.replace(minute=step)
        point = Point(step=step, epoch=0, timestamp=at, training_loss=1 / step)
        commit(deps.table, [put(deps.table, point, place_of_point(job.id, point))])

    first = client.fine_tuning.jobs.list_events(JOB, limit=3)
    story = [event.message for event in client.fine_tuning.jobs.list_events(JOB, limit=3)]

    assert story == [
        "Step 3/9: training loss=0.33", "Step 2/9: training loss=0.50",
        "Step 1/9: training loss=1.00", "Queued",
    ]  # fmt: skip
    assert first.has_more is True
    assert [event.type for event in first.data] == ["metrics"] * 3
    assert first.data[1].data == {"step": 2, "total_steps": 9, "train_loss": 0.5}


def test_a_completed_jobs_model_is_its_last_checkpoint(client: openai.OpenAI, deps: Deps) -> None:
    job = stored_job(
        deps, status=JobStatus.COMPLETED, artifact_id=MODEL_ID, current_step=9,
        labels=Labels(suffix="My Bakery"),
    )  # fmt: skip
    point = Point(step=9, epoch=3, timestamp=NOON, training_loss=0.5, validation_loss=0.6)
    commit(deps.table, [put(deps.table, point, place_of_point(job.id, point))])

    (kept,) = client.fine_tuning.jobs.checkpoints.list(JOB)

    made = f"ft:demo-base:personal:my-bakery:{MODEL_ID.replace('-', '')}"
    assert client.fine_tuning.jobs.retrieve(JOB).fine_tuned_model == made
    assert (kept.fine_tuned_model_checkpoint, kept.step_number) == (f"{made}:ckpt-step-9", 9)
    assert (kept.metrics.train_loss, kept.metrics.full_valid_loss) == (0.5, 0.6)
    assert kept.fine_tuning_job_id == JOB
