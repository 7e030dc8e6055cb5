"""The stage's endpoints in `samconfig.toml`, where SAM reads them whole. Pure.

Parameters stand there in tables, each value as it is; out of a line of NAME=VALUE pairs SAM reads
a JSON text only up to its first quote.
"""

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

PARAMETER = "GpuEndpoints"


class CannotWrite(ValueError):
    """The file has not the form that is understood here; the message says what to write by hand."""


def endpoints_parameter(endpoints: Mapping[str, str]) -> str:
    """Return the line that names a stage's endpoints."""
    return f"{PARAMETER} = '{json.dumps(dict(sorted(endpoints.items())))}'"


def with_endpoints(text: str, stage: str, endpoints: Mapping[str, str]) -> str:
    """Return `samconfig.toml` with a stage's endpoints named; everything else stays as it was.

    The commented example of the parameter is replaced where there is one.

    Raises:
        CannotWrite: there is no table of the stage's parameters, or it would not read back.
    """
    line = endpoints_parameter(endpoints)
    table = f"{stage}.global.parameters.parameter_overrides"
    header = re.search(rf"^\[{re.escape(table)}\][^\n]*\n?", text, re.MULTILINE)
    if header is None:
        raise CannotWrite(f"samconfig.toml has no [{table}]; write it there by hand: {line}")
    rest = text[header.end() :]
    following = re.search(r"^\[", rest, re.MULTILINE)
    until = following.start() if following else len(rest)
    body = _with_line(rest[:until], line)
    changed = text[: header.end()] + body + rest[until:]
    if _told(changed, stage) != dict(endpoints):
        raise CannotWrite(f"samconfig.toml would not read back; write it by hand: {line}")
    return changed


def _with_line(body: str, line: str) -> str:
    for written in (rf"^{PARAMETER}\s*=[^\n]*$", rf"^#\s*{PARAMETER}\s*=[^\n]*$"):
        if re.search(written, body, re.MULTILINE):
            return re.sub(written, lambda _: line, body, count=1, flags=re.MULTILINE)
    kept = body.rstrip("\n")
    blank = body[len(kept) :] or "\n"
    return f"{kept}\n{line}{blank}" if kept else f"{line}{blank}"


def _told(text: str, stage: str) -> object:
    try:
        known = tomllib.loads(text)[stage]["global"]["parameters"]["parameter_overrides"]
        return json.loads(known[PARAMETER])
    except (ValueError, KeyError, TypeError):
        return None


@dataclass(frozen=True)
class Deployed:
    """Where a stage is: the stack's name, and its region where the file says one."""

    stack_name: str
    region: str | None = None


def deployed(text: str, stage: str) -> Deployed:
    """Return where `samconfig.toml` puts a stage; `brightrun-STAGE` where it says nothing.

    Raises:
        CannotWrite: it is no TOML.
    """
    try:
        told = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CannotWrite(f"samconfig.toml is not TOML: {error}") from error
    own = _parameters(told, stage)
    region = own.get("region") or _parameters(told, "default").get("region")
    return Deployed(str(own.get("stack_name") or f"brightrun-{stage}"), region)


def _parameters(told: Mapping[str, Any], stage: str) -> Mapping[str, Any]:
    for name in (stage, "global", "parameters"):
        told = told.get(name) or {}
    return told
