"""`brightrun datasets errors|preview|ledger`: what is known of single rows of a dataset."""

from functools import partial
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from brightrun.cli.commands.datasets import DatasetId, group
from brightrun.cli.output import AsJson, Column, answer, example, listing, next_page, write_line
from brightrun.cli.problems import show_problems, totals
from brightrun.cli.session import session_of
from brightrun.client.answers import LedgerRows, ProblemsPage, RowPreview
from brightrun.datasets.record import Severity


def register(_: typer.Typer) -> None:
    """Nothing to add: the commands below are in the group of datasets."""


@group.command(epilog=example("brightrun datasets errors DATASET --severity error"))
def errors(
    context: typer.Context,
    dataset_id: DatasetId,
    severity: Annotated[Severity | None, typer.Option(help="Only these.")] = None,
    code: Annotated[str | None, typer.Option(help="Only this code, such as not_json.")] = None,
    page: Annotated[int, typer.Option(min=1)] = 1,
    limit: Annotated[int, typer.Option(min=1, max=100)] = 50,
    *,
    as_json: AsJson = False,
) -> None:
    """Show every problem that was found in the file, by line."""
    with session_of(context).connect() as api:
        found = api.datasets.errors(
            dataset_id, severity=severity, code=code, page=page, limit=limit
        )
    answer(found, partial(_show_errors, found=found), as_text=not as_json)


def _show_errors(console: Console, found: ProblemsPage) -> None:
    show_problems(console, found.problems)
    write_line(console, totals(found.error_counts, found.warning_counts))
    next_page(console, found.pagination)


@group.command(epilog=example("brightrun datasets preview DATASET --row 3"))
def preview(
    context: typer.Context,
    dataset_id: DatasetId,
    row: Annotated[int, typer.Option(min=1, help="Its line in the file.")] = 1,
    base_model: Annotated[
        str | None, typer.Option(metavar="ID", help="As this base model would see it.")
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Show a row as the trainer will see it; what trains is marked."""
    with session_of(context).connect() as api:
        found = api.datasets.preview(dataset_id, row, base_model=base_model)
    answer(found, partial(_show_preview, found=found), as_text=not as_json)


def _show_preview(console: Console, found: RowPreview) -> None:
    row = found.preview
    write_line(console, f"line {row.line}: {row.fate} · {found.base_model}")
    if not found.tokenized:
        console.print("The base model's tokenizer is not installed, so these are its turns only.")
        for message in row.messages:
            write_line(console, f"{message}")
    for sequence in row.sequences:
        text = Text()
        for token in sequence.tokens:
            text.append(token.text, style="bold green" if token.trained else "dim")
        console.print(text, soft_wrap=True)
        trained = sum(end - start for start, end in sequence.trained_spans)
        console.print(f"{sequence.total_tokens:,} tokens, {trained:,} of them train")


@group.command(epilog=example("brightrun datasets ledger DATASET --outcome rejected"))
def ledger(
    context: typer.Context,
    dataset_id: DatasetId,
    outcome: Annotated[
        str | None, typer.Option(help="trained, skipped or rejected: only these.")
    ] = None,
    after: Annotated[int, typer.Option(min=0, metavar="LINE", help="Go on after it.")] = 0,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 100,
    *,
    as_json: AsJson = False,
) -> None:
    """Show what becomes of each row: trained, skipped or rejected, and why."""
    with session_of(context).connect() as api:
        found = api.datasets.ledger(dataset_id, after=after, limit=limit, outcome=outcome)
    answer(found, partial(_show_ledger, found=found), as_text=not as_json)


def _show_ledger(console: Console, found: LedgerRows) -> None:
    columns = (
        Column("line", right=True), Column("outcome"), Column("reason"),
        Column("pairs", right=True), Column("tokens", right=True),
        Column("conversation", elastic=True),
    )  # fmt: skip
    rows = (
        (row.line, row.fate, row.reason, row.pairs, row.tokens, row.conversation_id)
        for row in found.rows
    )
    listing(console, columns, rows)
    if found.next_after is not None:
        console.print(f"--after {found.next_after} goes on")
