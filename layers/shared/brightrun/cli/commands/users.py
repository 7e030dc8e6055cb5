"""`brightrun users`: the group of what administrators do about users."""

import typer

group = typer.Typer(help="Users, for administrators.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the group."""
    app.add_typer(group, name="users")
