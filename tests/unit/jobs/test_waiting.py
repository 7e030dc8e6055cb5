"""Until when a job waits for a GPU."""

from datetime import timedelta

import pytest

from brightrun.jobs.change import JobState
from brightrun.jobs.execution.waiting import gives_up_at
from tests.support.factories import NOON
from tests.support.job_states import LIMITS, queued, submitted, training

PATIENCE = timedelta(seconds=LIMITS.max_queue_seconds)


@pytest.mark.parametrize(
    ("state", "since"),
    [
        (queued(waiting_since=NOON), NOON),
        (submitted(), NOON),
        (queued(), None),
        (training(), None),
    ],
)
def test_the_time_runs_from_when_it_began_to_wait(state: JobState, since: object) -> None:
    assert gives_up_at(state, LIMITS) == (None if since is None else NOON + PATIENCE)
