"""`pip install './layers/shared[cli]'` brings neither AWS nor the trainer."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

HEAVY = ("aws_lambda_powertools", "boto3", "botocore", "torch", "transformers")
BLOCKED = f"""
import sys

class NotInstalled:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {HEAVY!r}:
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, NotInstalled())
import {{module}}
"""


@pytest.mark.parametrize(
    "module", ["brightrun.client", "brightrun.cli.main", "brightrun.deployment.main"]
)
def test_neither_aws_nor_the_trainer_is_imported(module: str) -> None:
    ended = subprocess.run(  # noqa: S603 - our own module
        [sys.executable, "-c", BLOCKED.format(module=module)], capture_output=True, check=False
    )

    assert (ended.returncode, ended.stderr) == (0, b"")


def test_the_base_install_is_free_of_what_only_functions_need() -> None:
    project = tomllib.loads(Path("layers/shared/pyproject.toml").read_text())["project"]
    base = " ".join(project["dependencies"])

    assert [
        name for name in ("powertools", "boto3", "torch", "typer", "rich") if name in base
    ] == []
    assert set(project["optional-dependencies"]) == {"cli", "deploy", "lambda", "mcp"}
