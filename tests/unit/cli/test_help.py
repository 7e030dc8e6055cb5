"""`--help` of every command: an example that could be typed as it stands."""

import shlex
from pathlib import Path

import pytest

from brightrun.cli.session import Session
from brightrun.deployment.main import app, main

GROUPS = [app, *(each.typer_instance for each in app.registered_groups if each.typer_instance)]
EXAMPLES = [
    (command.epilog or "").removeprefix("Example: ")
    for group in GROUPS
    for command in group.registered_commands
]
NOWHERE = Session({}, Path("nowhere") / "config.toml")


@pytest.mark.parametrize("line", EXAMPLES)
def test_the_example_names_a_command_and_options_that_there_are(
    line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    program, *words = shlex.split(line.partition(">")[0])

    assert program == "brightrun"
    assert main([*words, "--help"], NOWHERE) == 0
    assert f"Example: {line}"[:60] in capsys.readouterr().out


def test_there_are_as_many_as_there_are_commands() -> None:
    assert len(EXAMPLES) >= 30


def test_a_misspelled_command_is_refused_with_the_one_that_was_meant(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["modles", "list"], NOWHERE) == 2

    assert "models" in capsys.readouterr().err
