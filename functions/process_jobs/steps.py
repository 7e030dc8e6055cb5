"""What dispatch and watch share: how a step is written, and what becomes of one that fails."""

from collections.abc import Callable
from functools import partial

from aws_lambda_powertools import Logger

from brightrun.errors import ProviderRefused
from brightrun.jobs.change import Change, JobState, unchanged
from brightrun.jobs.execution import outages
from brightrun.jobs.execution.endpoint_capacity import KEY_REFUSED
from brightrun.jobs.record import Job
from brightrun.ports.dynamodb.heartbeats import note_key_refused
from brightrun.ports.dynamodb.jobs import change_job
from brightrun.ports.runpod.key import REFUSED
from brightrun.runtime import Deps
from brightrun.work import Work
from brightrun.work_loop import TriesUsedUp

log = Logger(service="process_jobs")

LEASE_SECONDS = 60
PER_SHARD = 500
AT_ONCE = 24


def change_attempt(
    deps: Deps,
    state: JobState,
    decide: Callable[[JobState], Change],
    *,
    seen: JobState | None = None,
) -> Change:
    """Write a decision, unless another attempt or the collector has taken over since we looked."""
    number = state.job.attempt

    def of_this_attempt(now: JobState) -> Change:
        is_ours = now.job.attempt == number and not now.job.waits_for(Work.COLLECT)
        return decide(now) if is_ours else unchanged(now)

    return change_job(deps.table, state.job.user_id, state.job.id, of_this_attempt, seen=seen)


def step_failed(deps: Deps, job: Job, error: Exception) -> None:
    """Note on a job that its step broke for a reason of our own, so that it ends in the end."""
    why = str(error) if isinstance(error, TriesUsedUp) else type(error).__name__
    message = f"A step of our own broke: {why}"
    stumbled = partial(outages.step_failed, message=message)
    change_attempt(deps, JobState(job), lambda now: stumbled(now, deps.clock(), deps.limits))


def is_wrong_key(error: Exception) -> bool:
    """Whether RunPod refuses our key, which no other try mends, but its owner may."""
    return isinstance(error, ProviderRefused) and error.status_code in REFUSED


def note_wrong_key(deps: Deps) -> None:
    """Have health and the alarm tell that the key is refused; the same trouble rings once."""
    if note_key_refused(deps.table, deps.now()):
        log.error("provider key refused", mend="docs/runbook.md")


def words_of(error: Exception) -> str:
    """Return what RunPod's refusal or silence is called to a job's owner."""
    return KEY_REFUSED if is_wrong_key(error) else str(error)
