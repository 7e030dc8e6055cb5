"""`brightrun train FILE`: the whole way with one command, from a file to verified weights."""

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from brightrun.cli.choices import (
    BatchOption,
    EpochsOption,
    GpuOption,
    MaxCostOption,
    ModelOption,
    PresetOption,
    RankOption,
    RateOption,
    RunOptions,
    SetOption,
    budget_of,
)
from brightrun.cli.commands.datasets import send, show_verdict
from brightrun.cli.commands.estimate import show_price
from brightrun.cli.commands.models import Folder, fetch, folder_of
from brightrun.cli.exit_status import ExitStatus, WrongCommand
from brightrun.cli.job_text import cost_of, verdict_of
from brightrun.cli.live_job import LiveJob, ending, watch
from brightrun.cli.local_check import CheckOptions, check_file, stages_maximum
from brightrun.cli.output import AsJson, answer, dollars, example, write_line
from brightrun.cli.report import show as show_report
from brightrun.cli.same_job import going_on, idempotency_key, jobs_alike
from brightrun.cli.session import Session, session_of
from brightrun.client import BrightRun, HowToRead, JobChoices
from brightrun.client.jobs import Budget
from brightrun.datasets.record import DatasetStatus
from brightrun.datasets.view import DatasetDetail
from brightrun.jobs.record import JobStatus
from brightrun.jobs.view import JobView
from brightrun.models.view import ModelDetail
from brightrun.training.configuration import OverLength

_JOBS_LOOKED_AT = 100


def register(app: typer.Typer) -> None:
    """Add the command."""
    line = example("brightrun train chats.jsonl --model Qwen/Qwen3-8B --max-cost 5")
    app.command("train", epilog=line)(command)


@dataclass(frozen=True, slots=True)
class _Way:
    """One walk from a file to a model; each step may be taken again."""

    session: Session
    api: BrightRun
    console: Console
    file: Path
    options: RunOptions
    over_length: OverLength
    budget: Budget
    max_cost: str
    yes: bool

    def dataset(self) -> DatasetDetail:
        """Check the file here, upload it, and return it once the API has read it."""
        maximum = stages_maximum(self.session, self.options.model)
        checked = check_file(CheckOptions(self.file, maximum=maximum, over_length=self.over_length))
        if checked.has_errors:
            show_report(self.console, self.file.name, checked)
            raise typer.Exit(ExitStatus.NOT_GOOD)
        reading = HowToRead(self.options.model, self.over_length)
        sent = send(self.api, self.file, reading=reading)
        dataset = self.api.validated(sent.dataset)
        show_verdict(self.console, self.api, dataset, was_there=sent.was_there)
        if dataset.status is DatasetStatus.ERROR:
            raise typer.Exit(ExitStatus.NOT_GOOD)
        return dataset

    def job(self, dataset: DatasetDetail, *, again: bool) -> JobView:
        """Return the job that trains on it: one that is there, or a new one, once agreed to."""
        choices = self.options.choices(self.api, dataset.id)
        price = self.api.jobs.estimate(choices)
        found = self.api.jobs.list(dataset_id=dataset.id, limit=_JOBS_LOOKED_AT).jobs
        default = self.api.stage.catalog().defaults.base_model
        alike = jobs_alike(found, choices, default)
        known = None if again else going_on(alike)
        if known is not None:
            write_line(self.console, f"Job {known.id} does this already: {known.status}")
            return self._awake(known)
        limit = self.budget if isinstance(self.budget, Decimal) else None
        show_price(self.console, price, self.max_cost, limit)
        self._agree()
        return self._created(choices, len(alike))

    def _created(self, choices: JobChoices, earlier: int) -> JobView:
        key = idempotency_key(choices, earlier)
        job = self.api.jobs.create(choices, max_cost=self.budget, idempotency_key=key)
        write_line(self.console, f"Job {job.id}: {job.name}")
        return job

    def _awake(self, job: JobView) -> JobView:
        """Let a job go on that rests; with the budget of this command, where it names one."""
        if job.status is not JobStatus.PAUSED:
            return job
        if self.budget is not None:
            self.api.jobs.change_budget(job.id, self.budget)
        return self.api.jobs.resume(job.id)

    def _agree(self) -> None:
        if self.yes:
            return
        if self.session.confirm is None:
            raise WrongCommand("nobody is there to agree to the price: add --yes")
        if not self.session.confirm("Start training?"):
            write_line(self.console, "Nothing was started. The dataset stays.")
            raise typer.Exit(ExitStatus.GOOD)

    def model(self, job: JobView) -> ModelDetail:
        """Watch a job to its end and return its model."""
        ended = watch(self.api, job.id, LiveJob(self.console, self.session.now))
        if ended.status is not JobStatus.COMPLETED or ended.artifact_id is None:
            for line in ending(ended):
                write_line(self.console, line)
            raise typer.Exit(ExitStatus.NOT_GOOD)
        model = self.api.models.read(ended.artifact_id)
        write_line(self.console, f"{verdict_of(model.comparison)} · {cost_of(ended)}")
        if model.comparison is not None and model.comparison.reason:
            write_line(self.console, model.comparison.reason)
        return model


def command(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE")],
    model: ModelOption = None,
    preset: PresetOption = None,
    gpu: GpuOption = None,
    epochs: EpochsOption = None,
    batch_size: BatchOption = None,
    learning_rate: RateOption = None,
    rank: RankOption = None,
    more: SetOption = None,
    max_cost: MaxCostOption = None,
    over_length: Annotated[
        OverLength, typer.Option(help="Whether an over-long row is rejected or truncated.")
    ] = OverLength.REJECT,
    folder: Folder = None,
    *,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Agree to the price.")] = False,
    again: Annotated[
        bool, typer.Option("--again", help="A new job, even if there is one like it.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Train on a file: check, upload, price, start, watch, download, verify.

    The same command after a break goes on where it stopped: the file is not sent twice, the job
    not started twice, and what was downloaded stays.
    """
    options = RunOptions(
        model, preset, gpu, epochs, batch_size, learning_rate, rank, tuple(more or ())
    )
    session, budget = session_of(context), budget_of(max_cost)
    console = Console(highlight=False, stderr=as_json)
    told = "" if max_cost is None else _told(budget)
    with session.connect() as api:
        way = _Way(session, api, console, file, options, over_length, budget, told, yes)
        job = way.job(way.dataset(), again=again)
        made = way.model(job)
        target = folder_of(made, folder)
        files = fetch(api, made, target)
    found = {
        "job_id": job.id,
        "model": made.model_dump(mode="json"),
        "folder": str(target),
        "files": [each.model_dump(mode="json") for each in files],
    }
    line = f"{len(files)} files in {target}, SHA-256 verified"
    answer(found, lambda out: write_line(out, line), as_text=not as_json)


def _told(budget: Budget) -> str:
    return dollars(budget) if isinstance(budget, Decimal) else "none"
