"""Collecting: each declared file is proven and moved; then, and only then, there is a model."""

from datetime import datetime, timedelta
from functools import partial

from botocore.exceptions import BotoCoreError, ClientError

from brightrun.datasets.record import Dataset
from brightrun.errors import ArtifactCorrupt
from brightrun.jobs.change import JobState
from brightrun.jobs.completion import fetching
from brightrun.jobs.completion.collecting import CORRUPT, OUR_OWN, not_collected, published
from brightrun.jobs.completion.publishing import declared_files, model_of
from brightrun.jobs.record import Job
from brightrun.models.record import ModelArtifact
from brightrun.ports.dynamodb import keys
from brightrun.ports.dynamodb.jobs import change_job, with_attempt
from brightrun.ports.dynamodb.table import all_records, find
from brightrun.ports.s3 import objects
from brightrun.ports.s3.verified_copy import copy_checked
from brightrun.runtime import Deps
from brightrun.s3_keys import model_prefix, staged, staging_of_job
from brightrun.training.protocol import Point
from brightrun.work import Work
from brightrun.work_loop import Task, TriesUsedUp
from functions.create_artifacts.fetch_files import FetchFailed, fetch_missing

LEASE_SECONDS = 330
"""Longer than the function may run, so that no two ever collect the same job."""
READING_SECONDS = 200
"""How long one job's large files may be read; with 60 s of taking and the copies within 300 s."""
PER_SHARD = 20


def collect_task(deps: Deps) -> Task[Job]:
    """Return the task that makes models of finished jobs."""
    return Task(
        kind=Work.COLLECT,
        record=Job,
        step=partial(collect, deps),
        failed=partial(note_failure, deps),
        lease_seconds=LEASE_SECONDS,
        max_tries=deps.limits.max_collect_failures,
        per_shard=PER_SHARD,
    )


def collect(deps: Deps, job: Job) -> None:
    """Publish one job's model; files that lie elsewhere come first, in several passes if need be.

    Raises:
        ArtifactCorrupt: a stored file is missing, or is not what the worker declared.
        FetchFailed: a file does not come from the address that the worker gave.
    """
    until = deps.now() + timedelta(seconds=READING_SECONDS)
    state = with_attempt(deps.table, job)
    if fetching.to_fetch(state.attempt):
        state = fetch_missing(deps, state, until=until)
        if fetching.to_fetch(state.attempt) or state.job.has_ended:
            return
        if deps.now() > until - timedelta(seconds=READING_SECONDS / 2):
            due_again = partial(fetching.goes_on, clock=deps.clock())
            change_job(deps.table, job.user_id, job.id, due_again)
            return
    model = _move(deps, state, until=until)
    change_job(deps.table, job.user_id, job.id, lambda now: published(now, deps.clock(), model))
    objects.remove_under(deps.store, staging_of_job(job.id))


def note_failure(deps: Deps, job: Job, error: Exception) -> None:
    """Note on a job that it could not be collected, so that it is tried again, or fails."""
    if isinstance(error, ArtifactCorrupt):
        code, message = CORRUPT, str(error)
    elif isinstance(error, FetchFailed):
        code, message = fetching.UNREACHABLE, str(error)
    elif isinstance(error, ClientError | BotoCoreError):
        # its words name our role and our account
        code, message = CORRUPT, "Storage refused to read or to copy the model's files"
    elif isinstance(error, TriesUsedUp):
        code, message = OUR_OWN, f"The model could not be assembled: {error}"
    else:
        code, message = OUR_OWN, f"The model could not be assembled: {type(error).__name__}"
    change_job(
        deps.table,
        job.user_id,
        job.id,
        lambda now: not_collected(now, deps.clock(), deps.limits, message=message, code=code),
    )


def _move(deps: Deps, state: JobState, *, until: datetime) -> ModelArtifact:
    """Copy each declared file to the model's place; there is no model before each is proven."""
    job = state.job
    source = staged(job.id, job.attempt)
    target = model_prefix(job.user_id, job.reserved_artifact_id or job.id)
    for file in declared_files(state):
        copy_checked(
            deps.store,
            source + file.name,
            target + file.name,
            file,
            has_time=lambda: deps.now() < until,
        )
    points = all_records(deps.table, keys.points(job.id), Point)
    dataset = find(deps.table, keys.dataset(job.user_id, job.dataset_id), Dataset)
    verdict = dataset.verdict if dataset is not None else None
    counted = verdict.statistics if verdict is not None else None
    return model_of(state, points, at=deps.now(), counted=counted)
