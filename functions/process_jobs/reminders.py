"""Checkpoints that storage will forget tomorrow: their owners are told, once each."""

from functools import partial

from brightrun.jobs.checkpoint_expiry import reminded
from brightrun.jobs.record import Job
from brightrun.ports.dynamodb.jobs import change_job
from brightrun.runtime import Deps
from brightrun.work import Work
from brightrun.work_loop import Taken, Task, take_due

LEASE_SECONDS = 60


def remind_due(deps: Deps) -> Taken:
    """Tell of every checkpoint that expires within a day.

    Safe to run twice: the word and the end of the wait are one write.
    """
    task = Task(
        kind=Work.REMIND,
        record=Job,
        step=partial(remind, deps),
        failed=lambda _job, _error: None,
        lease_seconds=LEASE_SECONDS,
        max_tries=deps.limits.max_provider_failures,
    )
    return take_due(deps.table, task, now=deps.now)


def remind(deps: Deps, job: Job) -> None:
    """Write the word, unless the job has gone on meanwhile."""
    change_job(deps.table, job.user_id, job.id, lambda now: reminded(now, deps.clock()))
