"""Why a job waits for a GPU, and what of an endpoint costs money while nothing runs."""

from datetime import timedelta

import pytest

from brightrun.jobs.execution import outages, reconcile
from brightrun.jobs.execution.endpoint_capacity import (
    Endpoint,
    EndpointScaling,
    Workers,
    endpoint_notes,
    idle_costs,
    is_crash_loop,
    must_raise,
    why_waiting,
)
from brightrun.jobs.execution.observation import Observation
from brightrun.jobs.execution.provider import ProviderRun, RunState
from brightrun.jobs.record import Attempt, StopReason
from tests.support.factories import NOON, a_job
from tests.support.job_states import LIMITS, clock, submitted, training


def an_endpoint(**facts: object) -> Endpoint:
    known = {
        "id": "endpoint-a100",
        "checked_at": NOON,
        "workers": Workers(),
        "configured": EndpointScaling(max_workers=3),
    }
    return Endpoint.model_validate(known | facts)


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"refused": True}, "RunPod refuses our API key"),
        ({"configured": EndpointScaling(max_workers=0)}, "scaled to zero"),
        ({"workers": Workers(unhealthy=2)}, "Crash loop: 2 workers"),
        ({"workers": Workers(initializing=1, throttled=1)}, "Cold start"),
        ({"workers": Workers(throttled=2)}, "No capacity: RunPod has no free GPU"),
        ({"workers": Workers(running=3)}, "All 3 workers of the endpoint are busy"),
        ({"workers": Workers(idle=1)}, "A worker idles"),
        ({}, "No capacity: RunPod has not started a worker yet"),
    ],
)
def test_the_reason_is_named(facts: dict[str, object], reason: str) -> None:
    assert reason in (why_waiting(an_endpoint(**facts)) or "")


def test_an_endpoint_of_which_a_worker_runs_is_in_no_crash_loop() -> None:
    """One sick host beside a well one: whoever waits is served by that."""
    assert is_crash_loop(an_endpoint(workers=Workers(unhealthy=2)))
    assert not is_crash_loop(an_endpoint(workers=Workers(unhealthy=2, running=1)))
    assert not is_crash_loop(None)


def test_what_is_not_known_is_not_guessed() -> None:
    assert why_waiting(None) is None
    assert why_waiting(an_endpoint(workers=None)) is None


@pytest.mark.parametrize(
    ("highest", "wanted", "verdict"),
    [(0, 3, "raise"), (2, 3, "raise"), (3, 3, "leave"), (5, 3, "leave"), (0, 0, "leave")],
)
def test_a_lowered_limit_is_raised_and_never_lowered(
    highest: int, wanted: int, verdict: str
) -> None:
    assert must_raise(EndpointScaling(max_workers=highest), wanted) is (verdict == "raise")
    assert not must_raise(None, wanted)


def test_the_story_tells_of_a_raise_once_it_is_fresh() -> None:
    seen = an_endpoint(raised_from=0, raised_at=NOON)
    job = a_job()

    (told,) = endpoint_notes(seen, job, clock(60), within_seconds=120)
    assert told.message == "RunPod had lowered the endpoint to 0 workers; it has 3"
    assert endpoint_notes(seen, job, clock(121), within_seconds=120) == ()


def test_what_idles_at_a_price_is_listed() -> None:
    dear = EndpointScaling(min_workers=1, max_workers=3, idle_seconds=300, network_volumes=2)

    assert len(idle_costs(an_endpoint(configured=dear))) == 3
    assert idle_costs(an_endpoint(configured=EndpointScaling(max_workers=3, idle_seconds=10))) == ()


def test_the_reason_is_told_once_and_again_when_it_changes() -> None:
    looked = Observation(ProviderRun(RunState.QUEUED), waiting="no capacity")
    first = reconcile.observe(submitted(), clock(300), LIMITS, looked)
    again = reconcile.observe(first.after, clock(330), LIMITS, looked)
    other = reconcile.observe(
        first.after,
        clock(330),
        LIMITS,
        Observation(ProviderRun(RunState.QUEUED), waiting="crash loop"),
    )

    assert [event.type for event in first.events] == ["queue.waiting"]
    assert first.after.job.last_error == "no capacity"
    assert again.events == ()
    assert [event.message for event in other.events] == ["crash loop"]


def test_a_job_that_waited_too_long_fails_with_the_reason() -> None:
    late = LIMITS.max_queue_seconds + 1
    looked = Observation(ProviderRun(RunState.QUEUED), waiting="crash loop")
    ordered = reconcile.observe(submitted(), clock(late), LIMITS, looked).after
    gone = Observation(ProviderRun(RunState.CANCELLED, 0.0))
    job = reconcile.observe(ordered, clock(late), LIMITS, gone).after.job

    assert job.error_code == "queue_timeout"
    assert (job.error_message or "").endswith("may wait: crash loop")


def test_a_queue_that_cannot_be_asked_is_given_up_too() -> None:
    """With a wrong key nobody can say how long it lasts; the order to stop fences the worker."""
    late = LIMITS.max_queue_seconds + 1
    message = "RunPod refuses our API key"
    change = outages.provider_failed(submitted(), clock(late), LIMITS, message=message)

    stop = change.after.job.stop
    assert stop is not None
    assert (stop.reason, stop.detail) == (StopReason.QUEUE_TIMEOUT, message)
    assert change.after.job.due_at == NOON + timedelta(seconds=late + 15)


def test_a_started_worker_is_not_given_up_because_runpod_is_silent() -> None:
    late = LIMITS.max_queue_seconds + 1
    change = outages.provider_failed(training(), clock(late), LIMITS, message="no answer")

    assert change.after.job.stop is None


def test_only_a_long_wait_is_slow() -> None:
    attempt = submitted().attempt
    assert isinstance(attempt, Attempt)

    assert not reconcile.is_slow(attempt, clock(299))
    assert reconcile.is_slow(attempt, clock(300))
