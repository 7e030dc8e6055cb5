"""`brightrun jobs clone|logs`: a job done again with changes, and what happened to one."""

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
from brightrun.cli.commands.jobs import JobId, Watch, created, group
from brightrun.cli.output import AsJson, answer, example, shown, write_line
from brightrun.cli.session import session_of
from brightrun.client import BrightRun
from brightrun.client.answers import LogPage
from brightrun.client.jobs import named

__all__ = ["clone", "logs", "register"]


def register(_: typer.Typer) -> None:
    """Nothing to add: the commands below are in the group of jobs."""


@group.command(epilog=example("brightrun jobs clone JOB --epochs 5 --watch"))
def clone(
    context: typer.Context,
    job_id: JobId,
    dataset: Annotated[str | None, typer.Option(metavar="DATASET", help="Another one.")] = None,
    model: ModelOption = None,
    preset: PresetOption = None,
    gpu: GpuOption = None,
    epochs: EpochsOption = None,
    batch_size: BatchOption = None,
    learning_rate: RateOption = None,
    rank: RankOption = None,
    more: SetOption = None,
    max_cost: MaxCostOption = None,
    name: Annotated[str | None, typer.Option(help="Of the new job.")] = None,
    *,
    and_watch: Watch = False,
    as_json: AsJson = False,
) -> None:
    """Create a job with the choices of an earlier one; what is named here is changed."""
    options = RunOptions(
        model, preset, gpu, epochs, batch_size, learning_rate, rank, tuple(more or ())
    )
    session, budget = session_of(context), budget_of(max_cost)
    with session.connect() as api:
        changes = _overrides(api, options, dataset) | named(name, budget)
        job = api.jobs.clone(job_id, changes, idempotency_key=str(uuid.uuid4()))
        created(session, api, job, and_watch=and_watch, as_json=as_json)


def _overrides(api: BrightRun, options: RunOptions, dataset: str | None) -> dict[str, object]:
    choices: dict[str, object] = {
        "dataset_id": dataset,
        "base_model": options.model,
        "preset_id": options.preset,
        "hyperparameters": options.hyperparameters() or None,
    }
    if options.gpu is not None:
        choices["gpu_config"] = options.choices(api, dataset or "").body()["gpu_config"]
    return {key: value for key, value in choices.items() if value is not None}


@group.command(epilog=example("brightrun jobs logs JOB --level error"))
def logs(
    context: typer.Context,
    job_id: JobId,
    order: Annotated[Literal["oldest", "newest"], typer.Option(help="Which first.")] = "oldest",
    level: Annotated[
        Literal["info", "warning", "error"] | None, typer.Option(help="Only these.")
    ] = None,
    kind: Annotated[
        str | None, typer.Option("--type", metavar="PREFIX", help="Such as attempt.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=100)] = 100,
    cursor: Annotated[str | None, typer.Option(help="Where the last page ended.")] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Show what happened to a job, line by line."""
    with session_of(context).connect() as api:
        found = api.jobs.logs(
            job_id, order=order, level=level, type_prefix=kind, limit=limit, cursor=cursor
        )
    answer(found, partial(_show_logs, found=found), as_text=not as_json)


def _show_logs(console: Console, found: LogPage) -> None:
    for event in found.events:
        line = f"{shown(event.time)} {event.level:7} {event.type}: {event.message}"
        write_line(console, line)
    if found.cursor is not None:
        write_line(console, f"--cursor {found.cursor} goes on")
