"""`brightrun costs|limits|notifications|keys`: what an account spent, may spend, and was told."""

from datetime import date, datetime
from functools import partial
from typing import Annotated, Literal

import typer
from rich.console import Console

from brightrun.accounts.record import Scope
from brightrun.cli.exit_status import WrongCommand
from brightrun.cli.output import (
    AsJson,
    Column,
    answer,
    dollars,
    example,
    facts,
    listing,
    say,
    write_line,
)
from brightrun.cli.session import session_of
from brightrun.client.account_answers import (
    Key,
    MadeKey,
    MonthlyBudget,
    NotificationsPage,
    Spending,
)

keys = typer.Typer(help="API keys: made, listed, revoked.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command(epilog=example("brightrun costs --period week"))(costs)
    app.command(epilog=example("brightrun limits"))(limits)
    app.command(epilog=example("brightrun notifications --unread"))(notifications)
    app.add_typer(keys, name="keys")


def costs(
    context: typer.Context,
    period: Annotated[Literal["week", "month", "year"], typer.Option()] = "month",
    start: Annotated[str | None, typer.Option(metavar="YYYY-MM-DD")] = None,
    end: Annotated[str | None, typer.Option(metavar="YYYY-MM-DD")] = None,
    *,
    csv: Annotated[bool, typer.Option("--csv", help="The records, for a spreadsheet.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show what was spent, by type and by job."""
    first, last = _day("--start", start), _day("--end", end)
    with session_of(context).connect() as api:
        if csv:
            say(api.costs.csv(period=period, start=first, end=last).rstrip("\n"))
            return
        spent = api.costs.read(period=period, start=first, end=last)
    answer(spent, partial(_show_costs, spent=spent), as_text=not as_json)


def _day(option: str, text: str | None) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError as error:
        raise WrongCommand(f"{option} {text}: write a day as YYYY-MM-DD") from error


def _show_costs(console: Console, spent: Spending) -> None:
    console.print(f"{spent.start_date} to {spent.end_date}: {dollars(spent.total_cost)}")
    facts(console, {kind: dollars(amount) for kind, amount in spent.cost_by_type.items()})
    columns = (
        Column("recorded"), Column("amount", right=True), Column("type"),
        Column("name", elastic=True), Column("GPU"), Column("job"),
    )  # fmt: skip
    rows = (
        (cost.recorded_at, dollars(cost.amount), cost.cost_type, cost.job_name,
         f"{cost.gpu_count} x {cost.gpu_type}" if cost.gpu_type else None, cost.job_id)
        for cost in spent.records
    )  # fmt: skip
    listing(console, columns, rows)
    if spent.cursor is not None:
        console.print("There are more: --csv has them all.")


def limits(context: typer.Context, *, as_json: AsJson = False) -> None:
    """Show what may still be spent this month."""
    with session_of(context).connect() as api:
        budget = api.limits.read()
    answer(budget, partial(_show_budget, budget=budget), as_text=not as_json)


def _show_budget(console: Console, budget: MonthlyBudget) -> None:
    limit = budget.monthly_limit
    facts(
        console,
        {
            "month": budget.month,
            "monthly limit": "none" if limit is None else dollars(limit),
            "spent": dollars(budget.spent),
            "committed": f"{dollars(budget.committed)}, what unfinished jobs may still cost",
            "remaining": None if budget.remaining is None else dollars(budget.remaining),
        },
    )


def notifications(
    context: typer.Context,
    limit: Annotated[int, typer.Option(min=1, max=100)] = 20,
    *,
    unread: Annotated[bool, typer.Option("--unread", help="Only what was not read.")] = False,
    mark_read: Annotated[bool, typer.Option("--mark-read", help="Mark all as read.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show what you were told, newest first."""
    with session_of(context).connect() as api:
        found = api.notifications.list(unread=unread, limit=limit)
        if mark_read:
            api.notifications.mark_all_read()
    answer(found, partial(_show_notifications, found=found), as_text=not as_json)


def _show_notifications(console: Console, found: NotificationsPage) -> None:
    for note in found.notifications:
        mark = " " if note.read else "*"
        when = note.created_at.astimezone().strftime("%Y-%m-%d %H:%M")
        line = f"{mark} {when}  {note.title}: {note.message}"
        write_line(console, line)
    console.print(f"{found.unread_count} unread")


@keys.command(epilog=example("brightrun keys create laptop --scope read --expires-in-days 90"))
def create(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="So that you know which one to revoke.")],
    scope: Annotated[
        list[Scope] | None, typer.Option(help="What it opens; may be repeated. Else read, write.")
    ] = None,
    expires_in_days: Annotated[int | None, typer.Option(min=1, max=3650)] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Make an API key; its secret is shown this once."""
    with session_of(context).connect() as api:
        made = api.api_keys.create(name, scopes=scope or None, expires_in_days=expires_in_days)
    answer(made, partial(_show_made, made=made), as_text=not as_json)


def _show_made(console: Console, made: MadeKey) -> None:
    write_line(console, f"Key {made.api_key.id}: {made.api_key.name}")
    write_line(console, made.secret)
    console.print("It is not shown again.")


@keys.command("list", epilog=example("brightrun keys list"))
def list_(context: typer.Context, *, as_json: AsJson = False) -> None:
    """List your keys with their last use."""
    with session_of(context).connect() as api:
        found = api.api_keys.list()
    plain = [key.model_dump(mode="json") for key in found]
    answer(plain, partial(_show_keys, found=found), as_text=not as_json)


def _show_keys(console: Console, found: tuple[Key, ...]) -> None:
    columns = (
        Column("id"), Column("name", elastic=True), Column("ends with"), Column("scopes"),
        Column("last used"), Column("valid until"), Column("created"),
    )  # fmt: skip
    rows = (
        (key.id, key.name, key.hint, " ".join(key.scopes), key.last_used_at, _ends(key),
         key.created_at)
        for key in found
    )  # fmt: skip
    listing(console, columns, rows)


def _ends(key: Key) -> datetime | str:
    if key.revoked_at:
        return "revoked"
    return key.ends_at or "no end"


@keys.command(epilog=example("brightrun keys revoke KEY"))
def revoke(
    context: typer.Context,
    key_id: Annotated[str, typer.Argument(metavar="KEY", help="Its id.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Revoke a key: it opens nothing any more."""
    with session_of(context).connect() as api:
        key = api.api_keys.revoke(key_id)
    told = f"Revoked: {key.name} ({key.id})"
    answer(key, lambda console: write_line(console, told), as_text=not as_json)
