"""`brightrun doctor`: is a stage able to train a model, and if not, the command that mends it."""

from functools import partial

import typer
from rich.console import Console
from rich.markup import escape

from brightrun.cli.exit_status import ExitStatus
from brightrun.cli.output import AsJson, answer, example
from brightrun.cli.session import session_of
from brightrun.deployment.aws import SAMCONFIG, SamConfig, Stage, stage_in_aws
from brightrun.provisioning.stage_checks import Check, State, checked, is_ready

_SIGNS = {
    State.GOOD: "[green]ok[/green]  ",
    State.NOTE: "[yellow]note[/yellow]",
    State.BAD: "[red]bad[/red] ",
}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(epilog=example("brightrun doctor --stage dev"))(doctor)


def doctor(
    context: typer.Context,
    stage: Stage = "dev",
    samconfig: SamConfig = SAMCONFIG,
    *,
    as_json: AsJson = False,
) -> None:
    """Look at everything a stage needs to train a model; a red line says what mends it.

    Exit status 1 where anything is bad. Puts one small object into the bucket, and takes it away.
    """
    session = session_of(context)
    aws = stage_in_aws(session, stage, samconfig)
    aws.client("sts")  # says what helps, where there is no boto3
    from brightrun.deployment.looking import look_at  # noqa: PLC0415 - imports botocore

    checks = checked(look_at(stage, aws, session))
    told = [{"name": c.name, "state": c.state, "says": c.says, "mend": c.mend} for c in checks]
    answer(told, partial(_show, checks), as_text=not as_json)
    raise typer.Exit(ExitStatus.GOOD if is_ready(checks) else ExitStatus.NOT_GOOD)


def _show(checks: tuple[Check, ...], console: Console) -> None:
    # an ARN has `:secret:` in it, which a terminal would paint
    say = partial(console.print, soft_wrap=True, emoji=False)
    width = max(len(check.name) for check in checks)
    for check in checks:
        say(f"{_SIGNS[check.state]} {escape(check.name.ljust(width))}  {escape(check.says)}")
        if check.mend and check.state is not State.GOOD:
            say(f"     {' ' * width}  {escape(check.mend)}")
    bad = sum(check.state is State.BAD for check in checks)
    say("ready to train" if not bad else f"{bad} things to mend, from the top")
