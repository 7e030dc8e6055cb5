"""Which status may follow which. Pure: no clock, no I/O."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from brightrun.errors import InvalidTransition
from brightrun.jobs.record import Job, JobStatus

_END = frozenset({JobStatus.FAILED, JobStatus.CANCELLED})

NEXT: Mapping[JobStatus, frozenset[JobStatus]] = MappingProxyType(
    {
        JobStatus.QUEUED: _END | {JobStatus.INITIALIZING, JobStatus.PAUSED},
        JobStatus.INITIALIZING: _END | {JobStatus.RUNNING, JobStatus.QUEUED, JobStatus.PAUSED},
        JobStatus.RUNNING: _END | {JobStatus.COMPLETED, JobStatus.QUEUED, JobStatus.PAUSED},
        JobStatus.PAUSED: frozenset({JobStatus.QUEUED, JobStatus.CANCELLED}),
        JobStatus.COMPLETED: frozenset(),
        JobStatus.FAILED: frozenset(),
        JobStatus.CANCELLED: frozenset(),
    }
)


def advance(job: Job, to: JobStatus, *, at: datetime) -> Job:
    """Return `job` moved to `to`; asking for the status it already has changes nothing.

    Raises:
        InvalidTransition: `to` does not follow the job's status in `NEXT`.
    """
    if to is job.status:
        return job
    if to not in NEXT[job.status]:
        raise InvalidTransition("job", job.id, job.status, to)
    return job.model_copy(update={"status": to, "updated_at": at})
