"""`brightrun users export|erase|erasure|purge`: a user's whole data, for an administrator."""

import json
from collections import Counter
from functools import partial
from pathlib import Path
from typing import Annotated

import httpx
import typer
from rich.console import Console

from brightrun.cli.commands.users import group
from brightrun.cli.exit_status import ExitStatus, WrongCommand
from brightrun.cli.output import (
    AsJson,
    Column,
    answer,
    complain,
    example,
    facts,
    listing,
    write_line,
)
from brightrun.cli.session import Session, session_of
from brightrun.client.stewardship import ExportedFile, PlannedErasure, UserErasure

_POLL_SECONDS = 15.0
_TIMEOUT_SECONDS = 60.0
UserId = Annotated[str, typer.Argument(metavar="USER", help="The id of a user.")]


def register(_: typer.Typer) -> None:
    """Add the commands to the group of users, which is there."""
    group.command(epilog=example("brightrun users export ada ada-data"))(export)
    group.command(epilog=example("brightrun users erase ada --wait"))(erase)
    group.command(epilog=example("brightrun users erasure ada"))(erasure)
    group.command(epilog=example("brightrun users purge ada"))(purge)


def export(
    context: typer.Context,
    user_id: Annotated[str, typer.Argument(metavar="USER", help="The id of a user, or `me`.")],
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="A new or empty folder.")],
    *,
    no_files: Annotated[bool, typer.Option("--no-files", help="Records only.")] = False,
    as_json: AsJson = False,
) -> None:
    """Write everything that is kept of a user into a folder: records.jsonl, and every file."""
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise WrongCommand(f"{folder} is not empty")
    session = session_of(context)
    kinds: Counter[str] = Counter()
    lost: list[str] = []
    with (
        session.connect() as api,
        (folder / "records.jsonl").open("w", encoding="utf-8") as records,
    ):
        for part in api.user_data.export(None if user_id == "me" else user_id):
            for each in part.records:
                kinds[each.kind] += 1
                records.write(json.dumps(each.model_dump(mode="json")) + "\n")
            if not no_files:
                lost += [file.path for file in part.files if not _fetched(session, folder, file)]
    told = ", ".join(f"{count:,} {kind}" for kind, count in sorted(kinds.items()))
    line = f"{folder}: {told or 'nothing is kept of this user'}"
    plain = {"folder": str(folder), "records": kinds, "files_not_there": lost}
    answer(plain, lambda console: write_line(console, line), as_text=not as_json)
    for path in lost:
        complain(f"not there: {path}")
    if lost:
        raise typer.Exit(ExitStatus.NOT_GOOD)


def _fetched(session: Session, folder: Path, file: ExportedFile) -> bool:
    """Bring one file here; a file whose upload never came is not there."""
    target = (folder / file.path).resolve()
    if not target.is_relative_to(folder.resolve()):
        raise WrongCommand(f"{file.path} leads out of {folder}")
    target.parent.mkdir(parents=True, exist_ok=True)
    with (
        httpx.Client(timeout=_TIMEOUT_SECONDS, transport=session.storage_transport) as storage,
        storage.stream("GET", file.url) as coming,
    ):
        if coming.status_code != httpx.codes.OK:
            return False
        with target.open("wb") as body:
            for chunk in coming.iter_bytes():
                body.write(chunk)
    return True


def erase(
    context: typer.Context,
    user_id: UserId,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    wait: Annotated[bool, typer.Option("--wait", help="Until nothing is left.")] = False,
    as_json: AsJson = False,
) -> None:
    """Shut a user out, cancel their jobs, and erase everything; what they cost stays unnamed."""
    session = session_of(context)
    if not yes and session.ask(f"Type {user_id} to erase everything of theirs: ") != user_id:
        raise WrongCommand("nothing was erased")
    with session.connect() as api:
        state = api.user_data.erase(user_id)
        while wait and state.state != "erased":
            session.sleep(_POLL_SECONDS)
            state = api.user_data.erasure(user_id)
    answer(state, partial(_show_state, state=state), as_text=not as_json)


def erasure(context: typer.Context, user_id: UserId, *, as_json: AsJson = False) -> None:
    """Show how far the erasing of a user is."""
    with session_of(context).connect() as api:
        state = api.user_data.erasure(user_id)
    answer(state, partial(_show_state, state=state), as_text=not as_json)


def _show_state(console: Console, state: UserErasure) -> None:
    facts(console, state.model_dump())


def purge(
    context: typer.Context,
    user_id: UserId,
    ids: Annotated[
        list[str] | None, typer.Argument(metavar="ID...", help="Of what; else of all.")
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Erase now what a user has deleted, old versions too, before its days are over."""
    with session_of(context).connect() as api:
        planned = api.user_data.purge(user_id, ids or ())
    plain = [each.model_dump(mode="json") for each in planned]
    answer(plain, partial(_show_planned, planned=planned), as_text=not as_json)


def _show_planned(console: Console, planned: tuple[PlannedErasure, ...]) -> None:
    columns = (Column("KIND"), Column("ID"), Column("DELETED"), Column("BY", elastic=True))
    listing(console, columns, ((p.kind, p.id, p.asked_at, p.asked_by) for p in planned))
