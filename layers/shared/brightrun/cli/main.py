"""`brightrun`: which command was asked for, and with what."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from brightrun.cli.validate import ValidateOptions, validate_file
from brightrun.datasets.problems import Code


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 is good, 1 means errors in the file, 2 that the command was wrong."""
    parser = _parser()
    asked = parser.parse_args(arguments)
    try:
        return validate_file(
            ValidateOptions(
                path=asked.file,
                as_json=asked.json,
                tokenizer=asked.tokenizer,
                max_sequence_tokens=asked.max_sequence_tokens,
                waived=frozenset(asked.waive),
                validation_file=asked.validation_file,
                near_duplicates=asked.near_duplicates,
            )
        )
    except OSError as error:
        sys.stderr.write(f"brightrun: {error.filename}: {error.strerror}\n")
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="brightrun", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    validate = commands.add_parser("validate", help="say whether a file is fit to train on")
    validate.add_argument("file", type=Path, metavar="FILE")
    validate.add_argument("--json", action="store_true", help="the verdict and report as JSON")
    validate.add_argument(
        "--tokenizer",
        type=Path,
        metavar="FOLDER",
        help="a base model's folder: count tokens exactly, and check its chat template",
    )
    validate.add_argument(
        "--max-sequence-tokens", type=_positive, metavar="N", help="reject longer rows"
    )
    validate.add_argument(
        "--waive",
        type=Code,
        action="append",
        default=[],
        metavar="CODE",
        help="an error that you have looked at and accept, such as secret_suspect",
    )
    validate.add_argument(
        "--validation-file", type=Path, metavar="FILE", help="warn of rows that are in both files"
    )
    validate.add_argument(
        "--near-duplicates", action="store_true", help="a second pass, for rows almost the same"
    )
    return parser


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError(text)
    return number
