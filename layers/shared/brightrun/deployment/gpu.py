"""`brightrun gpu`: what `gpu.toml` declares, made at RunPod and named to the stage."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Annotated

import httpx
import typer
from rich.console import Console
from rich.markup import escape

from brightrun.cli.exit_status import ExitStatus, WrongCommand
from brightrun.cli.output import AsJson, Column, answer, complain, example, listing
from brightrun.cli.session import Session, session_of
from brightrun.ports.runpod.applying import apply_declaration
from brightrun.ports.runpod.resources import Management, see_account, worker_counts
from brightrun.provisioning.account import Account, endpoint_name
from brightrun.provisioning.declaration import Declaration, DeclarationRefused, read_declaration
from brightrun.provisioning.difference import Change, Plan, endpoint_ids, make_plan, same_name
from brightrun.provisioning.sam_parameter import CannotWrite, with_endpoints

KEY, ADDRESS = "RUNPOD_API_KEY", "BRIGHTRUN_RUNPOD_MANAGEMENT_URL"
RUNPOD = "https://api.runpod.io/v2"
_TIMEOUT = httpx.Timeout(30.0, connect=10.0)
_SIGNS = {"create": "+", "update": "~", "keep": "="}

group = typer.Typer(help="Endpoints at RunPod, as gpu.toml declares them.", no_args_is_help=True)

Stage = Annotated[str, typer.Option(metavar="NAME", help="Names the endpoints: brightrun-NAME-…")]
File = Annotated[Path, typer.Option(metavar="FILE", help="What is declared.")]


def register(app: typer.Typer) -> None:
    """Add the group."""
    app.add_typer(group, name="gpu")


@group.command(epilog=example("brightrun gpu plan --stage dev"))
def plan(
    context: typer.Context,
    stage: Stage = "dev",
    file: File = Path("gpu.toml"),
    *,
    as_json: AsJson = False,
) -> None:
    """Show what would be made or changed; nothing is."""
    declared = declared_in(file)
    with management(session_of(context)) as http:
        account = see_account(Management(http, session_of(context).sleep))
    made = make_plan(stage, declared, account)
    answer(_as_json(made), partial(_show, made), as_text=not as_json)
    raise typer.Exit(ExitStatus.NOT_GOOD if made.problems else ExitStatus.GOOD)


@group.command(epilog=example("brightrun gpu apply --stage dev"))
def apply(
    context: typer.Context,
    stage: Stage = "dev",
    file: File = Path("gpu.toml"),
    samconfig: Annotated[
        Path, typer.Option(metavar="FILE", help="Where the stage's GpuEndpoints is written.")
    ] = Path("samconfig.toml"),
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Make or change what differs, after asking; prints the endpoints by GPU as JSON."""
    session, declared = session_of(context), declared_in(file)
    with management(session) as http:
        api = Management(http, session.sleep)
        made = make_plan(stage, declared, see_account(api))
        _show(made, Console(highlight=False, stderr=True))
        if made.problems:
            raise typer.Exit(ExitStatus.NOT_GOOD)
        if made.pending and not yes and not _agreed(session):
            raise typer.Exit(ExitStatus.NOT_GOOD)
        account = apply_declaration(api, stage, declared, _tell)
    named = endpoint_ids(stage, declared, account)
    _write(samconfig, stage, named)
    answer(named, lambda _: None, as_text=False)


@group.command(epilog=example("brightrun gpu status --stage dev"))
def status(
    context: typer.Context,
    stage: Stage = "dev",
    file: File = Path("gpu.toml"),
    *,
    as_json: AsJson = False,
) -> None:
    """Show each declared endpoint: is it there, is it as declared, and what its workers do."""
    session, declared = session_of(context), declared_in(file)
    with management(session) as http:
        api = Management(http, session.sleep)
        account = see_account(api)
        rows = [
            _row(api, stage, declared, account, place) for place in range(len(declared.endpoints))
        ]
    answer(rows, partial(_show_status, rows), as_text=not as_json)
    good = all(row["state"] == "as declared" for row in rows)
    raise typer.Exit(ExitStatus.GOOD if good else ExitStatus.NOT_GOOD)


def declared_in(file: Path) -> Declaration:
    """Return what a file declares; WrongCommand names what is wrong in it."""
    try:
        return read_declaration(file.read_text(encoding="utf-8"))
    except DeclarationRefused as refusal:
        raise WrongCommand(f"{file}: {refusal}") from refusal


def management(session: Session) -> httpx.Client:
    """Return a client of RunPod's management API; to be closed by a `with`."""
    key = session.environ.get(KEY, "").strip()
    if not key:
        raise WrongCommand(f"set {KEY}: a key of RunPod's console that may change endpoints")
    return httpx.Client(
        base_url=session.environ.get(ADDRESS, RUNPOD),
        headers={"Authorization": f"Bearer {key}"},
        timeout=_TIMEOUT,
        transport=session.transport,
    )


def _agreed(session: Session) -> bool:
    if session.confirm is None:
        raise WrongCommand("nobody is there to agree: give --yes")
    agreed = session.confirm("Do this?")
    if not agreed:
        complain("nothing was changed")
    return agreed


def _tell(change: Change, made: str) -> None:
    done = "made" if change.id is None else "changed"
    complain(f"{done} {change.kind} {change.wanted.name} ({made})")


def _write(samconfig: Path, stage: str, named: Mapping[str, str]) -> None:
    try:
        before = samconfig.read_text(encoding="utf-8")
        after = with_endpoints(before, stage, named)
    except (CannotWrite, FileNotFoundError) as error:
        complain(str(error))
        return
    if after != before:
        samconfig.write_text(after, encoding="utf-8")
        complain(f"{samconfig}: GpuEndpoints of {stage} written; `make deploy STAGE={stage}` next")


def _show(made: Plan, console: Console) -> None:
    for change in made.changes:
        line = f"{_SIGNS[change.action]} {change.kind} {change.wanted.name}"
        console.print(escape(line if change.id is None else f"{line} ({change.id})"))
        for differs in change.fields:
            told = f"    {differs.name}: {differs.was!r} -> {differs.becomes!r}"
            console.print(escape(told))
    for notice in made.notices:
        console.print(escape(f"  {notice}"))
    for problem in made.problems:
        console.print(f"[red]problem:[/red] {escape(problem)}")
    if not made.problems and not made.pending:
        console.print("as declared: nothing to do")


def _as_json(made: Plan) -> dict[str, object]:
    return {
        "changes": [
            {
                "action": change.action,
                "kind": change.kind,
                "name": change.wanted.name,
                "id": change.id,
                "fields": {f.name: {"was": f.was, "becomes": f.becomes} for f in change.fields},
            }
            for change in made.changes
        ],
        "problems": list(made.problems),
        "notices": list(made.notices),
    }


def _row(
    api: Management, stage: str, declared: Declaration, account: Account, place: int
) -> dict[str, object]:
    entry = declared.endpoints[place]
    name = endpoint_name(stage, entry)
    changes = make_plan(stage, declared, account).changes
    change = next((c for c in changes if c.wanted.name == name), None)
    found = next((e for e in account.endpoints if same_name(e.name, name)), None)
    counts = worker_counts(api, found.id) if found and found.id else {}
    return {
        "gpu": entry.parameter_name,
        "name": name,
        "id": found.id if found else None,
        "state": _state(change),
        "max_workers": found.max_workers if found else None,
        **{kind: counts.get(kind) for kind in ("running", "idle", "throttled", "unhealthy")},
    }


def _state(change: Change | None) -> str:
    if change is None:
        return "RunPod offers no such GPU"
    if change.action == "create":
        return "is not there"
    differing = ", ".join(f"{f.name} is {f.was!r}" for f in change.fields)
    return differing or "as declared"


def _show_status(rows: list[dict[str, object]], console: Console) -> None:
    columns = (
        Column("GPU"),
        Column("ENDPOINT"),
        Column("STATE", elastic=True),
        Column("BUSY", right=True),
        Column("IDLE", right=True),
        Column("MAX", right=True),
    )
    names = ("gpu", "id", "state", "running", "idle", "max_workers")
    listing(console, columns, [[row[name] for name in names] for row in rows])
