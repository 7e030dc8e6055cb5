"""`brightrun users add`: people sign in, they do not sign up; whoever deploys lets them in."""

import re
from typing import Annotated

import typer

from brightrun.cli.commands.users import group
from brightrun.cli.exit_status import WrongCommand
from brightrun.cli.output import complain, example, say
from brightrun.cli.session import session_of
from brightrun.deployment.aws import SAMCONFIG, SamConfig, Stage, stage_in_aws
from brightrun.ports.invitations import invite

_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def register(_: typer.Typer) -> None:
    """Add the command to the group of users, which is there."""
    epilog = example("brightrun users add you@example.org --admin --stage dev")
    group.command(epilog=epilog)(add)


def add(
    context: typer.Context,
    email: Annotated[str, typer.Argument(metavar="EMAIL")],
    stage: Stage = "dev",
    samconfig: SamConfig = SAMCONFIG,
    *,
    admin: Annotated[bool, typer.Option("--admin", help="Into the group `admin`.")] = False,
    print_password: Annotated[
        bool,
        typer.Option("--print-password", help="No e-mail: the first password is printed, once."),
    ] = False,
) -> None:
    """Let a person in; the user pool sends them a first password, valid for seven days.

    Doing it again sends a new one to whoever has not signed in yet, and changes nothing for others.
    """
    if not _ADDRESS.fullmatch(email):
        raise WrongCommand(f"{email!r} is no e-mail address")
    aws = stage_in_aws(session_of(context), stage, samconfig)
    invited = invite(
        aws.client("cognito-idp"),
        aws.output("UserPoolId"),
        email,
        is_admin=admin,
        by_mail=not print_password,
    )
    what = "an administrator" if admin else "a user"
    if invited.settled:
        complain(f"{email} is {what} with a password of their own; nothing was sent")
    elif invited.password is None:
        complain(f"{email} is {what}; the first password is on its way by e-mail")
    else:
        complain(f"{email} is {what}; the first password, for `brightrun login`:")
        say(invited.password)
