"""What one decision about a job changes: records before and after, and what is told. Pure."""

from dataclasses import dataclass, replace

from brightrun.accounts.record import CostRecord, Notification
from brightrun.jobs.events import JobEvent
from brightrun.jobs.record import Attempt, Job
from brightrun.models.record import ModelArtifact
from brightrun.training.protocol import Point


@dataclass(frozen=True)
class JobState:
    """A job and its newest attempt, as they were read together."""

    job: Job
    attempt: Attempt | None = None


@dataclass(frozen=True)
class Change:
    """The outcome of one decision; `brightrun.ports.dynamodb.jobs.save` writes it all or nothing.

    A decision that changes nothing returns the state it was given and tells nothing.
    """

    before: JobState
    after: JobState
    events: tuple[JobEvent, ...] = ()
    notifications: tuple[Notification, ...] = ()
    cost: CostRecord | None = None
    storage_cost: CostRecord | None = None
    model: ModelArtifact | None = None
    points: tuple[Point, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to write."""
        return self == unchanged(self.before)

    def with_job(self, **fields: object) -> "Change":
        """Return the change with these fields of the job set as well."""
        job = self.after.job.model_copy(update=fields)
        return replace(self, after=replace(self.after, job=job))

    def with_attempt(self, **fields: object) -> "Change":
        """Return the change with these fields of the attempt set as well."""
        if self.after.attempt is None:
            return self
        attempt = self.after.attempt.model_copy(update=fields)
        return replace(self, after=replace(self.after, attempt=attempt))

    def with_events(self, *events: JobEvent) -> "Change":
        """Return the change with these lines added to the job's history."""
        return replace(self, events=(*self.events, *events))

    def with_notifications(self, *notifications: Notification) -> "Change":
        """Return the change with these notifications added."""
        return replace(self, notifications=(*self.notifications, *notifications))


def unchanged(state: JobState) -> Change:
    """Return the change that changes nothing."""
    return Change(before=state, after=state)
