"""The tools of an assistant: short facts out of the API's answers, in its own words.

Each public method is a tool; its docstring is what the assistant reads of it.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from brightrun.cli.assistant.permission import Permission
from brightrun.cli.local_check import CheckOptions, check_file, stages_maximum
from brightrun.cli.session import Session
from brightrun.client import ApiError, BrightRun, JobChoices
from brightrun.jobs.view import JobView

Json = dict[str, Any]
_SHOWN = 20
_ROWS = 50


@dataclass(frozen=True)
class Tools:
    """What can be asked of a stage.

    Attributes:
        nonce: of this server: the same job asked for twice by it is started once.
    """

    session: Session
    permission: Permission
    nonce: str

    def check_file(self, path: str, base_model: str | None = None) -> Json:
        """Say whether a file of this machine is fit to train on, problem by problem, by line.

        Nothing is uploaded. It is the verdict that an upload would get.
        """
        file = Path(path)
        maximum = stages_maximum(self.session, base_model)
        checked = check_file(CheckOptions(file, maximum))
        verdict = checked.outcome.verdict
        return {
            "fit_to_train": not checked.has_errors,
            "format": verdict.format,
            "rows": verdict.statistics.rows,
            "trained_rows": verdict.statistics.trained_rows,
            "max_tokens_of_a_row": maximum.tokens,
            "errors": verdict.error_counts,
            "warnings": verdict.warning_counts,
            "problems": [each.model_dump(mode="json") for each in verdict.problems[:_SHOWN]],
            "problems_not_shown": max(0, len(verdict.problems) - _SHOWN),
        }

    def list_datasets(self, search: str | None = None) -> Json:
        """List the newest datasets: name, status, whether it can be trained on."""
        with self.session.connect() as api:
            page = api.datasets.list(limit=_ROWS, search=search)
        wanted = ("id", "name", "status", "training_ready", "rows", "errors", "warnings")
        rows = [row.model_dump(mode="json") for row in page.datasets]
        return {"datasets": [{name: row[name] for name in wanted if name in row} for row in rows]}

    def dataset_problems(self, dataset_id: str, page: int = 1) -> Json:
        """List what was found in an uploaded file, by line, with what would fix it."""
        with self.session.connect() as api:
            found = api.datasets.errors(dataset_id, page=page)
        return found.model_dump(mode="json")

    def estimate_job(
        self,
        dataset_id: str,
        base_model: str | None = None,
        preset: str | None = None,
        gpu_type: str | None = None,
        gpu_count: int = 1,
        hyperparameters: Json | None = None,
    ) -> Json:
        """Price a training run; nothing is created and nothing is paid."""
        with self.session.connect() as api:
            asked = _choices(
                api, dataset_id, base_model, preset, (gpu_type, gpu_count), hyperparameters
            )
            price = api.jobs.estimate(asked)
        return price.model_dump(mode="json", exclude={"variants"})

    def list_jobs(self, status: str | None = None) -> Json:
        """List the newest training jobs with their status and cost."""
        with self.session.connect() as api:
            page = api.jobs.list(limit=_ROWS, status=status)
        return {"jobs": [_brief(job) for job in page.jobs]}

    def watch_job(self, job_id: str) -> Json:
        """Say where a job stands now: progress, losses, cost so far, when it should be done."""
        with self.session.connect() as api:
            page = api.jobs.read(job_id, resolution=_SHOWN)
        points = [
            point.model_dump(mode="json", include={"step", "training_loss", "validation_loss"})
            for point in page.metrics
        ]
        phases = [
            phase.model_dump(mode="json", include={"stage", "attempt", "seconds", "cost"})
            for phase in page.phases
        ]
        return {**_brief(page.job), "curve": points, "phases": phases}

    def explain_failure(self, job_id: str) -> Json:
        """Say why a job failed, what would help, and what its last lines were."""
        with self.session.connect() as api:
            page = api.jobs.read(job_id)
            lines = api.jobs.logs(job_id, order="newest", limit=_SHOWN)
        job = page.job
        return {
            **_brief(job),
            "failed": job.error_code is not None,
            "code": job.error_code,
            "reason": job.error_message or job.last_error,
            "remedy": job.error_remedy,
            "can_go_on_after_step": job.checkpoint_step,
            "attempts": [
                attempt.model_dump(mode="json", include={"number", "end_reason", "gpu_seconds"})
                for attempt in page.attempts
            ],
            "newest_events": [event.message for event in lines.events],
        }

    def list_models(self, search: str | None = None) -> Json:
        """List the newest models: quality, verdict against the base model, size."""
        with self.session.connect() as api:
            page = api.models.list(limit=_ROWS, search=search)
        wanted = {"id", "name", "status", "base_model", "job_id", "quality_metrics", "comparison"}
        return {"models": [row.model_dump(mode="json", include=wanted) for row in page.models]}

    def show_model(self, model_id: str) -> Json:
        """Show one model: verdict, samples of base and adapter side by side, files."""
        with self.session.connect() as api:
            model = api.models.read(model_id)
        return model.model_dump(mode="json", exclude={"configuration"})

    def start_job(  # noqa: PLR0913, PLR0917 - as above
        self,
        dataset_id: str,
        max_cost_usd: float,
        base_model: str | None = None,
        preset: str | None = None,
        gpu_type: str | None = None,
        gpu_count: int = 1,
        hyperparameters: Json | None = None,
        name: str | None = None,
    ) -> Json:
        """Start a training job that pauses before it costs more than `max_cost_usd`.

        This spends money, of the budget this server was started with. The same choices start
        one job, however often they are asked for.
        """
        limit = Decimal(str(max_cost_usd))
        with self.session.connect() as api:
            asked = _choices(
                api, dataset_id, base_model, preset, (gpu_type, gpu_count), hyperparameters
            )
            key = self._key({**asked.body(), "max_cost": max_cost_usd, "name": name})
            job = self._granted(
                key, limit,
                lambda: api.jobs.create(asked, max_cost=limit, name=name, idempotency_key=key),
            )  # fmt: skip
        return {**_brief(job), "budget_left_usd": float(self.permission.left_usd)}

    def cancel_job(self, job_id: str) -> Json:
        """Stop a job for good; what it has trained is kept for a while, what it cost is billed."""
        self.permission.require_cancel()
        with self.session.connect() as api:
            return api.jobs.cancel(job_id).model_dump(mode="json")

    def _granted(self, key: str, limit: Decimal, create: Callable[[], JobView]) -> JobView:
        self.permission.grant(key, limit)
        try:
            return create()
        except ApiError:
            # the API said no: nothing was started. Without an answer it may have been.
            self.permission.give_back(key)
            raise

    def _key(self, asked: Json) -> str:
        text = json.dumps([self.nonce, asked], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()


def _choices(
    api: BrightRun,
    dataset_id: str,
    base_model: str | None,
    preset: str | None,
    gpu: tuple[str | None, int],
    hyperparameters: Json | None,
) -> JobChoices:
    kind, count = gpu
    if kind is None:
        defaults = api.stage.catalog().defaults
        kind, count = defaults.gpu_type, defaults.gpu_count
    return JobChoices(
        dataset_id=dataset_id,
        gpu_type=kind,
        gpu_count=count,
        preset=preset,
        base_model=base_model,
        hyperparameters=hyperparameters or {},
    )


def _brief(job: JobView) -> Json:
    return {
        "id": job.id,
        "name": job.name,
        "dataset_id": job.dataset_id,
        "base_model": job.base_model,
        "status": job.status,
        "stage": job.current_stage,
        "progress_percent": job.progress,
        "step": job.current_step,
        "total_steps": job.total_steps,
        "cost_usd": float(job.final_cost if job.final_cost is not None else job.current_cost),
        "max_cost_usd": None if job.max_cost is None else float(job.max_cost),
        "done_at": job.completed_at or job.estimated_completion_at,
        "model_id": job.artifact_id,
    }
