"""A new job out of a draft: the same rules, whether it was created, tried again or cloned.

Covers: clock, jobs.creation.cloning, jobs.creation.draft, jobs.creation.requests.
"""

from dataclasses import replace
from decimal import Decimal

import pytest

from brightrun.clock import Clock
from brightrun.errors import DatasetNotReady, InvalidTransition
from brightrun.jobs.creation.cloning import cloned_request
from brightrun.jobs.creation.draft import JobDraft, clone_draft, created, draft_of, retry_draft
from brightrun.jobs.creation.requests import CloneRequest, CreateJobRequest, RetryRequest
from brightrun.jobs.creation.resolved_config import resolve, workload_of
from brightrun.jobs.limits import Limits
from brightrun.jobs.record import Job, JobStatus
from brightrun.training.configuration import GpuConfig
from brightrun.training.cost_estimate import estimate
from tests.support.catalogs import load_catalog
from tests.support.factories import DATASET_ID, JOB_ID, NOON, a_dataset, a_job

CATALOG = load_catalog("[]", {"A100-80GB": "endpoint"})
LIMITS = Limits()
CLOCK = Clock(NOON, lambda: "new-id")
REQUEST = CreateJobRequest(
    dataset_id=DATASET_ID,
    gpu_config=GpuConfig(type="A100-80GB", count=2),
    max_cost=Decimal(20),
    estimated_cost=Decimal(7),
)


def an_old_job(**facts: object) -> Job:
    base_model = CATALOG.base_models[0]
    known = {"base_model": base_model.id, "status": JobStatus.FAILED, "name": "Old name"}
    return a_job(**(known | facts))


def a_draft() -> JobDraft:
    return draft_of(REQUEST, resolve(REQUEST, CATALOG, ""))


def made(draft: JobDraft, **dataset: object) -> Job:
    ready = a_dataset(**dataset)
    config = draft.config
    price = estimate(
        workload_of(ready),
        config.hyperparameters,
        config.gpu,
        config.count,
        storage_usd=Decimal("0.1"),
        measured=None,
    )
    prices = dict.fromkeys((config.gpu.type, *(gpu.type for gpu in config.alternatives)), price)
    return created(draft, ready, prices, LIMITS, CLOCK).after.job


def test_a_new_job_waits_is_due_at_once_and_has_its_worst_case_frozen() -> None:
    job = made(a_draft())

    assert (job.status, job.due_at) == (JobStatus.QUEUED, NOON)
    assert job.max_cost == 20
    assert job.worst_case_usd > 20
    assert (job.retry_of, job.cloned_from, job.checkpoint) == (None, None, None)


def test_a_job_without_a_name_is_named_by_its_dataset_and_preset() -> None:
    dataset = a_dataset()

    assert made(a_draft()).name == f"{dataset.name} - balanced"
    assert made(replace(a_draft(), name="Mine")).name == "Mine"


def test_a_retry_keeps_name_and_budget_and_knows_what_was_spent() -> None:
    old = an_old_job(max_cost=Decimal(9), final_cost=Decimal(3), earlier_cost=Decimal(2))

    job = made(retry_draft(old, RetryRequest(), CATALOG, checkpoint_is_there=False))

    assert (job.name, job.max_cost) == ("Old name", Decimal(9))
    assert (job.retry_of, job.earlier_cost) == (JOB_ID, Decimal(5))
    assert job.id == "new-id"


@pytest.mark.parametrize("status", [JobStatus.RUNNING, JobStatus.COMPLETED, JobStatus.QUEUED])
def test_only_what_failed_or_was_cancelled_is_tried_again(status: JobStatus) -> None:
    with pytest.raises(InvalidTransition):
        retry_draft(an_old_job(status=status), RetryRequest(), CATALOG, checkpoint_is_there=False)


def test_a_clone_names_the_job_it_was_made_like() -> None:
    old = an_old_job()
    request = cloned_request(old, CloneRequest(overrides={"name": "Again"}))

    job = made(clone_draft(old, request, resolve(request, CATALOG, "")))

    assert (job.cloned_from, job.retry_of, job.name) == (JOB_ID, None, "Again")


def test_no_job_is_made_of_a_dataset_that_is_not_ready() -> None:
    with pytest.raises(DatasetNotReady):
        made(a_draft(), sha256=None)


def test_different_requests_are_told_apart_and_the_same_is_the_same() -> None:
    """What an `Idempotency-Key` is compared by."""
    old = an_old_job()
    request = cloned_request(old, CloneRequest())
    clone = clone_draft(old, request, resolve(request, CATALOG, ""))
    retry = retry_draft(old, RetryRequest(), CATALOG, checkpoint_is_there=False)

    assert len({a_draft().asked, clone.asked, retry.asked}) == 3
    assert a_draft().asked == a_draft().asked
