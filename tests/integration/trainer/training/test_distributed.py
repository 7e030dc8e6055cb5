"""Two processes, as torchrun starts them on two GPUs; here over gloo on the CPU."""

import asyncio
import json
import os
from asyncio.subprocess import PIPE
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from brightrun.training.failure_codes import FailureCode
from tests.support.trainer.whole_runs import an_order, events_of
from trainer_image.ipc.events import RunBroken, RunFinished, StepTaken
from trainer_image.ipc.run_spec import ARTIFACTS
from trainer_image.worker.training_process import Child, command, scrubbed

pytestmark = pytest.mark.slow


def test_two_processes_train_the_weights_of_one(tmp_path: Path, models_dir: Path) -> None:
    for name, gpus in (("one", 1), ("two", 2)):
        events = events_of(command(an_order(tmp_path / name, models_dir), gpus))
        assert isinstance(events[-1], RunFinished)
        losses = [e.point.training_loss for e in events if isinstance(e, StepTaken)]
        assert len(losses) == 14

    one, two = (
        load_file(tmp_path / name / ARTIFACTS / "adapter_model.safetensors")
        for name in ("one", "two")
    )
    assert one.keys() == two.keys()
    for name, tensor in one.items():
        torch.testing.assert_close(two[name], tensor, rtol=1e-5, atol=1e-5)
    found = [
        json.loads((tmp_path / name / ARTIFACTS / "evaluation.json").read_bytes())
        for name in ("one", "two")
    ]
    for number in ("base_loss", "adapter_loss", "difference_low", "prompt_gain"):
        assert found[1]["comparison"][number] == pytest.approx(
            found[0]["comparison"][number], rel=1e-4, abs=1e-6
        )
    prompts = [[sample["prompt"] for sample in each["samples"]] for each in found]
    assert len(prompts[1]) == 4
    assert prompts[1] == prompts[0]
    assert [each["step"] for each in found[1]["checkpoints"]] == [7.0, 14.0]


def test_a_failing_rank_fails_the_run_with_its_own_words(tmp_path: Path, models_dir: Path) -> None:
    line = command(an_order(tmp_path / "broken", models_dir), 2)
    line[line.index("trainer_image.train")] = "tests.support.trainer.broken_rank"

    broken = [event for event in events_of(line) if isinstance(event, RunBroken)]

    assert broken[0].failure.code is FailureCode.TRAINER_CRASHED
    assert "the second rank broke" in broken[0].failure.message


def test_killing_the_launcher_ends_every_rank(tmp_path: Path) -> None:
    """Launched ranks have a session of their own, out of reach of a signal to the group."""
    line = command(tmp_path, 2)
    line[line.index("trainer_image.train")] = "tests.support.trainer.lasting_ranks"

    asyncio.run(kill_when_all_are_up(line))


async def kill_when_all_are_up(line: list[str]) -> None:
    process = await asyncio.create_subprocess_exec(
        *line, env=scrubbed(os.environ), stdout=PIPE, stderr=PIPE, start_new_session=True
    )
    child = Child(process)
    said = child.events()
    words = {(await anext(said)).model_dump()["message"] for _ in range(2)}
    assert words == {"rank 0", "rank 1"}

    child.kill()

    # their output ends when the last process that holds it is gone; left alone they would say so
    assert [event async for event in said] == []
    await child.wait()
