"""What is Ada's, for calls that are to reach it, or must not."""

import pytest

from brightrun.jobs.change import JobState, unchanged
from brightrun.jobs.record import JobStatus
from brightrun.ports.dynamodb.datasets import create_dataset
from brightrun.ports.dynamodb.jobs import create_job
from brightrun.ports.dynamodb.writes import commit, put_new
from brightrun.runtime import Deps
from tests.support.factories import a_dataset, a_job, a_model, a_notification, an_api_key


@pytest.fixture
def adas(deps: Deps) -> None:
    """One of everything, Ada's."""
    create_dataset(deps.table, a_dataset())
    job = a_job(status=JobStatus.FAILED, base_model=deps.catalog.base_models[0].id)
    create_job(deps.table, job, unchanged(JobState(job)), [], max_active=9)
    for record in (a_model(), a_notification(), an_api_key()):
        commit(deps.table, [put_new(deps.table, record)])
