"""`brightrun`: the list of its commands, and how each of them ends."""

from collections.abc import Sequence
from dataclasses import replace
from importlib.metadata import version
from typing import Annotated

import typer

from brightrun.cli.commands import (
    account,
    catalog,
    dataset_rows,
    datasets,
    estimate,
    job_copies,
    jobs,
    login,
    mcp,
    migrate,
    models,
    train,
    user_data,
    users,
    validate,
)
from brightrun.cli.console import escape_what_cannot_be_shown
from brightrun.cli.exit_status import ExitStatus, WrongCommand
from brightrun.cli.output import complain, say
from brightrun.cli.session import Session, session_of, this_process
from brightrun.client import ApiError, BrightRunError

COMMANDS = (
    validate.register,
    train.register,
    datasets.register,
    dataset_rows.register,
    estimate.register,
    jobs.register,
    job_copies.register,
    models.register,
    account.register,
    migrate.register,
    login.register,
    mcp.register,
    catalog.register,
    users.register,
    user_data.register,
)
"""In the order of `--help`, which is the order of use."""

app = typer.Typer(
    help="Fine-tune open models on conversations of your own.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for register in COMMANDS:
    register(app)


def _tell_version(asked: bool) -> None:  # noqa: FBT001 - typer's callbacks are called so
    if asked:
        say(f"brightrun {version('brightrun')}")
        raise typer.Exit


@app.callback()
def _every_command(
    context: typer.Context,
    profile: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Of `brightrun login`; else BRIGHTRUN_PROFILE."),
    ] = None,
    *,
    _version: Annotated[
        bool,
        typer.Option("--version", help="Print the version.", is_eager=True, callback=_tell_version),
    ] = False,
) -> None:
    if profile is not None:
        context.obj = replace(session_of(context), profile=profile)


def main(arguments: Sequence[str] | None = None, session: Session | None = None) -> int:
    """Run one command and return its exit status; see `ExitStatus`."""
    escape_what_cannot_be_shown()
    try:
        app(
            None if arguments is None else list(arguments),
            prog_name="brightrun",
            obj=session or this_process(),
        )
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else ExitStatus.WRONG_COMMAND
    except ApiError as refused:
        complain(refusal_text(refused))
        return ExitStatus.REFUSED
    except BrightRunError as lost:
        complain(str(lost))
        return ExitStatus.UNREACHABLE
    except WrongCommand as wrong:
        complain(str(wrong))
    except OSError as error:
        complain(f"{error.filename}: {error.strerror}")
    return ExitStatus.WRONG_COMMAND


def refusal_text(error: ApiError) -> str:
    """Return a refusal with what is wrong with each field."""
    fields = (
        f"  {name}: {text}"
        for name, texts in error.details.items()
        if isinstance(texts, list)
        for text in texts
    )
    return "\n".join([str(error), *fields])
