"""`brightrun validate FILE`: the report the API would give, in a terminal."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from brightrun.cli.choices import ModelOption
from brightrun.cli.exit_status import ExitStatus
from brightrun.cli.local_check import (
    Checked,
    CheckOptions,
    Maximum,
    check_file,
    stages_maximum,
)
from brightrun.cli.output import AsJson, answer, complain, example
from brightrun.cli.report import show
from brightrun.cli.session import session_of
from brightrun.datasets.problems import Code
from brightrun.training.configuration import OverLength


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("validate", epilog=example("brightrun validate chats.jsonl"))(command)


def command(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE")],
    model: ModelOption = None,
    tokenizer: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="A base model's folder: count tokens exactly, and check its chat template.",
        ),
    ] = None,
    max_sequence_tokens: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, help="Else the stage's for the model, or 4,096."),
    ] = None,
    over_length: Annotated[
        OverLength,
        typer.Option(help="Whether an over-long row is rejected, or loses its oldest turns."),
    ] = OverLength.REJECT,
    waive: Annotated[
        list[Code] | None,
        typer.Option(
            metavar="CODE",
            help="An error that you have looked at and accept, such as secret_suspect.",
        ),
    ] = None,
    validation_file: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Warn of rows that are in both files.")
    ] = None,
    outcomes: Annotated[
        Path | None,
        typer.Option(
            "--outcomes",
            "--ledger",
            metavar="FILE",
            help="Write what becomes of each row, as JSON Lines.",
        ),
    ] = None,
    *,
    near_duplicates: Annotated[
        bool, typer.Option("--near-duplicates", help="A second pass, for rows almost the same.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Say whether a file is fit to train on, and what is wrong with it by line.

    It is the answer that an upload will give: a stage that is configured is asked for its maximum.
    """
    asked = max_sequence_tokens
    maximum = stages_maximum(session_of(context), model) if asked is None else Maximum(asked)
    if maximum.remark:
        complain(maximum.remark)
    options = CheckOptions(
        path=file,
        maximum=maximum,
        tokenizer=tokenizer,
        over_length=over_length,
        waived=frozenset(waive or ()),
        validation_file=validation_file,
        near_duplicates=near_duplicates,
        outcomes=outcomes,
    )
    checked = check_file(options)
    answer(_plain(checked), partial(show, name=file.name, checked=checked), as_text=not as_json)
    if checked.has_errors:
        raise typer.Exit(ExitStatus.NOT_GOOD)


def _plain(checked: Checked) -> dict[str, object]:
    return {
        "verdict": checked.outcome.verdict.model_dump(mode="json"),
        "report": [problem.model_dump(mode="json") for problem in checked.outcome.report],
    }
