"""The jobs made here: each file sent once, each job made once, however often it is run."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from brightrun.cli.commands.datasets import send
from brightrun.cli.migration.copies import FileCopy
from brightrun.cli.migration.plan import Planned, Target
from brightrun.cli.migration.report import JobReport
from brightrun.cli.migration.state import MovedFile, State, save
from brightrun.client import BrightRun, HowToRead, JobChoices
from brightrun.client.errors import ResourceMissing
from brightrun.client.jobs import Budget
from brightrun.datasets.record import DatasetStatus
from brightrun.datasets.view import DatasetDetail


@dataclass
class Start:
    """One call of `--start`; the state is written after every step.

    Attributes:
        say: prints a line of what goes on.
    """

    api: BrightRun
    target: Target
    reading: HowToRead
    budget: Budget
    state_path: Path
    state: State
    say: Callable[[str], None]

    def job(self, report: JobReport, file: FileCopy) -> JobReport:
        """Return a report with the job that was made, now or before."""
        plan = report.plan
        known = self.state.job(self.target.base_model, plan.job.id)
        if known is not None:
            return replace(report, job_id=known, was_there=True)
        dataset = self._dataset(file)
        if dataset.status is not DatasetStatus.READY:
            reason = f"dataset {dataset.id}: {dataset.error_message or dataset.status}"
            return replace(report, refused=reason, estimate=None)
        choices = self._choices(plan, dataset.id)
        made = self.api.jobs.create(
            choices,
            max_cost=self.budget,
            name=plan.name,
            idempotency_key=idempotency_key(plan.job.id, choices),
        )
        self._note(self.state.with_job(self.target.base_model, plan.job.id, made.id))
        self.say(f"Job {made.id}: {plan.name}, of {plan.job.id}")
        return replace(report, job_id=made.id)

    def _dataset(self, file: FileCopy) -> DatasetDetail:
        """Return the dataset of a file; it is sent unless one with its content is there."""
        moved = self.state.files.get(file.id)
        if moved is not None and moved.sha256 == file.sha256:
            try:
                return self.api.validated(self.api.datasets.read(moved.dataset_id))
            except ResourceMissing:
                self.say(f"Dataset {moved.dataset_id} is gone: {file.id} is sent again")
        if file.path is None:
            raise ValueError(f"{file.id} is not here")
        sent = send(self.api, file.path, name=file.name, reading=self.reading)
        self._note(
            self.state.with_file(file.id, MovedFile(sha256=file.sha256, dataset_id=sent.dataset.id))
        )
        self.say(f"Dataset {sent.dataset.id}: {file.name}, of {file.id}")
        return self.api.validated(sent.dataset)

    def _choices(self, plan: Planned, dataset_id: str) -> JobChoices:
        chosen = plan.hyperparameters.model_dump(mode="json", exclude_unset=True)
        return JobChoices(
            dataset_id=dataset_id,
            gpu_type=self.target.gpu_type,
            gpu_count=self.target.gpu_count,
            preset=self.target.preset,
            base_model=self.target.base_model,
            hyperparameters=chosen,
        )

    def _note(self, state: State) -> None:
        self.state = state
        save(self.state_path, state)


def idempotency_key(theirs: str, choices: JobChoices) -> str:
    """Return a key that is the same each time the same job is made of one of OpenAI's."""
    told = json.dumps([theirs, choices.body()], sort_keys=True, default=str)
    return f"migrate-{hashlib.sha256(told.encode()).hexdigest()}"
