"""What was deleted is erased at its time: files with their old versions first, then the records.

Safe to run twice, and to break off anywhere: the appointment is removed last, and until then all
that is left is looked for again.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

from aws_lambda_powertools import Logger

from brightrun.accounts.erasure import Erasure, ErasureKind, put_off
from brightrun.jobs.record import Job
from brightrun.jobs.stopping import request_cancel
from brightrun.ports.dynamodb import keys
from brightrun.ports.dynamodb.accounts import erasing
from brightrun.ports.dynamodb.jobs import change_job
from brightrun.ports.dynamodb.table import all_records
from brightrun.ports.s3.erasing import erase_under
from brightrun.records import UserId
from brightrun.runtime import Deps
from brightrun.s3_keys import (
    dataset_prefix,
    model_prefix,
    report_prefix,
    staging_of_job,
    training_file_prefix,
    user_prefixes,
)
from brightrun.work import Work
from brightrun.work_loop import Task

LEASE_SECONDS = 330
"""Longer than the function may run."""
ERASING_SECONDS = 40
"""How long one appointment is worked on at a time; the rest is done in the next minute."""
PER_SHARD = 20
_TRIES = 10
HasTime = Callable[[], bool]

log = Logger(service="create_artifacts")


def erase_task(deps: Deps) -> Task[Erasure]:
    """Return the task that keeps appointments to erase; none is ever given up."""
    return Task(
        kind=Work.ERASE,
        record=Erasure,
        step=partial(erase, deps),
        failed=partial(note_failure, deps),
        lease_seconds=LEASE_SECONDS,
        max_tries=_TRIES,
        may_end=lambda _: False,
        per_shard=PER_SHARD,
    )


def erase(deps: Deps, erasure: Erasure) -> None:
    """Erase one thing, or as much of it as there is time for."""
    until = deps.now() + timedelta(seconds=ERASING_SECONDS)

    def has_time() -> bool:
        return deps.now() < until

    if erasure.kind is ErasureKind.USER:
        is_gone = _erase_user(deps, erasure, has_time)
    else:
        is_gone = _erase_thing(deps, erasure, has_time)
    if is_gone:
        log.info("erased", kind=erasure.kind, id=erasure.id)
    else:
        erasing.save(deps.table, erasure, put_off(erasure, at=deps.now(), failed=False))


def note_failure(deps: Deps, erasure: Erasure, _: Exception) -> None:
    """Try again later; the failure itself is in the log, where an alarm listens."""
    erasing.save(deps.table, erasure, put_off(erasure, at=deps.now(), failed=True))


def _erase_thing(deps: Deps, erasure: Erasure, has_time: HasTime) -> bool:
    if not erasing.is_still_deleted(deps.table, erasure):
        erasing.drop(deps.table, erasure)
        return True
    if not _files_are_gone(deps, _prefixes_of(erasure), has_time):
        return False
    erasing.forget(deps.table, erasure)
    return True


def _prefixes_of(erasure: Erasure) -> tuple[str, ...]:
    owner, target = erasure.user_id, erasure.id
    prefixes = {
        ErasureKind.DATASET: (dataset_prefix(owner, target), report_prefix(owner, target)),
        ErasureKind.MODEL: (model_prefix(owner, target),),
        ErasureKind.TRAINING_FILE: (training_file_prefix(owner, target),),
    }
    return prefixes[erasure.kind]


def _files_are_gone(deps: Deps, prefixes: tuple[str, ...], has_time: HasTime) -> bool:
    return all(erase_under(deps.store, prefix, has_time=has_time) for prefix in prefixes)


def _erase_user(deps: Deps, erasure: Erasure, has_time: HasTime) -> bool:
    """Stop what runs, then remove everything; jobs one by one, so that nothing is done twice."""
    owner = erasure.user_id
    jobs = all_records(deps.table, keys.jobs(owner), Job)
    active = [job for job in jobs if not job.has_ended]
    for job in active:
        wish = partial(request_cancel, clock=deps.clock(), by="erasure")
        change_job(deps.table, owner, job.id, wish)
    if active:
        return False
    for job in jobs:
        gone = _files_are_gone(deps, (staging_of_job(job.id),), has_time)
        if not (gone and erasing.forget_job(deps.table, owner, job.id, has_time)):
            return False
    if not _files_are_gone(deps, user_prefixes(owner), has_time):
        return False
    if not erasing.move_costs(deps.table, owner, has_time):
        return False
    _leave_the_pool(deps, owner)
    return erasing.forget_user(deps.table, erasure, deps.clock(), has_time)


def _leave_the_pool(deps: Deps, owner: UserId) -> None:
    if deps.users is not None:
        deps.users.delete(owner)
