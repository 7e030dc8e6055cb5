"""`brightrun`: which command was asked for, and with what."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import httpx

from brightrun.cli.upload import UploadOptions, UploadStopped, Wires, upload_file
from brightrun.cli.validate import ValidateOptions, validate_file
from brightrun.datasets.problems import Code
from brightrun.training.configuration import OverLength

_TIMEOUT_SECONDS = 60.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 is good, 1 means errors in the file, 2 that the command was wrong."""
    asked = _parser().parse_args(arguments)
    run: Callable[[argparse.Namespace], int] = asked.run
    try:
        return run(asked)
    except OSError as error:
        sys.stderr.write(f"brightrun: {error.filename}: {error.strerror}\n")
    except UploadStopped as stopped:
        sys.stderr.write(f"brightrun: {stopped}\n")
    return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="brightrun", description=main.__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_validate(commands.add_parser("validate", help="say whether a file is fit to train on"))
    datasets = commands.add_parser("datasets", help="datasets of your account")
    of_datasets = datasets.add_subparsers(required=True, metavar="COMMAND")
    _add_upload(of_datasets.add_parser("upload", help="upload a file, with resume"))
    return parser


def _add_validate(validate: argparse.ArgumentParser) -> None:
    validate.set_defaults(run=_validate)
    add = validate.add_argument
    add("file", type=Path, metavar="FILE")
    add("--json", action="store_true", help="the verdict and report as JSON")
    add(
        "--tokenizer",
        type=Path,
        metavar="FOLDER",
        help="a base model's folder: count tokens exactly, and check its chat template",
    )
    add("--max-sequence-tokens", type=_positive, metavar="N", help="reject longer rows")
    _add_over_length(add)
    add(
        "--waive",
        type=Code,
        action="append",
        default=[],
        metavar="CODE",
        help="an error that you have looked at and accept, such as secret_suspect",
    )
    add("--validation-file", type=Path, metavar="FILE", help="warn of rows that are in both files")
    add("--ledger", type=Path, metavar="FILE", help="write what became of each row, as JSON Lines")
    add("--near-duplicates", action="store_true", help="a second pass, for rows almost the same")


def _add_over_length(add: Callable[..., argparse.Action]) -> None:
    add(
        "--over-length",
        type=OverLength,
        choices=[*OverLength],
        default=OverLength.REJECT,
        help="whether an over-long row is rejected, or loses its oldest turns",
    )


def _add_upload(upload: argparse.ArgumentParser) -> None:
    upload.set_defaults(run=_upload)
    add = upload.add_argument
    add("file", type=Path, metavar="FILE")
    add("--name", help="of the dataset; the file's name by default")
    add("--base-model", metavar="ID", help="whose tokenizer counts the tokens")
    _add_over_length(add)
    add("--resume", metavar="ID", help="a dataset whose upload broke off")
    add("--again", action="store_true", help="even if the same content is there already")
    add("--no-wait", action="store_true", help="do not wait for the validation")
    add("--api", default=os.environ.get("BRIGHTRUN_API_URL"), metavar="URL")
    add(
        "--key",
        default=os.environ.get("BRIGHTRUN_API_KEY"),
        help="an API key; better given as BRIGHTRUN_API_KEY, which no process list shows",
    )


def _validate(asked: argparse.Namespace) -> int:
    return validate_file(
        ValidateOptions(
            path=asked.file,
            as_json=asked.json,
            tokenizer=asked.tokenizer,
            max_sequence_tokens=asked.max_sequence_tokens,
            over_length=asked.over_length,
            waived=frozenset(asked.waive),
            validation_file=asked.validation_file,
            near_duplicates=asked.near_duplicates,
            ledger=asked.ledger,
        )
    )


def _upload(asked: argparse.Namespace) -> int:
    if not asked.api or not asked.key:
        raise UploadStopped("set BRIGHTRUN_API_URL and BRIGHTRUN_API_KEY, or give --api and --key")
    options = UploadOptions(
        path=asked.file,
        name=asked.name or asked.file.name,
        resume=asked.resume,
        base_model=asked.base_model,
        over_length=asked.over_length,
        again=asked.again,
        wait=not asked.no_wait,
    )
    identity = {"Authorization": f"Bearer {asked.key}"}
    with (
        httpx.Client(base_url=asked.api, headers=identity, timeout=_TIMEOUT_SECONDS) as api,
        httpx.Client(timeout=_TIMEOUT_SECONDS) as storage,
    ):
        return upload_file(options, Wires(api, storage))


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError(text)
    return number
