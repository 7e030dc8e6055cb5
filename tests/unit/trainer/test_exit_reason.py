"""What the end of the training process means, whoever says it."""

import pytest

from brightrun.training.failure_codes import FailureCode
from brightrun.training.protocol import RunFailure
from trainer_image.ipc.events import RunBroken, RunHalted
from trainer_image.worker.exit_reason import Ending, meaning_of


def broken(code: FailureCode) -> RunBroken:
    return RunBroken(failure=RunFailure(code=code, message="connection closed by peer"))


def meaning(said: Ending | None, kills: int = 0, stopped_at: int | None = None) -> Ending:
    return meaning_of(
        said, status=-9, out_of_memory_kills=kills, stopped_at=stopped_at, words="the end"
    )


def code_of(ending: Ending) -> FailureCode:
    assert isinstance(ending, RunBroken)
    return ending.failure.code


@pytest.mark.parametrize("said", [None, broken(FailureCode.TRAINER_CRASHED)])
def test_a_rank_that_the_kernel_ended_is_the_cause(said: Ending | None) -> None:
    """Same memory, same end: called a crash, it would be tried again and paid again."""
    assert code_of(meaning(said, kills=1)) is FailureCode.OUT_OF_MEMORY


@pytest.mark.parametrize(
    "said",
    [broken(FailureCode.NON_FINITE_LOSS), RunHalted(step=3), broken(FailureCode.BAD_DATASET)],
)
def test_what_was_said_for_a_reason_stands(said: Ending) -> None:
    assert meaning(said, kills=1) == said
    assert meaning(said) == said


def test_a_crash_without_a_kill_stays_a_crash() -> None:
    said = broken(FailureCode.TRAINER_CRASHED)

    assert meaning(said) == said


def test_silence_is_a_crash_with_the_end_of_the_error_stream() -> None:
    ending = meaning(None)

    assert code_of(ending) is FailureCode.TRAINER_CRASHED
    assert isinstance(ending, RunBroken)
    assert ending.failure.message == "the training process ended with status -9\nthe end"


def test_silence_after_a_wish_to_stop_is_a_stop() -> None:
    assert meaning(None, stopped_at=7) == RunHalted(step=7)
    assert meaning(None, kills=1, stopped_at=7) == RunHalted(step=7)


@pytest.mark.parametrize("stopped_at", [None, 7])
def test_a_process_that_was_ended_because_it_hung_is_a_crash_that_says_so(
    stopped_at: int | None,
) -> None:
    ending = meaning_of(
        None,
        status=-9,
        out_of_memory_kills=0,
        stopped_at=stopped_at,
        words="the end",
        stalled_seconds=600.0,
    )

    assert isinstance(ending, RunBroken)
    assert ending.failure.code is FailureCode.TRAINER_CRASHED
    assert ending.failure.message.startswith("no sign of progress for 10 minutes")
    assert ending.failure.message.endswith("the end")
