"""What every command of the tree has, or may not have; and completion of their names."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator

import pytest
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from brightrun.deployment.main import app

SECRET = re.compile(r"password|secret|token|key|credential", re.IGNORECASE)
NO_SECRETS = {
    ("validate", "max_sequence_tokens"): "a number of tokens",
    ("validate", "tokenizer"): "a folder",
    ("keys revoke", "key_id"): "the key's id, which opens nothing",
    ("users add", "print_password"): "a switch: the password is printed, not read",
}
"""Parameters whose names sound like one."""

NO_JSON = {
    "login": "says how it went",
    "logout": "says how it went",
    "mcp": "speaks a protocol",
    "catalog show": "prints JSON in any case",
    "models entry": "prints JSON in any case",
    "gpu apply": "prints JSON in any case",
    "users add": "prints a first password, or nothing",
    "models install-tokenizer": "says what it stored",
}


def commands(group: object, name: str = "") -> Iterator[tuple[str, TyperCommand]]:
    assert isinstance(group, TyperGroup)
    for word, command in group.commands.items():
        full = f"{name} {word}".strip()
        if isinstance(command, TyperCommand):
            yield full, command
        else:
            yield from commands(command, full)


ROOT = get_command(app)
TREE = dict(commands(ROOT))


def test_no_secret_is_an_argument_of_any_command() -> None:
    """Every process list shows arguments; secrets are asked for, or come by the environment."""
    sounding = {
        (name, str(parameter.name))
        for name, command in [*TREE.items(), ("", ROOT)]
        for parameter in command.params
        if SECRET.search(f"{parameter.name} {' '.join(parameter.opts)}")
    }

    assert len(TREE) >= 45
    assert sounding == set(NO_SECRETS)


def test_every_command_says_what_it_does_and_has_an_example() -> None:
    silent = [name for name, each in TREE.items() if not (each.help or "").strip()]
    without = [
        name for name, each in TREE.items() if f"brightrun {name}" not in (each.epilog or "")
    ]

    assert silent == []
    assert without == []


def test_every_command_that_answers_has_json() -> None:
    without = {
        name
        for name, each in TREE.items()
        if "--json" not in {option for parameter in each.params for option in parameter.opts}
    }

    assert without == set(NO_JSON)


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("brightrun mod", "models"),
        ("brightrun models dow", "download"),
        ("brightrun jobs re", "resume"),
    ],
)
def test_names_are_completed_in_a_shell(typed: str, offered: str) -> None:
    asked = {
        "_BRIGHTRUN_COMPLETE": "complete_bash",
        "COMP_WORDS": typed,
        "COMP_CWORD": str(typed.count(" ")),
    }
    program = "import sys; from brightrun.deployment.main import app; app(prog_name='brightrun')"
    done = subprocess.run(  # noqa: S603 - our own module
        [sys.executable, "-c", program],
        env={**os.environ, **asked},
        capture_output=True,
        text=True,
        check=False,
    )

    assert offered in done.stdout.split()
