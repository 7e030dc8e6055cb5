"""Ada's jobs as tests order, store and count them."""

from typing import Any

from brightrun.jobs.change import JobState, unchanged
from brightrun.jobs.record import Job
from brightrun.ports.dynamodb import keys
from brightrun.ports.dynamodb.jobs import create_job
from brightrun.ports.dynamodb.key_shapes import Kind
from brightrun.ports.dynamodb.table import newest, numbers
from brightrun.runtime import Deps
from tests.support.factories import ADA, DATASET_ID, a_job

ORDER: dict[str, Any] = {
    "dataset_id": DATASET_ID,
    "preset_id": "balanced",
    "gpu_config": {"type": "A100-80GB", "count": 2},
}


def stored_job(deps: Deps, **facts: Any) -> Job:
    job = a_job(**facts)
    create_job(deps.table, job, unchanged(JobState(job)), [], max_active=100)
    return job


def jobs_of(deps: Deps, user_id: str = ADA) -> tuple[Job, ...]:
    return newest(deps.table, keys.jobs(user_id), Job, limit=100).records


def counts(deps: Deps) -> dict[str, int]:
    sums = numbers(deps.table, keys.counts(ADA, Kind.JOB))
    return {name: int(value) for name, value in sums.items() if value}
