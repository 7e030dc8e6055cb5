"""When a training process is ended by force: it hangs, or does not stop when it is asked to."""

import pytest

from brightrun.training.protocol import Stage
from trainer_image.ipc.events import Beat, Event, LineWritten, StageReached
from trainer_image.worker.watchdog import Overdue, Watchdog


def begun(**known: float) -> Watchdog:
    watchdog = Watchdog(stall_seconds=600, grace_seconds=120, **known)
    watchdog.begin(0.0)
    return watchdog


def test_a_process_that_makes_no_progress_is_overdue() -> None:
    watchdog = begun()

    assert watchdog.overdue(600.0) is None
    assert watchdog.overdue(601.0) is Overdue.STALLED


@pytest.mark.parametrize("event", [Beat(), StageReached(stage=Stage.TRAINING)])
def test_a_sign_of_progress_gives_it_time(event: Event) -> None:
    watchdog = begun()

    watchdog.hear(event, 500.0)

    assert watchdog.overdue(1100.0) is None
    assert watchdog.overdue(1101.0) is Overdue.STALLED


def test_a_line_of_the_log_is_no_progress() -> None:
    """A collective that waits for a dead rank says so every few seconds."""
    watchdog = begun()

    watchdog.hear(LineWritten(message="still waiting"), 500.0)

    assert watchdog.overdue(601.0) is Overdue.STALLED


def test_a_process_that_does_not_stop_in_time_is_overdue() -> None:
    watchdog = begun(stop_asked_at=10.0)

    assert watchdog.overdue(130.0) is None
    assert watchdog.overdue(131.0) is Overdue.STOPPING


def test_nothing_is_expected_before_a_process_and_after_it() -> None:
    before = Watchdog(stall_seconds=600, grace_seconds=120, stop_asked_at=0.0)
    after = begun()
    after.end()

    assert before.overdue(1e6) is None
    assert after.overdue(1e6) is None
