"""As many GPUs as were ordered: no more are used, and with fewer nothing begins."""

import pytest

from brightrun.training.failure_codes import RETRIABLE, UNFIT_WORKER, FailureCode
from trainer_image.ipc.failures import RunFailed
from trainer_image.machine.gpu import Gpus
from trainer_image.worker.gpu_assignment import assigned, held_by_others, visible


@pytest.mark.parametrize(
    ("asked", "there", "used"), [(1, 1, 1), (1, 4, 1), (2, 4, 2), (None, 4, 4), (None, 0, 0)]
)
def test_a_job_trains_on_as_many_gpus_as_were_ordered(
    asked: int | None, there: int, used: int
) -> None:
    assert assigned(asked, Gpus(there), gpu_needed=bool(there)) == used


@pytest.mark.parametrize("there", [0, 1])
def test_a_worker_with_fewer_gpus_than_were_ordered_does_not_begin(there: int) -> None:
    with pytest.raises(RunFailed, match=f"2 GPUs were ordered and this worker has {there}") as end:
        assigned(2, Gpus(there), gpu_needed=True)

    assert end.value.failure.code is FailureCode.GPUS_MISSING


def test_a_cpu_stands_for_any_number_where_no_gpu_is_needed() -> None:
    """The local stack trains on a CPU what is ordered with two GPUs."""
    assert assigned(2, Gpus(), gpu_needed=False) == 0


@pytest.mark.parametrize(
    ("known", "count", "seen"),
    [
        ({}, 2, "0,1"),
        ({"CUDA_VISIBLE_DEVICES": "GPU-a,GPU-b,GPU-c,GPU-d"}, 2, "GPU-a,GPU-b"),
        ({"CUDA_VISIBLE_DEVICES": "3,1"}, 4, "3,1"),
        ({}, 4, None),
        ({}, 0, None),
    ],
)
def test_the_training_process_sees_no_gpu_that_is_not_its_own(
    known: dict[str, str], count: int, seen: str | None
) -> None:
    environment = visible({"PATH": "/bin", **known}, count, Gpus(4))

    assert environment["PATH"] == "/bin"
    assert environment.get("CUDA_VISIBLE_DEVICES") == seen


def test_memory_that_something_else_holds_is_seen_on_the_gpus_that_are_used() -> None:
    idle, taken = 600 * 10**6, 9 * 10**9

    assert held_by_others(Gpus(2, taken_bytes=(idle, idle)), 2) is None
    assert held_by_others(Gpus(2, taken_bytes=(idle, taken)), 1) is None
    assert held_by_others(Gpus(2, taken_bytes=(idle, taken)), 2) == (
        "9.0 GB of GPU 1 are in use by something else"
    )
    assert held_by_others(Gpus(), 0) is None


def test_what_only_the_machine_lacks_is_tried_elsewhere() -> None:
    assert {"gpus_missing", "gpu_memory_taken"} == UNFIT_WORKER
    assert UNFIT_WORKER < RETRIABLE
