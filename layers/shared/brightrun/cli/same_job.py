"""Which job a repeated `brightrun train` goes on with. Pure."""

import hashlib
import json
from collections.abc import Iterable

from brightrun.client import JobChoices
from brightrun.jobs.creation.requests import EstimateRequest
from brightrun.jobs.record import JobStatus
from brightrun.jobs.view import JobView

_ENDED_BADLY = frozenset({JobStatus.FAILED, JobStatus.CANCELLED})


def jobs_alike(jobs: Iterable[JobView], choices: JobChoices, base_model: str) -> list[JobView]:
    """Return the jobs that are what these choices ask for, in their order.

    Args:
        base_model: the stage's default, where the choices name none.
    """
    wanted = EstimateRequest.model_validate(choices.body())
    return [
        job
        for job in jobs
        if job.hyperparameters == wanted.hyperparameters
        and (job.gpu_config.type, job.gpu_config.count) == (choices.gpu_type, choices.gpu_count)
        and job.base_model == (choices.base_model or base_model)
    ]


def going_on(alike: Iterable[JobView]) -> JobView | None:
    """Return the first that has not failed or been cancelled."""
    return next((job for job in alike if job.status not in _ENDED_BADLY), None)


def idempotency_key(choices: JobChoices, earlier: int) -> str:
    """Return a key that is the same for two equal commands at the same time.

    Args:
        earlier: how many such jobs there were; a new one after them is another job.
    """
    told = json.dumps([choices.body(), earlier], sort_keys=True, default=str)
    return f"train-{hashlib.sha256(told.encode()).hexdigest()}"
