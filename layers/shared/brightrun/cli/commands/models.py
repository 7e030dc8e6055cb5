"""`brightrun models`: what training has made, fetched and checked."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from brightrun.cli.exit_status import ExitStatus
from brightrun.cli.job_text import stars_of, verdict_of
from brightrun.cli.output import (
    AsJson,
    Column,
    answer,
    dollars,
    example,
    facts,
    listing,
    next_page,
    write_line,
    write_lines,
)
from brightrun.cli.progress import transfer_bar
from brightrun.cli.session import session_of
from brightrun.cli.usage import Way, page_of, usage_of
from brightrun.client import BrightRun
from brightrun.client.answers import ModelsPage
from brightrun.client.downloads import FileCheck, check
from brightrun.models.view import ModelDetail
from brightrun.training.protocol import StoredFile

LATEST = "latest"
_DIGEST_SHOWN = 16
group = typer.Typer(help="Models: the adapters that training has made.", no_args_is_help=True)
ModelId = Annotated[
    str, typer.Argument(metavar="MODEL", help="Its id, or `latest` for the newest.")
]
Folder = Annotated[
    Path | None, typer.Option("--to", metavar="FOLDER", help="Else one named by the model's id.")
]


def register(app: typer.Typer) -> None:
    """Add the group."""
    app.add_typer(group, name="models")


def model_of(api: BrightRun, model_id: str) -> ModelDetail:
    """Return a model by its id, or the newest one."""
    if model_id != LATEST:
        return api.models.read(model_id)
    newest = api.models.list(limit=1).models
    return api.models.read(newest[0].id if newest else LATEST)


def folder_of(model: ModelDetail, folder: Path | None) -> Path:
    """Return where a model's files are put and looked for."""
    return Path(model.id) if folder is None else folder


@group.command("list", epilog=example("brightrun models list --sort quality"))
def list_(
    context: typer.Context,
    sort: Annotated[str, typer.Option(help="created_at or quality.")] = "created_at",
    search: Annotated[str | None, typer.Option(help="A part of the name.")] = None,
    dataset: Annotated[str | None, typer.Option(metavar="DATASET", help="Made of this.")] = None,
    page: Annotated[int, typer.Option(min=1)] = 1,
    limit: Annotated[int, typer.Option(min=1, max=100)] = 12,
    *,
    as_json: AsJson = False,
) -> None:
    """List models, newest or best first."""
    with session_of(context).connect() as api:
        found = api.models.list(
            page=page, limit=limit, sort=sort, search=search, dataset_id=dataset
        )
    answer(found, partial(_show_page, found=found), as_text=not as_json)


def _show_page(console: Console, found: ModelsPage) -> None:
    columns = (
        Column("id"), Column("name", elastic=True), Column("verdict"), Column("score"),
        Column("cost", right=True), Column("created"), Column("base model"),
    )  # fmt: skip
    rows = (
        (model.id, model.name, model.comparison.verdict if model.comparison else None,
         stars_of(model), dollars(model.training_summary.total_cost), model.created_at,
         model.base_model)
        for model in found.models
    )  # fmt: skip
    listing(console, columns, rows)
    next_page(console, found.pagination)


@group.command(epilog=example("brightrun models show latest"))
def show(context: typer.Context, model_id: ModelId, *, as_json: AsJson = False) -> None:
    """Show one model: whether it is better than its base, what it cost, its files."""
    with session_of(context).connect() as api:
        model = model_of(api, model_id)
    answer(model, partial(show_model, model=model), as_text=not as_json)


def show_model(console: Console, model: ModelDetail) -> None:
    """Print a model; the verdict comes first."""
    known = model.configuration.hyperparameters
    write_line(console, verdict_of(model.comparison))
    reason = model.comparison.reason if model.comparison else None
    facts(
        console,
        {
            "why": reason,
            "id": model.id,
            "name": model.name,
            "status": model.status,
            "quality score": f"{stars_of(model)}: {model.quality_metrics.reason}",
            "base model": f"{model.base_model} at {model.base_model_revision[:12]}",
            "LoRA": f"rank {known.rank}, alpha {known.alpha}, dropout {known.dropout}",
            "trained": f"{model.training_summary.total_steps:,} steps, "
            f"{model.training_summary.epochs_completed:g} epochs",
            "cost": f"{dollars(model.training_summary.total_cost)}, estimated "
            f"{dollars(model.training_summary.estimated_cost)}",
            "dataset": f"{model.dataset.name} ({model.dataset_id})",
            "job": model.job_id,
            "created": model.created_at,
        },
    )
    show_files(console, model.manifest)


def show_files(console: Console, files: tuple[StoredFile, ...]) -> None:
    """Print files with their sizes and checksums."""
    columns = (Column("file"), Column("bytes", right=True), Column("SHA-256"))
    rows = ((file.name, file.size_bytes, f"{file.sha256[:_DIGEST_SHOWN]}…") for file in files)
    listing(console, columns, rows)


@group.command(epilog=example("brightrun models download latest --to my-adapter"))
def download(
    context: typer.Context,
    model_id: ModelId,
    folder: Folder = None,
    file: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Only this one; may be repeated.")
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Bring a model's files here, each checked by its SHA-256. A broken download goes on."""
    with session_of(context).connect() as api:
        model = model_of(api, model_id)
        target = folder_of(model, folder)
        files = fetch(api, model, target, file)
    answer(
        {"folder": str(target), "files": [each.model_dump(mode="json") for each in files]},
        partial(_show_fetched, files=files, target=target),
        as_text=not as_json,
    )


def fetch(
    api: BrightRun, model: ModelDetail, target: Path, names: list[str] | None = None
) -> tuple[StoredFile, ...]:
    """Download a model with a bar."""
    total = sum(file.size_bytes for file in model.manifest if not names or file.name in names)
    with transfer_bar(total) as shown:
        return api.download(model, target, names or None, shown)


def _show_fetched(console: Console, files: tuple[StoredFile, ...], target: Path) -> None:
    show_files(console, files)
    write_line(console, f"All verified, in {target}")


@group.command(epilog=example("brightrun models verify latest --to my-adapter"))
def verify(
    context: typer.Context, model_id: ModelId, folder: Folder = None, *, as_json: AsJson = False
) -> None:
    """Check downloaded files against the model's manifest. Exits with 1 where one differs."""
    with session_of(context).connect() as api:
        model = model_of(api, model_id)
    checks = check(model, folder_of(model, folder))
    plain = [{"name": each.name, "fault": each.fault or None} for each in checks]
    answer(plain, partial(_show_checks, checks=checks), as_text=not as_json)
    if any(each.fault for each in checks):
        raise typer.Exit(ExitStatus.NOT_GOOD)


def _show_checks(console: Console, checks: tuple[FileCheck, ...]) -> None:
    for each in checks:
        told = f"[red]{each.fault}[/]" if each.fault else "[green]verified[/]"
        console.print(f"{each.name}: {told}")


@group.command(epilog=example("brightrun models use latest --to my-adapter --for python > ask.py"))
def use(
    context: typer.Context,
    model_id: ModelId,
    folder: Folder = None,
    base: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Where the base model lies; else it is the Hub's."),
    ] = None,
    way: Annotated[
        Way | None, typer.Option("--for", help="Only these lines, without a heading.")
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Print the lines that load a downloaded model with PEFT, serve it, or merge it."""
    with session_of(context).connect() as api:
        model = model_of(api, model_id)
    usage = usage_of(model, folder_of(model, folder), base)
    text = page_of(usage) if way is None else usage[way]
    answer({"usage": text}, lambda console: write_lines(console, text), as_text=not as_json)
