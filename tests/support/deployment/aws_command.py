"""The AWS command line, as far as our documents use it: any operation with options, by boto3.

    python aws_command.py SERVICE OPERATION [--name-of-option VALUE]…

`file:///dev/stdin` is the whole standard input, as it comes: what the real one does too.
"""

import json
import sys
from pathlib import Path

import boto3
from botocore import xform_name


def main(service: str, operation: str, *options: str) -> None:
    client = boto3.client(service)  # type: ignore[call-overload]
    shapes = client.meta.service_model
    called = next(n for n in shapes.operation_names if xform_name(n, "-") == operation)
    members = shapes.operation_model(called).input_shape
    names = {xform_name(name, "-"): name for name in members.members} if members else {}
    pairs = zip(options[::2], options[1::2], strict=True)
    given = {names[option.removeprefix("--")]: _value(text) for option, text in pairs}
    answer = getattr(client, xform_name(called))(**given)
    answer.pop("ResponseMetadata", None)
    sys.stdout.write(json.dumps(answer, default=str, indent=1) + "\n")


def _value(text: str) -> str:
    return Path(text.removeprefix("file://")).read_text() if text.startswith("file://") else text


if __name__ == "__main__":
    main(*sys.argv[1:])
