"""How long the pipeline waits, and how often it tries. Pure; the values come from settings."""

from pydantic import BaseModel, ConfigDict


class Limits(BaseModel):
    """Every patience of a job's life, in seconds unless the name says otherwise.

    Attributes:
        submit_lease_seconds: how long an unanswered `/run` may still turn into a `start`.
        start_lease_seconds: from "the GPU runs" to the worker's `start` (image pull included).
        heartbeat_lease_seconds: silence after which a worker counts as dead.
        capacity_seconds: how long a GPU type may have none free before the next is tried.
        finish_grace_seconds: how long a finished worker may take to leave its GPU.
        max_queue_seconds: how long a job may be without a GPU, whatever it waits for.
        max_provider_failures: tries of a step of our own (dispatch, warn, confirm) before it ends.
        max_collect_failures: tries to publish a model before its job fails.
        max_validation_failures: tries to read a dataset before it is an error.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    max_attempts: int = 3
    submit_lease_seconds: int = 120
    start_lease_seconds: int = 1800
    heartbeat_lease_seconds: int = 300
    max_queue_seconds: int = 7200
    capacity_seconds: int = 900
    finish_grace_seconds: int = 120
    poll_seconds: int = 30
    report_interval_seconds: float = 15.0
    max_job_hours: int = 24
    max_provider_failures: int = 8
    max_collect_failures: int = 5
    max_validation_failures: int = 3

    @property
    def run_ttl_seconds(self) -> int:
        """The longest a run can exist at the provider, queue included; sent as its `ttl`."""
        return self.max_queue_seconds + self.max_job_hours * 3600 + 3600


def backoff_seconds(tries: int) -> int:
    """Return how long to wait after so many tries in a row that failed: 15 s doubling to 15 min."""
    return int(min(15 * 2 ** max(0, tries - 1), 900))
