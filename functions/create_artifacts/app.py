"""Collect: check the files a worker stored, move them to their final place, publish the model.

Safe to run twice: the model's id was reserved beforehand, copies overwrite themselves, and one
transaction writes model, job, cost, sums and notifications, once.
"""

from datetime import timedelta
from typing import Any

from aws_lambda_powertools import Logger
from botocore.exceptions import BotoCoreError, ClientError

from brightrun.errors import ArtifactCorrupt
from brightrun.jobs.change import JobState
from brightrun.jobs.collecting import not_collected, published
from brightrun.jobs.publishing import declared_files, model_of
from brightrun.jobs.record import Job
from brightrun.models.record import ModelArtifact
from brightrun.ports.dynamodb import heartbeats, keys
from brightrun.ports.dynamodb.jobs import change_job, with_attempt
from brightrun.ports.dynamodb.table import all_records
from brightrun.ports.dynamodb.work_queue import claim, due
from brightrun.ports.s3 import objects
from brightrun.ports.s3.verified_copy import copy_checked
from brightrun.runtime import Deps, production
from brightrun.s3_keys import model_prefix, staged, staging_of_job
from brightrun.training.protocol import Point
from brightrun.work import Work

LEASE_SECONDS = 330
"""Longer than the function may run, so that no two ever collect the same job."""
TAKING_SECONDS = 60
"""After this a cycle begins no other job: a large one needs the rest of the function's time."""
READING_SECONDS = 200
"""How long one job's large files may be read; with the 60 s and the copies within the 300 s."""
PER_SHARD = 20

log = Logger(service="create_artifacts")


def lambda_handler(event: dict[str, Any], context: object) -> dict[str, int]:
    """Collect every finished job, whatever the event says: the work index knows them."""
    return handle(event, context, production())


def handle(event: dict[str, Any], context: object, deps: Deps) -> dict[str, int]:
    """Take every due collection; one that fails counts on its own job and comes back later."""
    heartbeats.record_heartbeat(deps.table, "create_artifacts", deps.now())
    collected = failed = 0
    until = deps.now() + timedelta(seconds=TAKING_SECONDS)
    for job in due(deps.table, Work.COLLECT, Job, now=deps.now(), limit=PER_SHARD):
        if deps.now() > until:
            break
        held = claim(deps.table, job, now=deps.now(), lease_seconds=LEASE_SECONDS)
        if held is None:
            continue
        if _taken(deps, held):
            collected += 1
        else:
            failed += 1
    log.info("cycle", collected=collected, failed=failed)
    return {"collected": collected, "failed": failed}


def _taken(deps: Deps, job: Job) -> bool:
    """Collect one job; if that breaks for a reason of our own, its lease ends and it comes back."""
    try:
        return collect(deps, job)
    except Exception:  # the batch boundary: the other jobs must go on
        log.exception("collection broke", job_id=job.id)
        return False


def collect(deps: Deps, job: Job) -> bool:
    """Publish one job's model; tell whether it worked."""
    state = with_attempt(deps.table, job)
    try:
        model = _move(deps, state)
    except (ArtifactCorrupt, ClientError, BotoCoreError) as error:
        log.warning("not collected", job_id=job.id, reason=str(error))
        _note_failure(deps, job, str(error))
        return False
    except Exception as error:  # the batch boundary: it counts, so that it ends; others go on
        log.exception("collection broke", job_id=job.id)
        _note_failure(deps, job, f"The model could not be assembled: {type(error).__name__}")
        return False
    change_job(deps.table, job.user_id, job.id, lambda now: published(now, deps.clock(), model))
    objects.remove_under(deps.store, staging_of_job(job.id))
    return True


def _note_failure(deps: Deps, job: Job, message: str) -> None:
    change_job(
        deps.table,
        job.user_id,
        job.id,
        lambda now: not_collected(now, deps.clock(), deps.limits, message=message),
    )


def _move(deps: Deps, state: JobState) -> ModelArtifact:
    """Copy each declared file to the model's place; there is no model before each is proven."""
    job = state.job
    source = staged(job.id, job.attempt)
    target = model_prefix(job.user_id, job.reserved_artifact_id or job.id)
    until = deps.now() + timedelta(seconds=READING_SECONDS)
    for file in declared_files(state):
        copy_checked(
            deps.store,
            source + file.name,
            target + file.name,
            file,
            has_time=lambda: deps.now() < until,
        )
    points = all_records(deps.table, keys.job_partition(job.id), "METRIC#", Point)
    return model_of(state, points, at=deps.now())
