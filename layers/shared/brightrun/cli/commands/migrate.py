"""`brightrun migrate-from-openai`: fine-tuning jobs of an OpenAI account, made again here."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
from rich.console import Console

from brightrun.cli.choices import GpuOption, MaxCostOption, PresetOption, RunOptions, budget_of
from brightrun.cli.exit_status import ExitStatus, WrongCommand
from brightrun.cli.local_check import Maximum, stages_maximum
from brightrun.cli.migration.copies import Copies, FileCopy, training_files_of
from brightrun.cli.migration.plan import Planned, Target, catalog_of, planned
from brightrun.cli.migration.report import JobReport, Report, job_report, show
from brightrun.cli.migration.source import DEFAULT_URL, OpenAiAccount, TheirJob
from brightrun.cli.migration.start import Start
from brightrun.cli.migration.state import State, load
from brightrun.cli.output import AsJson, answer, example, write_line
from brightrun.cli.session import Session, session_of
from brightrun.client import BrightRun, HowToRead
from brightrun.client.jobs import Budget
from brightrun.errors import InvalidRequest
from brightrun.openai.mappings import base_model
from brightrun.training.configuration import OverLength, Preset

KEY = "OPENAI_API_KEY"


def register(app: typer.Typer) -> None:
    """Add the command."""
    line = example("brightrun migrate-from-openai --model Qwen/Qwen3-8B --keep openai-account")
    app.command("migrate-from-openai", epilog=line)(command)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What was asked for on the command line."""

    url: str
    only: frozenset[str]
    over_length: OverLength
    budget: Budget
    max_cost: str
    state_path: Path
    kept: str
    start: bool


def command(
    context: typer.Context,
    model: Annotated[
        str, typer.Option("--model", metavar="ID", help="The open base model to train instead.")
    ],
    preset: PresetOption = None,
    gpu: GpuOption = None,
    max_cost: MaxCostOption = None,
    job: Annotated[
        list[str] | None,
        typer.Option("--job", metavar="FTJOB", help="Only this one; may be said again."),
    ] = None,
    keep: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER", help="Keep jobs, result CSVs and training files of OpenAI there."
        ),
    ] = None,
    state: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="What was done so far; beside the profile by default."),
    ] = None,
    over_length: Annotated[
        OverLength, typer.Option(help="Whether an over-long row is rejected or truncated.")
    ] = OverLength.REJECT,
    openai_url: Annotated[
        str, typer.Option(metavar="URL", help="Another address of OpenAI's API.")
    ] = DEFAULT_URL,
    *,
    start: Annotated[
        bool, typer.Option("--start", help="Upload and start; else it is only said what would be.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Make the fine-tuning jobs of your OpenAI account again, on an open base model.

    Reads jobs and files with your own key: OPENAI_API_KEY, or asked for. Without --start nothing
    is uploaded and nothing started. Run again after a break, it goes on where it stopped.
    """
    session = session_of(context)
    asked = _Asked(
        openai_url,
        frozenset(job or ()),
        over_length,
        budget_of(max_cost),
        _shown(max_cost),
        state or session.config.with_name(f"migration-{session.profile_name}.json"),
        "" if keep is None else str(keep),
        start,
    )
    console = Console(highlight=False, stderr=as_json)
    options = RunOptions(model, preset, gpu)
    with session.connect() as api, _account(session, openai_url) as account, _folder(keep) as at:
        target = _target(session, api, options)
        report = _Migration(session, api, account, at, target, asked, console).report()
    answer(report.plain(), partial(show, report=report), as_text=not as_json)
    if not report.is_good:
        raise typer.Exit(ExitStatus.NOT_GOOD)


@dataclass(frozen=True, slots=True)
class _Migration:
    session: Session
    api: BrightRun
    account: OpenAiAccount
    folder: Path
    target: Target
    asked: _Asked
    console: Console

    def report(self) -> Report:
        """Read the account, check its files, and make the jobs where that was asked for."""
        state = load(self.asked.state_path, self.api.url)
        jobs = self._jobs()
        copies = Copies(self.folder, self.account)
        plans = [planned(job, self.target) for job in jobs]
        gone = {job.id: copies.keep_job(job) if self.asked.kept else () for job in jobs}
        files = self._files(copies, plans)
        told = [
            job_report(
                plan,
                files,
                self.target,
                job_id=state.job(self.target.base_model, plan.job.id),
                gone=gone[plan.job.id],
            )
            for plan in plans
        ]
        if self.asked.start:
            told, state = self._started(told, files, state)
        return self._whole(told, files, state)

    def _jobs(self) -> list[TheirJob]:
        """Return the jobs that were asked for, the oldest first."""
        only = self.asked.only
        found = [job for job in self.account.jobs() if not only or job.id in only]
        if missing := only - {job.id for job in found}:
            raise WrongCommand(f"no such job at OpenAI: {', '.join(sorted(missing))}")
        return found[::-1]

    def _files(self, copies: Copies, plans: list[Planned]) -> dict[str, FileCopy]:
        """Return the training files: those of jobs to be made, and all where they are kept."""
        jobs = [plan.job for plan in plans if self.asked.kept or not plan.refused]
        maximum = stages_maximum(self.session, self.target.base_model) if jobs else Maximum()
        how = (maximum, self.asked.over_length)
        return {each: copies.training_file(each, *how) for each in training_files_of(jobs)}

    def _started(
        self, told: list[JobReport], files: dict[str, FileCopy], state: State
    ) -> tuple[list[JobReport], State]:
        start = Start(
            self.api,
            self.target,
            HowToRead(self.target.base_model, self.asked.over_length),
            self.asked.budget,
            self.asked.state_path,
            state,
            partial(write_line, self.console),
        )
        done = [
            each if each.refused else start.job(each, files[each.plan.job.training_file])
            for each in told
        ]
        return done, start.state

    def _whole(self, told: list[JobReport], files: dict[str, FileCopy], state: State) -> Report:
        return Report(
            dry_run=not self.asked.start,
            base_model=self.target.base_model,
            max_cost=self.asked.max_cost,
            jobs=told,
            files=list(files.values()),
            datasets={each: moved.dataset_id for each, moved in state.files.items()},
            kept=self.asked.kept,
        )


def _target(session: Session, api: BrightRun, options: RunOptions) -> Target:
    """Return what is trained on; refused in words where the stage does not have it."""
    catalog = catalog_of(api.stage.catalog(), session.now().date())
    chosen = options.choices(api, "")
    try:
        name = base_model(options.model or "", catalog)
        catalog.gpu(chosen.gpu_type)
    except InvalidRequest as refused:
        raise WrongCommand(str(refused)) from refused
    preset = options.preset or Preset.BALANCED
    return Target(name, chosen.gpu_type, chosen.gpu_count, catalog, preset)


def _account(session: Session, url: str) -> OpenAiAccount:
    key = session.environ.get(KEY) or session.ask_secret("OpenAI API key: ").strip()
    if not key:
        raise WrongCommand(f"no key for OpenAI: set {KEY}")
    return OpenAiAccount(url, key, transport=session.openai_transport, sleep=session.sleep)


@contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    """Yield the folder of copies; one that nobody keeps is gone in the end."""
    if keep is not None:
        yield keep
        return
    with TemporaryDirectory(prefix="brightrun-") as scratch:
        yield Path(scratch)


def _shown(max_cost: str | None) -> str:
    if max_cost is None or max_cost.lower() == "none":
        return (max_cost or "").lower()
    return f"${max_cost.removeprefix('$')}"
