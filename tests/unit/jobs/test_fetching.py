"""Files at addresses: what is missing, what counts as progress, and when patience ends."""

from typing import Any

from brightrun.jobs.change import JobState
from brightrun.jobs.completion import fetching
from brightrun.jobs.record import AttemptState, FetchedParts, StopReason, StopRequest
from brightrun.training.protocol import FinishRequest, StoredFile
from brightrun.work import Work, work_of
from tests.support.factories import ADA, JOB_ID, NOON, SHA256
from tests.support.job_states import clock, training

NAME = "adapter_model.safetensors"
FILE = StoredFile(name=NAME, size_bytes=10, sha256=SHA256)
PARTS = FetchedParts(name=NAME, upload_id="u")
HOURS = 3600


def to_collect(**attempt: Any) -> JobState:
    names = (NAME, "adapter_config.json", "optimizer.pt", "terminal.json")
    urls = {name: f"https://files.example/{name}" for name in names}
    finish = FinishRequest(outcome="succeeded", execution_seconds=1, download_urls=urls)
    known = {"state": AttemptState.ENDED, "ended_at": NOON, "finish": finish} | attempt
    return training(known, work=work_of(Work.COLLECT, JOB_ID), tries=2)


def test_only_files_of_a_model_that_have_not_come_are_fetched() -> None:
    assert list(fetching.to_fetch(to_collect().attempt)) == [NAME, "adapter_config.json"]
    assert list(fetching.to_fetch(to_collect(fetched=(FILE,)).attempt)) == ["adapter_config.json"]
    assert fetching.to_fetch(training().attempt) == {}


def test_what_has_come_counts_towards_the_size_of_a_model() -> None:
    first, second = to_collect().attempt, to_collect(fetched=(FILE,)).attempt
    assert first is not None
    assert second is not None

    assert fetching.most_bytes(first) - fetching.most_bytes(second) == 10


def test_a_file_that_has_come_is_kept_and_its_tries_are_counted_anew() -> None:
    after = fetching.arrived(to_collect(fetching=PARTS), clock(), FILE).after

    assert after.attempt is not None
    assert (after.attempt.fetched, after.attempt.fetching, after.job.tries) == ((FILE,), None, 0)


def test_more_parts_are_no_failed_try_and_the_rest_is_due_at_once() -> None:
    state = fetching.moved_on(to_collect(fetching=PARTS), clock(60), parts=3, why="time").after

    assert state.attempt is not None
    assert state.attempt.fetching is not None
    assert (state.attempt.fetching.most_parts, state.job.tries) == (3, 0)
    assert state.job.due_at == clock(60).at


def test_a_file_that_still_comes_after_two_hours_ends_the_job() -> None:
    late = clock(2 * HOURS + 1)
    job = fetching.moved_on(to_collect(fetching=PARTS), late, parts=3, why="slow").after.job

    assert (job.status, job.error_code) == ("failed", "artifact_download_failed")


def test_a_cancel_ends_a_long_wait_for_files() -> None:
    order = StopRequest(reason=StopReason.CANCELLED_BY_USER, requested_by=ADA, requested_at=NOON)
    state = to_collect(fetching=PARTS)
    cancelled = JobState(state.job.model_copy(update={"stop": order}), state.attempt)

    assert fetching.moved_on(cancelled, clock(), parts=3, why="").after.job.status == "cancelled"


def test_whoever_is_slower_than_his_lease_changes_nothing() -> None:
    gone_on = training({"fetching": PARTS})  # waits for something else by now

    assert fetching.arrived(gone_on, clock(), FILE).is_empty
    assert fetching.begun(gone_on, PARTS).is_empty
    assert fetching.moved_on(gone_on, clock(), parts=1, why="").is_empty
    assert fetching.goes_on(gone_on, clock()).is_empty
