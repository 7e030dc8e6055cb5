"""`brightrun validate FILE`: the report the API would give, in a terminal."""

import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from brightrun.cli.console import as_json, printed
from brightrun.cli.output import AsJson, example
from brightrun.cli.report import show
from brightrun.datasets.problems import Code
from brightrun.datasets.record import LedgerRow
from brightrun.datasets.tokenizing.chat_encoder import ChatEncoder, EncodingRefused
from brightrun.datasets.tokenizing.template_set import ENCODER_FILES
from brightrun.datasets.validation.row_ledger import RowSeen, ledger_line
from brightrun.datasets.validation.validator import Validated, validate
from brightrun.training.configuration import OverLength

_CHUNK_BYTES = 1 << 17


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("validate", epilog=example("brightrun validate chats.jsonl"))(command)


def command(
    file: Annotated[Path, typer.Argument(metavar="FILE")],
    tokenizer: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER",
            help="A base model's folder: count tokens exactly, and check its chat template.",
        ),
    ] = None,
    max_sequence_tokens: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Reject longer rows.")
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
    ledger: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write what became of each row, as JSON Lines."),
    ] = None,
    *,
    near_duplicates: Annotated[
        bool, typer.Option("--near-duplicates", help="A second pass, for rows almost the same.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Say whether a file is fit to train on, and what is wrong with it by line."""
    options = ValidateOptions(
        path=file,
        as_json=as_json,
        tokenizer=tokenizer,
        max_sequence_tokens=max_sequence_tokens,
        over_length=over_length,
        waived=frozenset(waive or ()),
        validation_file=validation_file,
        near_duplicates=near_duplicates,
        ledger=ledger,
    )
    raise typer.Exit(validate_file(options))


@dataclass(frozen=True, slots=True)
class ValidateOptions:
    """What was asked for on the command line."""

    path: Path
    as_json: bool = False
    tokenizer: Path | None = None
    max_sequence_tokens: int | None = None
    over_length: OverLength = OverLength.REJECT
    waived: frozenset[Code] = frozenset()
    validation_file: Path | None = None
    near_duplicates: bool = False
    ledger: Path | None = None


def validate_file(options: ValidateOptions) -> int:
    """Print the report; return 1 when there are errors, 2 when the tokenizer is of no use.

    Raises:
        OSError: a file cannot be read.
    """
    try:
        encoder = None if options.tokenizer is None else _encoder(options.tokenizer)
    except EncodingRefused as refusal:
        sys.stderr.write(f"brightrun: {options.tokenizer}: {refusal} ({refusal.code})\n")
        return 2
    with ExitStack() as opened:
        row_seen = None
        if options.ledger is not None:
            row_seen = _line_writer(opened.enter_context(options.ledger.open("wb")))
        other = options.validation_file
        outcome = validate(
            _chunks(options.path),
            encoder=encoder,
            max_sequence_tokens=options.max_sequence_tokens,
            over_length=options.over_length,
            waived=options.waived,
            validation_chunks=None if other is None else _chunks(other),
            second_pass=_chunks(options.path) if options.near_duplicates else None,
            row_seen=row_seen,
        )
    printed(partial(_say, options, outcome))
    return 1 if outcome.verdict.error_counts else 0


def _say(options: ValidateOptions, outcome: Validated) -> None:
    if not options.as_json:
        show(options.path.name, outcome)
        return
    told = {
        "verdict": outcome.verdict.model_dump(mode="json"),
        "report": [problem.model_dump(mode="json") for problem in outcome.report],
    }
    sys.stdout.write(as_json(told) + "\n")


def _line_writer(file: BinaryIO) -> RowSeen:
    def write(row: LedgerRow) -> None:
        file.write(ledger_line(row))

    return write


def _encoder(folder: Path) -> ChatEncoder:
    paths = {name: folder / name for name in ENCODER_FILES}
    files = {name: path.read_bytes() for name, path in paths.items() if path.is_file()}
    if "tokenizer.json" not in files:
        raise FileNotFoundError(2, "there is no tokenizer.json", str(folder))
    return ChatEncoder.from_files(files)


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            yield chunk
