"""`brightrun outputs`: what a stage's stack says of itself: addresses, names, the secret's."""

from collections.abc import Mapping
from functools import partial
from typing import Annotated

import typer
from rich.console import Console

from brightrun.cli.output import AsJson, answer, example, facts, say
from brightrun.cli.session import session_of
from brightrun.deployment.aws import SAMCONFIG, SamConfig, Stage, stage_in_aws


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog=example("brightrun outputs ApiUrl --stage dev"))(outputs)


def outputs(
    context: typer.Context,
    name: Annotated[str | None, typer.Argument(metavar="[NAME]")] = None,
    stage: Stage = "dev",
    samconfig: SamConfig = SAMCONFIG,
    *,
    as_json: AsJson = False,
) -> None:
    """Show the stack's outputs, or one of them alone, for scripts."""
    aws = stage_in_aws(session_of(context), stage, samconfig)
    if name is not None:
        say(aws.output(name))
        return
    known = dict(aws.outputs())
    answer(known, partial(_show, known), as_text=not as_json)


def _show(known: Mapping[str, str], console: Console) -> None:
    facts(console, dict(sorted(known.items())))
