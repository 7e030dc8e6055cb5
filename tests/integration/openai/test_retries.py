"""A client that repeats what it got no answer to never pays twice."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import openai
import pytest

from brightrun.datasets.record import Dataset
from brightrun.runtime import Deps
from tests.support.factories import DATASET_ID, NOON
from tests.support.openai.client import Wire, a_client
from tests.support.ordered_jobs import jobs_of

ORDER: dict[str, Any] = {
    "model": "Qwen/Qwen3-8B",
    "training_file": f"file-{DATASET_ID.replace('-', '')}",
}


@pytest.fixture(autouse=True)
def file_is_there(dataset: Dataset) -> Dataset:
    return dataset


def later(deps: Deps, seconds: float) -> openai.OpenAI:
    return a_client(Wire(replace(deps, now=lambda: NOON + timedelta(seconds=seconds))))


def test_a_first_answer_dropped_on_the_wire_leaves_exactly_one_job(deps: Deps) -> None:
    wire = Wire(deps, lose_answers=2)

    job = a_client(wire).fine_tuning.jobs.create(**ORDER)

    (made,) = jobs_of(deps)
    assert job.id == f"ftjob-{made.id.replace('-', '')}"
    assert [r.headers["x-stainless-retry-count"] for r in wire.requests] == ["0", "1", "2"]


@pytest.mark.parametrize(("seconds", "jobs"), [(599, 1), (601, 2)])
def test_the_same_body_within_ten_minutes_is_the_same_request(
    client: openai.OpenAI, deps: Deps, seconds: int, jobs: int
) -> None:
    client.fine_tuning.jobs.create(**ORDER)

    later(deps, seconds).fine_tuning.jobs.create(**ORDER)

    assert len(jobs_of(deps)) == jobs


def test_after_its_job_has_ended_the_same_body_makes_another(
    client: openai.OpenAI, deps: Deps
) -> None:
    ids = []
    for _ in range(3):
        job = client.fine_tuning.jobs.create(**ORDER)
        client.fine_tuning.jobs.cancel(job.id)
        ids.append(job.id)

    assert len(set(ids)) == len(jobs_of(deps)) == 3


def test_a_marked_repetition_finds_its_job_even_when_that_was_cancelled(
    client: openai.OpenAI, deps: Deps
) -> None:
    job = client.fine_tuning.jobs.create(**ORDER)
    client.fine_tuning.jobs.cancel(job.id)

    again = client.fine_tuning.jobs.create(**ORDER, extra_headers={"x-stainless-retry-count": "1"})

    assert again.id == job.id
    assert len(jobs_of(deps)) == 1


def test_another_body_or_a_key_of_ones_own_makes_another_job(
    client: openai.OpenAI, deps: Deps
) -> None:
    client.fine_tuning.jobs.create(**ORDER)
    client.fine_tuning.jobs.create(**ORDER, seed=1)
    for _ in range(2):
        client.fine_tuning.jobs.create(**ORDER, extra_headers={"Idempotency-Key": "mine"})

    assert len(jobs_of(deps)) == 3
