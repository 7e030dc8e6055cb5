"""`brightrun datasets`: what was uploaded."""

from pathlib import Path
from typing import Annotated

import httpx
import typer

from brightrun.cli.output import example
from brightrun.cli.session import Session, session_of
from brightrun.cli.upload import UploadOptions, Wires, upload_file
from brightrun.training.configuration import OverLength

_TIMEOUT_SECONDS = 60.0
group = typer.Typer(help="Datasets of your account.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the group."""
    app.add_typer(group, name="datasets")


@group.command(epilog=example("brightrun datasets upload chats.jsonl --name support"))
def upload(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE")],
    name: Annotated[str | None, typer.Option(help="The file's name by default.")] = None,
    base_model: Annotated[
        str | None, typer.Option(metavar="ID", help="Whose tokenizer counts the tokens.")
    ] = None,
    over_length: Annotated[
        OverLength, typer.Option(help="Whether an over-long row is rejected or shortened.")
    ] = OverLength.REJECT,
    resume: Annotated[
        str | None, typer.Option(metavar="ID", help="A dataset whose upload broke off.")
    ] = None,
    *,
    again: Annotated[
        bool, typer.Option("--again", help="Even if the same content is there already.")
    ] = False,
    no_wait: Annotated[
        bool, typer.Option("--no-wait", help="Do not wait for the validation.")
    ] = False,
) -> None:
    """Upload a file, with resume, and wait for its verdict."""
    options = UploadOptions(
        path=file,
        name=name or file.name,
        resume=resume,
        base_model=base_model,
        over_length=over_length,
        again=again,
        wait=not no_wait,
    )
    raise typer.Exit(_uploaded(options, session_of(context)))


def _uploaded(options: UploadOptions, session: Session) -> int:
    connection = session.connection()
    identity = {"Authorization": f"Bearer {connection.api_key}"}
    with (
        httpx.Client(
            base_url=connection.url,
            headers=identity,
            timeout=_TIMEOUT_SECONDS,
            transport=session.transport,
        ) as api,
        httpx.Client(timeout=_TIMEOUT_SECONDS, transport=session.storage_transport) as storage,
    ):
        return upload_file(options, Wires(api, storage, session.sleep))
