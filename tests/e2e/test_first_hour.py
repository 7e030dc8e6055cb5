"""docs/first-hour.md, carried out: from an account that holds nothing to a model in a folder."""

import json
import shutil
import subprocess
import time
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from local import stack
from local.demo.data.build import write_dataset
from local.deploy import Aws
from local.seed import read_credentials
from local.settings import LocalSettings, read_settings
from tests.support.deployment.rehearsal import ROOT, Desk, desk, hub_of, steps
from tests.support.stack.ports import own_settings

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.slow,
    pytest.mark.skipif(
        not (ROOT / ".venv-sam" / "bin" / "sam").exists(), reason="no .venv-sam: `make template`"
    ),
]
OWN_PASSWORD = "My-own-password-12"  # pragma: allowlist secret
HEARD_WITHIN_SECONDS = 300.0
DOCTOR = 8
Done = subprocess.CompletedProcess[str]


@dataclass
class Walked:
    """What was done, step by step, and where."""

    desk: Desk
    settings: LocalSettings
    done: dict[int, Done] = field(default_factory=dict)

    def step(self, number: int, block: str) -> None:
        done = self.desk.run(block, typed=self._typed(number))
        deadline = time.monotonic() + HEARD_WITHIN_SECONDS
        while number == DOCTOR and done.returncode and time.monotonic() < deadline:
            time.sleep(5)
            done = self.desk.run(block)
        assert done.returncode == 0, f"step {number}: {done.stdout}\n{done.stderr}"
        self.done[number] = done

    def _typed(self, number: int) -> str:
        """Return what a person types: the key with the Enter behind it, and the passwords."""
        if number == 3:
            return f"{read_credentials(self.settings).runpod_key}\n"
        first = self.done[6].stdout.strip() if 6 in self.done else ""
        return f"{first}\n{OWN_PASSWORD}\n{OWN_PASSWORD}\n"


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walked]:
    """Every step of the document, before an AWS account and a provider that held nothing."""
    cached = read_settings({})
    served = stack.demo_base_model(cached)
    settings = own_settings(tmp_path_factory.mktemp("account"))
    shutil.copytree(served.folder, settings.models / served.folder.relative_to(cached.models))
    read_credentials(settings)
    folder = tmp_path_factory.mktemp("desk")
    try:
        stack.start_processes(settings, leashed=True)
        with hub_of(served) as hub:
            walking = Walked(desk(settings, folder, served, hub), settings)
            write_dataset(folder / "chats.jsonl")
            for number, block in steps().items():
                walking.step(number, block)
            yield walking
    finally:
        stack.down(settings)


def test_every_numbered_step_was_carried_out(walked: Walked) -> None:
    assert list(walked.done) == list(range(1, 11))


def test_the_model_is_there_and_whole(walked: Walked) -> None:
    files = {path.name for path in (walked.desk.folder / "my-adapter").iterdir()}

    assert {"adapter_model.safetensors", "adapter_config.json", "manifest.json"} <= files


def test_the_endpoints_that_were_made_are_the_ones_that_the_stage_uses(walked: Walked) -> None:
    overrides = _overrides(walked.desk.folder / "samconfig.toml")
    named = json.loads(overrides["GpuEndpoints"])

    assert set(named) == {"A100-80GB", "A100-80GB x2", "H100"}
    (stack_now,) = (
        Aws(walked.settings.aws_url)
        .client("cloudformation")
        .describe_stacks(StackName="brightrun-dev")["Stacks"]
    )
    deployed = {p["ParameterKey"]: p["ParameterValue"] for p in stack_now["Parameters"]}
    assert json.loads(deployed["GpuEndpoints"]) == named


def test_the_key_was_entered_as_a_person_enters_it(walked: Walked) -> None:
    """With the newline that `echo` puts behind it; and jobs ran with it all the same."""
    outputs = walked.desk.run("brightrun outputs RunPodSecretArn --stage dev").stdout.strip()
    secret = (
        Aws(walked.settings.aws_url)
        .client("secretsmanager")
        .get_secret_value(SecretId=outputs)["SecretString"]
    )

    assert secret.endswith("\n")
    assert secret.strip() == read_credentials(walked.settings).runpod_key


def test_nothing_was_red_before_the_first_job(walked: Walked) -> None:
    shown = walked.done[DOCTOR].stdout

    assert "ready to train" in shown
    assert "bad" not in {line.split()[0] for line in shown.splitlines() if line.strip()}


def test_only_the_image_was_not_made(walked: Walked) -> None:
    pushed = (walked.desk.folder / "docker.log").read_text()

    assert "push docker.io/you/brightrun-trainer:0.1.0" in pushed


def _overrides(samconfig: Path) -> dict[str, str]:
    told: dict[str, str] = tomllib.loads(samconfig.read_text())["dev"]["global"]["parameters"][
        "parameter_overrides"
    ]
    return told
