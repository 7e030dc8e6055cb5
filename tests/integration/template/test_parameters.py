"""Parameters on their way: samconfig.toml, SAM's own parser, CloudFormation's rules, the settings.

What SAM reads out of a file is asked of SAM itself, in its own environment: it cuts a JSON text in
a line of pairs without a word, and such a deployment answers nothing but 500.
"""

import json
import os
import re
import subprocess
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from samtranslator.translator.transform import transform

from brightrun.settings import read_settings
from tests.support.deployment.template import (
    FUNCTIONS,
    Template,
    environment_of,
    packaged,
    refused_values,
)

ROOT = Path(__file__).parents[3]
SAM_PYTHON = ROOT / ".venv-sam" / "bin" / "python"
READ_ALL = """
import json
import sys
from samcli.commands.build.command import cli as build
from samcli.commands.deploy.command import cli as deploy

read = {}
for stage in sys.argv[1:]:
    for name, command in (("build", build), ("deploy", deploy)):
        context = command.make_context(name, ["--config-env", stage])
        read[f"{stage} {name}"] = context.params["parameter_overrides"]
print(json.dumps(read))
"""
ENDPOINTS = {"A100-80GB": "abc123", "A100-80GB x2": "def456"}
OLD_SPELLING = """
version = 0.1
[dev.global.parameters]
stack_name = "brightrun-dev"
parameter_overrides = 'Stage=dev GpuEndpoints={"A100-80GB":"abc123"}'
"""

pytestmark = pytest.mark.skipif(
    not SAM_PYTHON.exists(), reason="no .venv-sam: `make template` makes it"
)


@cache
def as_sam_reads(configuration: str, *stages: str) -> dict[str, dict[str, str]]:
    """Return the parameters that each command of these stages, or of both, would be given."""
    with TemporaryDirectory() as home:
        (Path(home) / "samconfig.toml").write_text(configuration)
        (Path(home) / "template.yaml").write_text((ROOT / "template.yaml").read_text())
        done = subprocess.run(  # noqa: S603 - SAM's own interpreter
            [SAM_PYTHON, "-c", READ_ALL, *(stages or ("dev", "prod"))],
            cwd=home,
            env={"PATH": os.defpath, "HOME": home, "SAM_CLI_TELEMETRY": "0"},
            capture_output=True,
            text=True,
            check=True,
        )
    read: dict[str, dict[str, str]] = json.loads(done.stdout.splitlines()[-1])
    return read


def with_examples() -> str:
    """Return samconfig.toml with the parameters that it shows in comments switched on."""
    text = (ROOT / "samconfig.toml").read_text()
    return re.sub(r"^# ([A-Z]\w+ = )", r"\1", text, flags=re.MULTILINE)


def test_what_each_stage_says_is_taken_by_cloudformation(template: Template) -> None:
    for configuration in ((ROOT / "samconfig.toml").read_text(), with_examples()):
        read = as_sam_reads(configuration)

        assert {stage: refused_values(template, values) for stage, values in read.items()} == {
            "dev build": [],
            "dev deploy": [],
            "prod build": [],
            "prod deploy": [],
        }


def test_what_is_built_is_what_is_deployed() -> None:
    """Else wheels are built for one processor and deployed on another."""
    chosen = with_examples().replace('Stage = "dev"', 'Stage = "dev"\nArch = "x86_64"')
    read = as_sam_reads(chosen)

    assert read["dev build"] == read["dev deploy"]
    assert read["prod build"] == read["prod deploy"]
    assert read["dev build"]["Arch"] == "x86_64"


def test_the_shown_endpoints_reach_the_functions_as_they_are_written(
    template: Template, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    values = as_sam_reads(with_examples())["dev deploy"]
    deployed = transform(packaged(template), dict(values), None)

    for function in sorted(FUNCTIONS):
        variables = environment_of(deployed, function, values)
        with monkeypatch.context() as inside:
            for name, value in variables.items():
                inside.setenv(name, value)
            settings = read_settings()

        has_gpus = function in {"ApiFunction", "ProcessJobsFunction"}
        assert settings.gpu_endpoints == (ENDPOINTS if has_gpus else {})


def test_a_line_of_pairs_is_cut_and_then_refused(template: Template) -> None:
    cut = as_sam_reads(OLD_SPELLING, "dev")["dev deploy"]

    assert cut["GpuEndpoints"] == "{"
    assert refused_values(template, cut) == ["GpuEndpoints"]


@pytest.mark.parametrize(
    ("parameter", "wrong"),
    [
        ("GpuEndpoints", '{"A100-80GB": "abc123"'),
        ("GpuEndpoints", '{"A100-80GB": 3}'),
        ("GpuEndpoints", "A100-80GB=abc123"),
        ("ExtraBaseModels", "["),
        ("ExtraBaseModels", "{}"),
        ("DefaultBaseModel", "Qwen3-8B"),
        ("PublicApiUrl", "https://api.example.org/"),
        ("PagesUrl", "example.org"),
        ("AlarmEmail", "me"),
        ("MailFrom", "BrightRun"),
        ("AllowedOrigin", "https://a.example.org/path"),
        ("MaxJobHours", "200"),
        ("Arch", "riscv"),
        ("GpuEndpoint", "{}"),
    ],
)
def test_cloudformation_refuses_a_wrong_value(
    template: Template, parameter: str, wrong: str
) -> None:
    assert refused_values(template, {parameter: wrong}) == [parameter]


def test_no_environment_outgrows_what_lambda_gives(template: Template) -> None:
    """Four kilobytes; a resource is a name of a hundred letters, a parameter its longest."""
    longest: dict[str, Any] = {
        name: "x" * parameter.get("MaxLength", len(str(parameter["Default"])))
        for name, parameter in template["Parameters"].items()
    }
    sizes = {
        function: sum(
            len(name) + len(value)
            for name, value in environment_of(template, function, longest).items()
        )
        for function in FUNCTIONS
    }

    assert max(sizes.values()) < 4096
    assert sizes["ApiFunction"] > 3000
