"""A collector that was slower than its lease."""

from brightrun.jobs.change import JobState
from brightrun.jobs.collecting import not_collected, published
from brightrun.jobs.publishing import model_of
from brightrun.jobs.record import AttemptState, JobStatus
from brightrun.s3_keys import REQUIRED_FILES
from brightrun.training.protocol import FinishRequest, StoredFile
from tests.support.factories import NOON, SHA256, a_job, an_attempt
from tests.support.job_states import LIMITS, clock


def collected(status: JobStatus) -> JobState:
    manifest = tuple(StoredFile(name=n, size_bytes=1, sha256=SHA256) for n in REQUIRED_FILES)
    finish = FinishRequest(outcome="succeeded", execution_seconds=100, manifest=manifest)
    attempt = an_attempt(state=AttemptState.ENDED, finish=finish, gpu_seconds=100)
    return JobState(a_job(status=status, attempt=1), attempt)


def test_a_late_collector_does_not_publish_a_second_time() -> None:
    state = collected(JobStatus.COMPLETED)
    model = model_of(state, [], at=NOON)

    assert published(state, clock(86_400), model).is_empty


def test_a_late_collector_that_finds_staging_empty_leaves_the_ended_job_alone() -> None:
    state = collected(JobStatus.COMPLETED)

    assert not_collected(state, clock(400), LIMITS, message="it is missing").is_empty
