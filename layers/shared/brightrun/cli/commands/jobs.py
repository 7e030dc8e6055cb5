"""`brightrun jobs`: training runs, from creation to model."""

import uuid
from functools import partial
from typing import Annotated, Literal

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
from brightrun.cli.exit_status import ExitStatus
from brightrun.cli.job_text import cost_of
from brightrun.cli.live_job import LiveJob, ending, line_of, watch
from brightrun.cli.output import AsJson, Column, answer, example, listing, next_page, write_line
from brightrun.cli.session import Session, session_of
from brightrun.client import BrightRun
from brightrun.client.answers import JobsPage
from brightrun.jobs.record import JobStatus
from brightrun.jobs.view import JobView

group = typer.Typer(help="Jobs: training runs, from creation to model.", no_args_is_help=True)
JobId = Annotated[str, typer.Argument(metavar="JOB", help="Its id.")]
Watch = Annotated[bool, typer.Option("--watch", help="Stay and watch it.")]


def register(app: typer.Typer) -> None:
    """Add the group."""
    app.add_typer(group, name="jobs")


@group.command(epilog=example("brightrun jobs create DATASET --preset fast --max-cost 5 --watch"))
def create(
    context: typer.Context,
    dataset_id: Annotated[str, typer.Argument(metavar="DATASET")],
    model: ModelOption = None,
    preset: PresetOption = None,
    gpu: GpuOption = None,
    epochs: EpochsOption = None,
    batch_size: BatchOption = None,
    learning_rate: RateOption = None,
    rank: RankOption = None,
    more: SetOption = None,
    max_cost: MaxCostOption = None,
    name: Annotated[str | None, typer.Option(help="Of the job and its model.")] = None,
    *,
    and_watch: Watch = False,
    as_json: AsJson = False,
) -> None:
    """Create a job; it is queued, and its GPU is paid by the second once it runs."""
    options = RunOptions(
        model, preset, gpu, epochs, batch_size, learning_rate, rank, tuple(more or ())
    )
    budget = budget_of(max_cost)
    with session_of(context).connect() as api:
        job = api.jobs.create(
            options.choices(api, dataset_id),
            max_cost=budget,
            name=name,
            idempotency_key=str(uuid.uuid4()),
        )
        created(session_of(context), api, job, and_watch=and_watch, as_json=as_json)


def created(
    session: Session, api: BrightRun, job: JobView, *, and_watch: bool, as_json: bool
) -> None:
    """Tell of a job that is queued now, or watch it to its end."""
    if and_watch:
        _watched(session, api, job.id, as_json=as_json)
        return
    answer(job, partial(_say_created, job=job), as_text=not as_json)


def _say_created(console: Console, job: JobView) -> None:
    write_line(console, f"Job {job.id}: {job.status} · {job.name} · {cost_of(job)}")
    write_line(console, f"Watch it: brightrun jobs watch {job.id}")


@group.command("list", epilog=example("brightrun jobs list --status running"))
def list_(
    context: typer.Context,
    status: Annotated[JobStatus | None, typer.Option(help="Only these.")] = None,
    dataset: Annotated[str | None, typer.Option(metavar="DATASET", help="Only on this.")] = None,
    search: Annotated[str | None, typer.Option(help="A part of the name.")] = None,
    page: Annotated[int, typer.Option(min=1)] = 1,
    limit: Annotated[int, typer.Option(min=1, max=100)] = 10,
    *,
    as_json: AsJson = False,
) -> None:
    """List jobs, newest first."""
    with session_of(context).connect() as api:
        found = api.jobs.list(
            page=page, limit=limit, status=status, dataset_id=dataset, search=search
        )
    answer(found, partial(_show_page, found=found), as_text=not as_json)


def _show_page(console: Console, found: JobsPage) -> None:
    columns = (
        Column("id"), Column("name", elastic=True), Column("status"),
        Column("done", right=True), Column("cost", right=True), Column("created"),
        Column("base model"),
    )  # fmt: skip
    rows = (
        (job.id, job.name, job.status, f"{job.progress:.0f} %",
         f"${job.final_cost if job.final_cost is not None else job.current_cost:.2f}",
         job.created_at, job.base_model)
        for job in found.jobs
    )  # fmt: skip
    listing(console, columns, rows)
    next_page(console, found.pagination)


@group.command("watch", epilog=example("brightrun jobs watch JOB"))
def watch_(context: typer.Context, job_id: JobId, *, as_json: AsJson = False) -> None:
    """Watch a job until it has ended: progress, loss, time left, and cost of at most.

    Exits with 1 where it failed, was cancelled, or rests.
    """
    session = session_of(context)
    with session.connect() as api:
        _watched(session, api, job_id, as_json=as_json)


def _watched(session: Session, api: BrightRun, job_id: str, *, as_json: bool) -> None:
    console = Console(highlight=False, stderr=as_json)
    job = watch(api, job_id, LiveJob(console, session.now))
    answer(job, partial(_say_ending, job=job), as_text=not as_json)
    if job.status is not JobStatus.COMPLETED:
        raise typer.Exit(ExitStatus.NOT_GOOD)


def _say_ending(console: Console, job: JobView) -> None:
    for line in ending(job):
        write_line(console, line)
    if job.artifact_id is not None:
        write_line(console, f"Get it: brightrun models download {job.artifact_id}")


@group.command(epilog=example("brightrun jobs show JOB"))
def show(context: typer.Context, job_id: JobId, *, as_json: AsJson = False) -> None:
    """Show where a job stands now."""
    session = session_of(context)
    with session.connect() as api:
        seen = api.jobs.read(job_id)
    line = line_of(seen.job, session.now())
    answer(seen, lambda console: write_line(console, line), as_text=not as_json)


@group.command(epilog=example("brightrun jobs pause JOB"))
def pause(context: typer.Context, job_id: JobId, *, as_json: AsJson = False) -> None:
    """Stop a job's GPU and keep its checkpoint for a week."""
    with session_of(context).connect() as api:
        stopped = api.jobs.pause(job_id)
    told = f"Job {job_id}: {stopped.outcome}"
    answer(stopped, lambda console: write_line(console, told), as_text=not as_json)


@group.command(epilog=example("brightrun jobs resume JOB --max-cost 10"))
def resume(
    context: typer.Context,
    job_id: JobId,
    max_cost: MaxCostOption = None,
    *,
    and_watch: Watch = False,
    as_json: AsJson = False,
) -> None:
    """Let a paused job go on after its checkpoint, with another budget where one is named."""
    session, budget = session_of(context), budget_of(max_cost)
    with session.connect() as api:
        if budget is not None:
            api.jobs.change_budget(job_id, budget)
        job = api.jobs.resume(job_id)
        created(session, api, job, and_watch=and_watch, as_json=as_json)


@group.command(epilog=example("brightrun jobs cancel JOB"))
def cancel(context: typer.Context, job_id: JobId, *, as_json: AsJson = False) -> None:
    """Stop a job for good; what its GPU has used is paid."""
    with session_of(context).connect() as api:
        stopped = api.jobs.cancel(job_id)
    told = f"Job {job_id}: {stopped.outcome}, {cost_of(stopped.job)}"
    answer(stopped, lambda console: write_line(console, told), as_text=not as_json)


@group.command(epilog=example("brightrun jobs retry JOB --from beginning"))
def retry(
    context: typer.Context,
    job_id: JobId,
    origin: Annotated[
        Literal["checkpoint", "beginning"],
        typer.Option("--from", help="Without a checkpoint every retry begins anew."),
    ] = "checkpoint",
    max_cost: MaxCostOption = None,
    name: Annotated[str | None, typer.Option(help="Of the new job.")] = None,
    *,
    and_watch: Watch = False,
    as_json: AsJson = False,
) -> None:
    """Create a job from one that failed or was cancelled."""
    session, budget = session_of(context), budget_of(max_cost)
    with session.connect() as api:
        job = api.jobs.retry(
            job_id, origin=origin, max_cost=budget, name=name, idempotency_key=str(uuid.uuid4())
        )
        created(session, api, job, and_watch=and_watch, as_json=as_json)
