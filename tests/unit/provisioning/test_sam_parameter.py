"""The endpoints in samconfig.toml, in the table that SAM reads whole."""

import json
import tomllib
from pathlib import Path

import pytest

from brightrun.provisioning.sam_parameter import CannotWrite, Deployed, deployed, with_endpoints

ROOT = Path(__file__).parents[3]
ENDPOINTS = {"A100-80GB x2": "def", "A100-80GB": "abc"}
LINE = """GpuEndpoints = '{"A100-80GB": "abc", "A100-80GB x2": "def"}'"""
TABLE = "[dev.global.parameters.parameter_overrides]"


@pytest.mark.parametrize("stage", ["dev", "prod"])
def test_of_the_projects_own_file_one_stages_endpoints_change_and_nothing_else(stage: str) -> None:
    before = (ROOT / "samconfig.toml").read_text()
    after = with_endpoints(before, stage, ENDPOINTS)

    told = tomllib.loads(after)
    overrides = told[stage]["global"]["parameters"]["parameter_overrides"]
    assert json.loads(overrides.pop("GpuEndpoints")) == ENDPOINTS
    assert told == tomllib.loads(before)
    assert len(after.splitlines()) == len(before.splitlines())


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f"{TABLE}\nStage = 'dev'\n", f"{TABLE}\nStage = 'dev'\n{LINE}\n"),
        (f"{TABLE}\nA = 1\n\n[next]\n", f"{TABLE}\nA = 1\n{LINE}\n\n[next]\n"),
        (f"{TABLE}\nGpuEndpoints = '{{}}'\nA = 1\n", f"{TABLE}\n{LINE}\nA = 1\n"),
        (f"{TABLE}\n", f"{TABLE}\n{LINE}\n"),
        (TABLE + " # of dev\n# GpuEndpoints = 'x'\n", f"{TABLE} # of dev\n{LINE}\n"),
    ],
)
def test_the_line_takes_the_place_of_the_old_one_or_stands_last(before: str, after: str) -> None:
    assert with_endpoints(before, "dev", ENDPOINTS) == after
    assert with_endpoints(after, "dev", ENDPOINTS) == after


@pytest.mark.parametrize(
    "text", ["", "[dev.deploy.parameters]\n", f"{TABLE}\nGpuEndpoints = '''\n{{}}'''\n"]
)
def test_where_it_cannot_be_written_the_line_is_told(text: str) -> None:
    with pytest.raises(CannotWrite) as refusal:
        with_endpoints(text, "dev", {"H100": "abc"})

    assert """GpuEndpoints = '{"H100": "abc"}'""" in str(refusal.value)


OWN = """[default.global.parameters]
region = 'r1'
[dev.global.parameters]
region = 'r2'
stack_name = 'mine'
"""


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("", Deployed("brightrun-dev", None)),
        ("[default.global.parameters]\nregion = 'r1'\n", Deployed("brightrun-dev", "r1")),
        (OWN, Deployed("mine", "r2")),
    ],
)
def test_a_stage_stands_where_the_file_puts_it(text: str, where: Deployed) -> None:
    assert deployed(text, "dev") == where


def test_the_projects_own_stages_are_found() -> None:
    text = (ROOT / "samconfig.toml").read_text()

    assert deployed(text, "prod") == Deployed("brightrun-prod", "us-east-1")
