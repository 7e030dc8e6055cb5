"""docs/cli.md keeps up with the command line."""

import re
from pathlib import Path

from brightrun.cli.exit_status import ExitStatus
from brightrun.deployment.main import app

PAGE = Path("docs/cli.md").read_text(encoding="utf-8")


def test_every_exit_status_is_listed() -> None:
    listed = {int(number) for number in re.findall(r"^\| (\d+) \|", PAGE, re.MULTILINE)}

    assert listed == {int(status) for status in ExitStatus}


def test_every_command_is_listed() -> None:
    rows = [line.partition("|")[2] for line in PAGE.splitlines() if line.startswith("| `")]
    told = "\n".join(rows).replace("\\|", " ")
    alone = [command.name or "" for command in app.registered_commands]
    alone += [each.callback.__name__ for each in app.registered_commands if each.callback]
    groups = {
        str(group.name): [
            command.name or command.callback.__name__
            for command in group.typer_instance.registered_commands
            if command.callback
        ]
        for group in app.registered_groups
        if group.typer_instance
    }

    assert len(groups) >= 4
    for name, commands in groups.items():
        (row,) = re.findall(rf"`{name} ([^`]+)`", told)
        assert set(row.split()) == set(commands), name
    assert [name for name in alone if name not in {"", "command"} and f"`{name}" not in told] == []
