"""`brightrun catalog show|push`: what can be chosen on a stage, and for what price."""

import json
import sys
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from brightrun.cli.console import as_json as json_of
from brightrun.cli.console import printed
from brightrun.cli.exit_status import WrongCommand
from brightrun.cli.output import AsJson, answer, complain, example, write_line
from brightrun.cli.session import session_of

group = typer.Typer(help="GPU types, prices and base models of a stage.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the group."""
    app.add_typer(group, name="catalog")


@group.command(epilog=example("brightrun catalog show > catalog.json"))
def show(
    context: typer.Context,
    version: Annotated[
        int | None, typer.Option(min=0, help="An earlier one; 0 is the shipped one.")
    ] = None,
) -> None:
    """Print the catalogue that holds, as `push` takes it."""
    with session_of(context).connect() as api:
        found = api.catalogues.read(version)
    by = f", pushed by {found.pushed_by} at {found.pushed_at}" if found.version else ", shipped"
    complain(f"version {found.version} of {found.newest}{by}")
    printed(partial(sys.stdout.write, json_of(found.document) + "\n"))  # type: ignore[arg-type] # the count is not used


@group.command(epilog=example("brightrun catalog push catalog.json"))
def push(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="As `show` prints it.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Let a catalogue hold within a minute; jobs that were created keep their prices."""
    with session_of(context).connect() as api:
        pushed = api.catalogues.push(_document(file))
    line = f"version {pushed.version} holds within a minute"
    answer(pushed, lambda console: write_line(console, line), as_text=not as_json)


def _document(file: Path) -> dict[str, Any]:
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise WrongCommand(f"{file} is not JSON: {error}") from error
    if not isinstance(document, dict):
        raise WrongCommand(f"{file} is not a JSON object")
    return document
