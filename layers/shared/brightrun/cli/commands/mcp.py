"""`brightrun mcp`: a server by which an assistant uses a stage, within what it is allowed."""

import secrets
from decimal import Decimal
from importlib.metadata import version
from typing import Annotated

import typer

from brightrun.cli.assistant.permission import Permission
from brightrun.cli.assistant.tools import Tools
from brightrun.cli.choices import budget_of
from brightrun.cli.exit_status import WrongCommand
from brightrun.cli.output import example
from brightrun.cli.session import session_of


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("mcp", epilog=example("brightrun mcp --budget 5"))(command)


def command(
    context: typer.Context,
    *,
    budget: Annotated[
        str | None,
        typer.Option(
            "--budget",
            metavar="USD",
            help="Jobs may be started that cost so much together at the most; else none.",
        ),
    ] = None,
    allow_cancel: Annotated[
        bool, typer.Option("--allow-cancel", help="Jobs may be stopped for good.")
    ] = False,
) -> None:
    """Serve an assistant over the Model Context Protocol, on standard input and output.

    It can check files, price and watch jobs and explain failures. Starting and stopping jobs it
    can only with the options that allow it.
    """
    amount = budget_of(budget)
    if budget is not None and not isinstance(amount, Decimal):
        raise WrongCommand(f"--budget {budget}: an assistant always has a limit; name an amount")
    permission = Permission(amount if isinstance(amount, Decimal) else None, allow_cancel)
    try:
        from brightrun.cli.assistant.server import assistant_server  # noqa: PLC0415 - is an extra
    except ModuleNotFoundError as missing:
        raise WrongCommand(
            "this needs one more package: pip install './layers/shared[cli,mcp]'"
        ) from missing
    tools = Tools(session_of(context), permission, secrets.token_hex(16))
    assistant_server(tools, version("brightrun")).run()
