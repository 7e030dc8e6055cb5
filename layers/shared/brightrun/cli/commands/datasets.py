"""`brightrun datasets`: what was uploaded, and what is wrong with it."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from brightrun.cli.exit_status import ExitStatus, WrongCommand
from brightrun.cli.output import (
    AsJson,
    Column,
    answer,
    counted,
    example,
    facts,
    listing,
    next_page,
    write_line,
)
from brightrun.cli.problems import show_problems
from brightrun.cli.progress import transfer_bar
from brightrun.cli.session import session_of
from brightrun.client import BrightRun, HowToRead
from brightrun.client.answers import DatasetsPage, LibraryPage
from brightrun.client.uploads import Sent, UploadBroken
from brightrun.datasets.record import DatasetStatus, Severity
from brightrun.datasets.view import DatasetDetail
from brightrun.training.configuration import OverLength

_PROBLEMS_SHOWN = 10
group = typer.Typer(help="Datasets: the files that you train on.", no_args_is_help=True)
DatasetId = Annotated[str, typer.Argument(metavar="DATASET", help="Its id.")]


def register(app: typer.Typer) -> None:
    """Add the group."""
    app.add_typer(group, name="datasets")


@group.command(epilog=example("brightrun datasets upload chats.jsonl --name support"))
def upload(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE")],
    name: Annotated[str | None, typer.Option(help="The file's name by default.")] = None,
    base_model: Annotated[
        str | None, typer.Option(metavar="ID", help="Whose tokenizer counts the tokens.")
    ] = None,
    over_length: Annotated[
        OverLength, typer.Option(help="Whether an over-long row is rejected or truncated.")
    ] = OverLength.REJECT,
    waive: Annotated[
        list[str] | None,
        typer.Option(metavar="CODE", help="An error that you accept: secret_suspect."),
    ] = None,
    resume: Annotated[
        str | None, typer.Option(metavar="DATASET", help="An upload that broke off.")
    ] = None,
    *,
    near_duplicates: Annotated[
        bool, typer.Option("--near-duplicates", help="Look for rows almost the same, too.")
    ] = False,
    again: Annotated[
        bool, typer.Option("--again", help="Even if the same content is there already.")
    ] = False,
    no_wait: Annotated[
        bool, typer.Option("--no-wait", help="Do not wait for the validation.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Upload a file and wait for its verdict. After a break the same command goes on."""
    reading = HowToRead(base_model, over_length, near_duplicates, tuple(waive or ()))
    with session_of(context).connect() as api:
        sent = send(api, file, name=name, reading=reading, again=again, resume=resume)
        dataset = sent.dataset if no_wait else api.validated(sent.dataset)
        show = partial(show_verdict, api=api, dataset=dataset, was_there=sent.was_there)
        answer(dataset, show, as_text=not as_json)
    if dataset.status is DatasetStatus.ERROR:
        raise typer.Exit(ExitStatus.NOT_GOOD)


def send(
    api: BrightRun,
    file: Path,
    *,
    name: str | None = None,
    reading: HowToRead | None = None,
    again: bool = False,
    resume: str | None = None,
) -> Sent:
    """Upload a file with a bar.

    Raises:
        UploadBroken: it did not get through; the message is the command that goes on.
    """
    with transfer_bar(file.stat().st_size) as shown:
        try:
            return api.upload(
                file,
                name=name,
                reading=reading,
                again=again,
                resume=resume,
                progress=partial(shown, file.name),
            )
        except UploadBroken as broken:
            line = f"brightrun datasets upload {file} --resume {broken.dataset_id}"
            broken.args = (f"{broken}\nTo go on where it stopped: {line}",)
            raise


def show_verdict(
    console: Console, api: BrightRun, dataset: DatasetDetail, *, was_there: bool = False
) -> None:
    """Print what validation found, with the first problems."""
    if was_there:
        console.print(f"The same content is already there: dataset {dataset.id}")
    console.print(f"Dataset {dataset.id}: {dataset.status}")
    if dataset.status is DatasetStatus.READY:
        pairs = counted(dataset.total_training_pairs, "training pair")
        tokens = counted(dataset.total_tokens, "token")
        console.print(f"{pairs}, {tokens} ({_how_counted(dataset)})")
    if dataset.status is DatasetStatus.ERROR:
        found = api.datasets.errors(dataset.id, severity=Severity.ERROR, limit=_PROBLEMS_SHOWN)
        show_problems(console, found.problems)
        write_line(console, dataset.error_message or "")
        if found.pagination.total > len(found.problems):
            console.print(f"All of them: brightrun datasets errors {dataset.id}")


def _how_counted(dataset: DatasetDetail) -> str:
    return "counted" if dataset.token_count_method == "tokenizer" else "estimated, ± a third"


@group.command("list", epilog=example("brightrun datasets list --status ready"))
def list_(
    context: typer.Context,
    status: Annotated[DatasetStatus | None, typer.Option(help="Only these.")] = None,
    search: Annotated[str | None, typer.Option(help="A part of the name.")] = None,
    page: Annotated[int, typer.Option(min=1)] = 1,
    limit: Annotated[int, typer.Option(min=1, max=100)] = 25,
    *,
    as_json: AsJson = False,
) -> None:
    """List datasets, newest first."""
    with session_of(context).connect() as api:
        found = api.datasets.list(page=page, limit=limit, status=status, search=search)
    answer(found, partial(_show_page, found=found), as_text=not as_json)


def _show_page(console: Console, found: DatasetsPage) -> None:
    columns = (
        Column("id"), Column("name", elastic=True), Column("status"),
        Column("pairs", right=True), Column("tokens", right=True), Column("created"),
    )  # fmt: skip
    listing(
        console,
        columns,
        (
            (row.id, row.name, row.status, row.total_training_pairs, row.total_tokens,
             row.created_at)
            for row in found.datasets
        ),
    )  # fmt: skip
    next_page(console, found.pagination)


@group.command(epilog=example("brightrun datasets show DATASET"))
def show(context: typer.Context, dataset_id: DatasetId, *, as_json: AsJson = False) -> None:
    """Show one dataset: its verdict, rows and tokens."""
    with session_of(context).connect() as api:
        dataset = api.datasets.read(dataset_id)
    answer(dataset, partial(_show, dataset=dataset), as_text=not as_json)


def _show(console: Console, dataset: DatasetDetail) -> None:
    facts(
        console,
        {
            "id": dataset.id,
            "name": dataset.name,
            "status": dataset.status,
            "why": dataset.error_message,
            "format": dataset.format,
            "file": f"{dataset.file_name}, {dataset.file_size:,} bytes",
            "rows": dataset.rows,
            "trained": dataset.trained_rows,
            "skipped": dataset.skipped_rows,
            "rejected": dataset.rejected_rows,
            "conversations": dataset.conversations,
            "training pairs": dataset.total_training_pairs,
            "tokens": f"{dataset.total_tokens:,} ({_how_counted(dataset)})",
            "errors": dataset.errors,
            "warnings": dataset.warnings,
            "created": dataset.created_at,
        },
    )


@group.command(epilog=example("brightrun datasets delete DATASET"))
def delete(context: typer.Context, dataset_id: DatasetId, *, as_json: AsJson = False) -> None:
    """Delete a dataset, unless a job that has not ended uses it. Its models stay."""
    with session_of(context).connect() as api:
        gone = api.datasets.delete(dataset_id)
    answer(gone, lambda console: console.print(f"Deleted: {gone.id}"), as_text=not as_json)


@group.command("import", epilog=example("brightrun datasets import"))
def import_(
    context: typer.Context,
    training_file: Annotated[
        str | None, typer.Argument(metavar="FILE_ID", help="Without one, what there is is listed.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="The file's name by default.")] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Make a dataset of a file of the library, or list the files that are none yet."""
    with session_of(context).connect() as api:
        if training_file is None:
            if name is not None:
                raise WrongCommand("--name is for a file that is imported: name its id")
            page = api.datasets.importable()
            answer(page, partial(_show_library, page=page), as_text=not as_json)
            return
        dataset = api.validated(api.datasets.import_file(training_file, name=name))
        answer(dataset, partial(show_verdict, api=api, dataset=dataset), as_text=not as_json)
    if dataset.status is DatasetStatus.ERROR:
        raise typer.Exit(ExitStatus.NOT_GOOD)


def _show_library(console: Console, page: LibraryPage) -> None:
    columns = (
        Column("id"), Column("name", elastic=True), Column("conversations", right=True),
        Column("pairs", right=True), Column("uploaded"),
    )  # fmt: skip
    rows = (
        (file.id, file.name, file.conversation_count, file.total_training_pairs, file.uploaded)
        for file in page.training_files
    )
    listing(console, columns, rows)
