"""The endpoints in samconfig.toml, in the form that SAM's own parser leaves whole."""

import tomllib
from pathlib import Path

import pytest

from brightrun.provisioning.sam_parameter import CannotWrite, with_endpoints

ROOT = Path(__file__).parents[3]
ENDPOINTS = {"A100-80GB x2": "def", "A100-80GB": "abc"}
WRITTEN = """GpuEndpoints='{"A100-80GB":"abc","A100-80GB x2":"def"}'"""
BEFORE = """version = 0.1 # kept

[dev.deploy.parameters]
capabilities = "CAPABILITY_IAM"
parameter_overrides = {}
resolve_s3 = true

[prod.deploy.parameters]
parameter_overrides = "Stage=prod"
"""


def overrides(text: str, stage: str = "dev") -> object:
    return tomllib.loads(text)[stage]["deploy"]["parameters"]["parameter_overrides"]


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        ('"Stage=dev"', f"Stage=dev {WRITTEN}"),
        (
            "'''Stage=dev GpuEndpoints='{\"H100 x2\":\"old\"}' Days=1'''",
            f"Stage=dev Days=1 {WRITTEN}",
        ),
        ('["Stage=dev", "GpuEndpoints=\'{}\'"]', ["Stage=dev", WRITTEN]),
        ('[\n  "Stage=dev",\n  "Days=1",\n]', ["Stage=dev", "Days=1", WRITTEN]),
        (
            '"Name=\\"two words\\" GpuEndpoints={}"',
            f'Name="two words" {WRITTEN}',
        ),
    ],
)
def test_the_endpoints_replace_what_was_named_and_nothing_else(was: str, becomes: object) -> None:
    before = BEFORE.replace("{}", was, 1)
    after = with_endpoints(before, "dev", ENDPOINTS)

    assert overrides(after) == becomes
    assert overrides(after, "prod") == "Stage=prod"
    assert after.startswith("version = 0.1 # kept\n")
    assert after.count("resolve_s3 = true") == 1


def test_writing_it_again_changes_nothing() -> None:
    once = with_endpoints((ROOT / "samconfig.toml").read_text(), "dev", ENDPOINTS)

    assert with_endpoints(once, "dev", ENDPOINTS) == once


@pytest.mark.parametrize("text", ["", "[dev.deploy.parameters]\nresolve_s3 = true\n"])
def test_where_it_cannot_be_written_the_line_is_told(text: str) -> None:
    with pytest.raises(CannotWrite) as refusal:
        with_endpoints(text, "dev", {"H100": "abc"})

    assert """GpuEndpoints='{"H100":"abc"}'""" in str(refusal.value)
