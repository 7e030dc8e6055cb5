"""Several processes sum a megabyte before a worker with several GPUs takes jobs."""

import json
import os
from pathlib import Path

import pytest

from brightrun.training.failure_codes import FailureCode
from brightrun.training.protocol import RunFailure
from trainer_image.checks import exchange
from trainer_image.handler import told_by
from trainer_image.ipc.failures import blamed

DOCKERS_OWN = 64 * 2**20


@pytest.mark.slow
def test_two_processes_sum_a_megabyte() -> None:
    """Over gloo here; over NCCL where GPUs are."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}

    assert list(exchange.exchange_problems(2, environment)) == []


@pytest.mark.slow
def test_processes_that_cannot_are_a_problem_with_their_last_words(tmp_path: Path) -> None:
    (tmp_path / "torch.py").write_text("raise RuntimeError('no such device')")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}

    (problem,) = exchange.exchange_problems(2, environment)

    assert problem.startswith("2 GPUs cannot sum a megabyte: ")
    assert problem.endswith("no such device")


def test_one_gpu_has_nobody_to_exchange_with() -> None:
    assert list(exchange.exchange_problems(1, {})) == []


@pytest.mark.parametrize(
    ("shared", "peers", "told"),
    [
        (DOCKERS_OWN, False, {"NCCL_SHM_DISABLE": "1"}),
        (DOCKERS_OWN, True, {}),
        (10**9, False, {}),
        (0, False, {"NCCL_SHM_DISABLE": "1"}),
    ],
)
def test_too_little_shared_memory_is_not_used(
    shared: int, told: dict[str, str], *, peers: bool
) -> None:
    assert exchange.settings_for(shared, peers=peers) == told


def test_the_size_of_the_shared_memory_is_read(tmp_path: Path) -> None:
    assert exchange.shared_bytes(tmp_path) > 10**8
    assert exchange.shared_bytes(tmp_path / "absent") == 0


def test_what_the_check_asks_for_reaches_the_training_process() -> None:
    report = json.dumps({"problems": [], "environment": {"NCCL_SHM_DISABLE": "1"}, "gpu": None})

    assert told_by(f"a library's own line\n{report}\n") == {"NCCL_SHM_DISABLE": "1"}


@pytest.mark.parametrize(
    ("code", "others", "found"),
    [
        (FailureCode.OUT_OF_MEMORY, 9 * 10**9, FailureCode.GPU_MEMORY_TAKEN),
        (FailureCode.OUT_OF_MEMORY, 10**9, FailureCode.OUT_OF_MEMORY),
        (FailureCode.TRAINER_CRASHED, 9 * 10**9, FailureCode.TRAINER_CRASHED),
    ],
)
def test_memory_that_others_hold_is_not_memory_that_does_not_suffice(
    code: FailureCode, others: int, found: FailureCode
) -> None:
    """A smaller adapter would not help, and another worker would."""
    failure = blamed(RunFailure(code=code, message="a row does not fit"), others)

    assert failure.code is found
    assert failure.message.endswith("a row does not fit")
