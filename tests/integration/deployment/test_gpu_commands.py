"""`brightrun gpu`: from a file to endpoints that are there, and their ids where SAM reads them."""

import json
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from brightrun.cli.session import Session
from brightrun.deployment.main import main
from tests.support.deployment.standin_account import ADDRESS, KEY, StandInAccount

DECLARED = """
[defaults]
image = "you/trainer:1"

[[endpoint]]
gpu = "H100"

[[endpoint]]
gpu = "A100-80GB"
count = 2
"""
SAMCONFIG = '[dev.global.parameters.parameter_overrides]\nStage = "dev"\n'


@dataclass
class Desk:
    """A folder with both files, an account, and a person who answers what is asked."""

    folder: Path
    account: StandInAccount = field(default_factory=StandInAccount)
    agrees: bool | None = True

    def run(self, *words: str, **environ: str) -> int:
        session = Session(
            environ or {"RUNPOD_API_KEY": f"{KEY}\n", "BRIGHTRUN_RUNPOD_MANAGEMENT_URL": ADDRESS},
            self.folder / "config.toml",
            transport=httpx.MockTransport(self.account.answer),
            sleep=lambda _: None,
            confirm=None if self.agrees is None else self._agree,
        )
        files = ["--file", str(self.folder / "gpu.toml")]
        if words[0] == "apply":
            files += ["--samconfig", str(self.folder / "samconfig.toml")]
        return main(["gpu", *words, *files], session)

    def _agree(self, _: str) -> bool:
        return bool(self.agrees)

    def parameter(self) -> dict[str, str]:
        told = tomllib.loads((self.folder / "samconfig.toml").read_text())
        overrides = told["dev"]["global"]["parameters"]["parameter_overrides"]
        named: dict[str, str] = json.loads(overrides.get("GpuEndpoints", "{}"))
        return named


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    (tmp_path / "gpu.toml").write_text(DECLARED)
    (tmp_path / "samconfig.toml").write_text(SAMCONFIG)
    return Desk(tmp_path)


Read = Callable[[], Any]


@pytest.fixture
def read(capsys: pytest.CaptureFixture[str]) -> Read:
    return capsys.readouterr


def test_a_plan_shows_the_difference_and_changes_nothing(desk: Desk, read: Read) -> None:
    status = desk.run("plan")

    shown = read().out
    assert status == 0
    assert "+ template brightrun-dev-trainer" in shown
    assert "+ endpoint brightrun-dev-a100-80gb-x2" in shown
    assert "all workers at once: 28.98 USD an hour" in shown
    assert not desk.account.resources.endpoints


def test_what_is_agreed_to_is_made_and_named_to_the_stage(desk: Desk, read: Read) -> None:
    status = desk.run("apply")

    printed = json.loads(read().out)
    assert status == 0
    assert set(printed) == {"H100", "A100-80GB x2"}
    assert set(printed.values()) == set(desk.account.resources.endpoints)
    assert desk.parameter() == printed


@pytest.mark.parametrize(
    ("agrees", "status", "words"), [(False, 1, "nothing was changed"), (None, 2, "give --yes")]
)
def test_without_agreement_nothing_is_made(
    desk: Desk, read: Read, *, agrees: bool | None, status: int, words: str
) -> None:
    desk.agrees = agrees

    assert desk.run("apply") == status
    assert not desk.account.resources.endpoints
    assert words in read().err


def test_a_second_time_nobody_is_asked_and_nothing_changes(desk: Desk, read: Read) -> None:
    desk.run("apply")
    first, desk.agrees = read().out, None

    assert desk.run("apply") == 0
    assert json.loads(read().out) == json.loads(first)


def test_a_difference_is_shown_field_by_field(desk: Desk, read: Read) -> None:
    desk.run("apply", "--yes")
    (desk.folder / "gpu.toml").write_text(DECLARED.replace("you/trainer:1", "you/trainer:2"))
    read()
    desk.run("plan")
    shown = read().out
    desk.run("plan", "--json")

    changes = json.loads(read().out)["changes"]
    assert "image: 'you/trainer:1' -> 'you/trainer:2'" in shown
    assert [change["action"] for change in changes] == ["update"] * 3


def test_the_status_says_what_is_there_and_what_differs(desk: Desk, read: Read) -> None:
    assert desk.run("status", "--json") == 1
    missing = json.loads(read().out)
    desk.run("apply", "--yes")
    read()
    good = desk.run("status", "--json")
    there = json.loads(read().out)
    for endpoint in desk.account.resources.endpoints.values():
        endpoint["disk"] = 20
    lowered = desk.run("status")

    assert [row["state"] for row in missing] == ["is not there"] * 2
    assert (good, [row["state"] for row in there]) == (0, ["as declared"] * 2)
    assert lowered == 1
    assert "disk_gb is 20" in read().out


def test_a_type_that_runpod_has_not_is_a_problem_not_a_crash(desk: Desk, read: Read) -> None:
    (desk.folder / "gpu.toml").write_text(DECLARED.replace('"H100"', '"V100-32GB"'))

    assert [desk.run("plan"), desk.run("apply", "--yes"), desk.run("status")] == [1, 1, 1]
    assert not desk.account.resources.endpoints
    assert "V100-32GB is in no serverless pool" in read().out


@pytest.mark.parametrize(
    ("environ", "words"),
    [({"RUNPOD_API_KEY": ""}, "set RUNPOD_API_KEY"), ({"OTHER": "1"}, "set RUNPOD_API_KEY")],
)
def test_without_a_key_it_says_which(
    desk: Desk, read: Read, environ: dict[str, str], words: str
) -> None:
    assert desk.run("plan", **environ) == 2
    assert words in read().err


def test_a_wrong_file_is_told_with_its_place(desk: Desk, read: Read) -> None:
    (desk.folder / "gpu.toml").write_text(DECLARED + "disk_gb = 20\n")

    assert desk.run("plan") == 2
    assert "endpoint.1.disk_gb" in read().err


def test_runpods_refusals_and_silences_have_their_own_endings(desk: Desk, read: Read) -> None:
    desk.account.breaks("GET serverless", status=401)
    refused = desk.run("plan")
    desk.account.breaks("GET serverless", times=3, status=503)
    silent = desk.run("plan")

    assert (refused, silent) == (3, 4)
    assert "run the same command again" in read().err


def test_a_file_that_cannot_take_the_parameter_gets_the_line_told(desk: Desk, read: Read) -> None:
    (desk.folder / "samconfig.toml").write_text("version = 0.1\n")

    assert desk.run("apply", "--yes") == 0
    assert "write it there by hand: GpuEndpoints = " in read().err
