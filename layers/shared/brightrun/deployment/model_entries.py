"""`brightrun models entry`: a base model of the Hub as the catalogue takes it, its numbers read."""

import json
from typing import Annotated

import typer

from brightrun.cli.commands.models import group
from brightrun.cli.exit_status import WrongCommand
from brightrun.cli.output import answer, complain, example
from brightrun.cli.session import session_of
from brightrun.deployment.hub import hub_of
from brightrun.ports.hub import fetch_files, read_facts
from brightrun.training.model_entry import NoEntry, entry_of

_LIMIT_BYTES = 4 * 1024**2


def register(_: typer.Typer) -> None:
    """Add the command to the group of models, which is there."""
    group.command("entry", epilog=example("brightrun models entry Qwen/Qwen3-4B"))(entry)


def entry(
    context: typer.Context,
    model: Annotated[str, typer.Argument(metavar="MODEL")],
    revision: Annotated[str, typer.Option(metavar="NAME", help="Branch, tag or commit.")] = "main",
) -> None:
    """Print a base model's entry for the catalogue, pinned to a commit, out of its config.json.

    It goes into the list `base_models` of `brightrun catalog show`, or into ExtraBaseModels.
    """
    with hub_of(session_of(context)) as hub:
        facts = read_facts(hub, model, revision, limit_bytes=_LIMIT_BYTES)
        files = fetch_files(hub, model, facts.revision, ["config.json"], limit_bytes=_LIMIT_BYTES)
    try:
        config = json.loads(files["config.json"])
        made = entry_of(facts, config)
    except (KeyError, NoEntry) as error:
        raise WrongCommand(f"{model}: {error}") from error
    kind = config.get("model_type")
    complain(f"whether the trainer knows the type `{kind}` stands in docs/trainer.md")
    answer(made.model_dump(mode="json", exclude_defaults=True), lambda _: None, as_text=False)
