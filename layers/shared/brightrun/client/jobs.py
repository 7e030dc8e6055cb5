"""Jobs by HTTP: priced, created, watched, stopped, tried again."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from brightrun.client.answers import JobsPage, LogPage, PricedRun, StoppedJob, WatchedJob
from brightrun.client.calls import Caller, Json
from brightrun.jobs.view import JobView


@dataclass(frozen=True, slots=True, kw_only=True)
class JobChoices:
    """What a run is made of; what is not named is the preset's, or the stage's default."""

    dataset_id: str
    gpu_type: str
    gpu_count: int = 1
    gpu_alternatives: tuple[str, ...] = ()
    preset: str | None = None
    base_model: str | None = None
    hyperparameters: Mapping[str, object] = field(default_factory=dict)

    def body(self) -> Json:
        """Return it as the API spells it."""
        gpu: Json = {"type": self.gpu_type, "count": self.gpu_count}
        if self.gpu_alternatives:
            gpu["alternatives"] = list(self.gpu_alternatives)
        named = {"preset_id": self.preset, "base_model": self.base_model}
        return {
            "dataset_id": self.dataset_id,
            "gpu_config": gpu,
            "hyperparameters": dict(self.hyperparameters),
            **{name: value for name, value in named.items() if value is not None},
        }


class NoBudget:
    """Asks for a job without `max_cost`, which not naming one does not."""


Budget = Decimal | NoBudget | None
"""In USD; None: twice the high estimate, which is the API's default."""


class Jobs:
    """`/api/jobs`."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    def estimate(self, choices: JobChoices) -> PricedRun:
        """Return what a run would cost; nothing is created."""
        return self._caller.post("/api/jobs/estimate", PricedRun, choices.body(), repeatable=True)

    def create(
        self,
        choices: JobChoices,
        *,
        max_cost: Budget = None,
        name: str | None = None,
        idempotency_key: str | None = None,
    ) -> JobView:
        """Create a job; the same idempotency key returns the same job."""
        body = {**choices.body(), **named(name, max_cost)}
        return self._caller.post("/api/jobs", JobView, body, idempotency_key=idempotency_key)

    def list(
        self,
        *,
        page: int = 1,
        limit: int = 10,
        status: str | None = None,
        dataset_id: str | None = None,
        search: str | None = None,
        cursor: str | None = None,
    ) -> JobsPage:
        """Return one page, newest first."""
        query = {
            "page": page, "limit": limit, "status": status,
            "dataset_id": dataset_id, "search": search, "cursor": cursor,
        }  # fmt: skip
        return self._caller.get("/api/jobs", JobsPage, query)

    def read(
        self, job_id: str, *, resolution: int | None = None, since_step: int | None = None
    ) -> WatchedJob:
        """Return one job; its curve is the newest 100 points unless asked otherwise."""
        query = {"resolution": resolution, "since_step": since_step}
        return self._caller.get(f"/api/jobs/{job_id}", WatchedJob, query)

    def cancel(self, job_id: str) -> StoppedJob:
        """Stop a job for good."""
        return self._caller.post(f"/api/jobs/{job_id}/cancel", StoppedJob, repeatable=True)

    def pause(self, job_id: str) -> StoppedJob:
        """Stop a job whose checkpoint is kept, so that it can go on."""
        return self._caller.post(f"/api/jobs/{job_id}/pause", StoppedJob, repeatable=True)

    def resume(self, job_id: str) -> JobView:
        """Let a paused job go on."""
        return self._caller.post(f"/api/jobs/{job_id}/resume", JobView)

    def change(self, job_id: str, changes: Json) -> JobView:
        """Change name or budget, also while it runs."""
        return self._caller.patch(f"/api/jobs/{job_id}", JobView, changes)

    def change_budget(self, job_id: str, max_cost: Budget) -> JobView:
        """Allow a job more or less."""
        return self.change(job_id, named(None, max_cost))

    def retry(
        self,
        job_id: str,
        *,
        origin: Literal["checkpoint", "beginning"] = "checkpoint",
        max_cost: Budget = None,
        name: str | None = None,
        idempotency_key: str | None = None,
    ) -> JobView:
        """Create a job from one that failed or was cancelled."""
        body = {"from": origin, **named(name, max_cost)}
        path = f"/api/jobs/{job_id}/retry"
        return self._caller.post(path, JobView, body, idempotency_key=idempotency_key)

    def clone(
        self, job_id: str, overrides: Json | None = None, *, idempotency_key: str | None = None
    ) -> JobView:
        """Create a job with the choices of an earlier one, some of them changed."""
        path, body = f"/api/jobs/{job_id}/clone", {"overrides": overrides or {}}
        return self._caller.post(path, JobView, body, idempotency_key=idempotency_key)

    def logs(
        self,
        job_id: str,
        *,
        order: Literal["oldest", "newest"] = "oldest",
        level: str | None = None,
        type_prefix: str | None = None,
        limit: int = 100,
        cursor: str | None = None,
    ) -> LogPage:
        """Return one page of what happened to a job."""
        query = {
            "order": order, "level": level, "type": type_prefix, "limit": limit, "cursor": cursor
        }  # fmt: skip
        return self._caller.get(f"/api/jobs/{job_id}/logs", LogPage, query)


def named(name: str | None, max_cost: Budget) -> Json:
    """Return what a job is called and may cost, as the API spells it."""
    told: Json = {} if name is None else {"name": name}
    if isinstance(max_cost, NoBudget):
        told["max_cost"] = None
    elif max_cost is not None:
        told["max_cost"] = float(max_cost)
    return told
