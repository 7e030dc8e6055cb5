"""A training process that hangs is ended, and the next attempt goes on where it was."""

import os
import signal
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from brightrun.training.failure_codes import RETRIABLE, FailureCode
from tests.support.trainer.attempts import during_training, run_attempt
from tests.support.trainer.fake_platform import FakePlatform
from tests.support.trainer.platforms import a_platform
from trainer_image.machine.gpu import Gpus
from trainer_image.worker.attempt import Attempt
from trainer_image.worker.context import Worker

pytestmark = pytest.mark.slow
ADAPTER = "artifact/adapter_model.safetensors"


class Hours:
    """A clock that stands until it is let go; then each look at it is half a minute later."""

    def __init__(self) -> None:
        self._noon = datetime.now(UTC)
        self._running = count()
        self.is_running = False

    def __call__(self) -> float:
        return 30.0 * next(self._running) if self.is_running else 0.0

    def now(self) -> datetime:
        """Return the time of day: where nobody ends the process, the deadline does."""
        return self._noon + timedelta(seconds=self())


def hung_in_training(worker: Worker) -> FakePlatform:
    """Return what is left of an attempt whose process is stopped, once it has a checkpoint."""
    platform = a_platform(rows=240, epochs=4)
    clock = Hours()

    def stop_child(attempt: Attempt) -> None:
        assert attempt.child
        os.kill(attempt.child.pid, signal.SIGSTOP)
        clock.is_running = True

    verdict = during_training(platform, replace(worker, clock=clock, now=clock.now), stop_child)

    assert verdict.failure
    assert verdict.failure.code is FailureCode.TRAINER_CRASHED
    assert verdict.failure.code in RETRIABLE
    assert verdict.failure.message.startswith("no sign of progress for 10 minutes")
    return platform


def test_a_stopped_process_is_ended_resumed_and_billed_for_what_ran(worker: Worker) -> None:
    whole = a_platform(rows=240, epochs=4)
    run_attempt(whole, worker)

    hung = hung_in_training(worker)
    resumed = a_platform(rows=240, epochs=4)
    resumed.resume_from = hung.checkpoint_to_resume()
    resumed.files = {k: v for k, v in hung.files.items() if k.startswith("checkpoint/")}
    verdict = run_attempt(resumed, worker)

    assert verdict.outcome == "succeeded"
    assert resumed.files[ADAPTER] == whole.files[ADAPTER]
    (first,), (second,) = hung.finishes, resumed.finishes
    # by the first worker's clock: until it was ended, and not until the deadline
    assert first.execution_seconds > 600
    assert first.outcome == "failed"
    assert second.summary
    assert second.summary.resumed_from_step == resumed.resume_from.step
    lines = [line.message for report in hung.reports for line in report.lines]
    assert any("no sign of progress" in line for line in lines)


def test_a_worker_with_too_few_gpus_trains_nothing(worker: Worker) -> None:
    platform = a_platform()
    platform.spec = platform.spec.model_copy(update={"gpu_count": 2})

    verdict = run_attempt(platform, replace(worker, gpus=Gpus(1), look=lambda: Gpus(1)))

    assert verdict.failure
    assert verdict.failure.code is FailureCode.GPUS_MISSING
    assert platform.ranges == []  # not even the dataset was fetched


def test_a_gpu_whose_memory_something_else_holds_trains_nothing(worker: Worker) -> None:
    taken = Gpus(1, taken_bytes=(30 * 10**9,))
    platform = a_platform()

    verdict = run_attempt(platform, replace(worker, gpus=taken, look=lambda: taken))

    assert verdict.failure
    assert verdict.failure.code is FailureCode.GPU_MEMORY_TAKEN
    assert "30.0 GB of GPU 0 are in use by something else" in verdict.failure.message
    assert platform.finishes[0].outcome == "failed"


def test_memory_of_a_process_that_has_just_ended_is_waited_for(worker: Worker) -> None:
    """One GPU to the driver, none to torch, which trains on the CPU here."""
    looks = iter([Gpus(1, taken_bytes=(30 * 10**9,)), Gpus(1, taken_bytes=(0,))])
    platform = a_platform()

    verdict = run_attempt(platform, replace(worker, gpus=Gpus(1), look=lambda: next(looks)))

    assert verdict.outcome == "succeeded"
