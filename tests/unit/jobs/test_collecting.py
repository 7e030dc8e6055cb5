"""A collector that was slower than its lease.

Covers: datasets.ledger_check, jobs.completion.publishing.
"""

from brightrun.datasets.record import Statistics
from brightrun.jobs.change import JobState
from brightrun.jobs.completion.collecting import not_collected, published
from brightrun.jobs.completion.publishing import model_of
from brightrun.jobs.record import AttemptState, JobStatus
from brightrun.s3_keys import REQUIRED_FILES
from brightrun.training.ledger import LedgerTotals
from brightrun.training.protocol import FinishRequest, RunSummary, StoredFile
from tests.support.factories import NOON, SHA256, a_job, a_summary, an_attempt
from tests.support.job_states import LIMITS, clock


def collected(status: JobStatus, summary: RunSummary | None = None) -> JobState:
    manifest = tuple(StoredFile(name=n, size_bytes=1, sha256=SHA256) for n in REQUIRED_FILES)
    finish = FinishRequest(
        outcome="succeeded", execution_seconds=100, manifest=manifest, summary=summary
    )
    attempt = an_attempt(state=AttemptState.ENDED, finish=finish, gpu_seconds=100)
    return JobState(a_job(status=status, attempt=1), attempt)


def test_a_late_collector_does_not_publish_a_second_time() -> None:
    state = collected(JobStatus.COMPLETED)
    model = model_of(state, [], at=NOON)

    assert published(state, clock(86_400), model).is_empty


def test_a_late_collector_that_finds_staging_empty_leaves_the_ended_job_alone() -> None:
    state = collected(JobStatus.COMPLETED)

    assert not_collected(state, clock(400), LIMITS, message="it is missing").is_empty


COUNTED = Statistics(
    rows=12,
    trained_rows=10,
    skipped_rows=1,
    rejected_rows=1,
    total_tokens=500,
    trained_tokens=200,
    token_count_method="tokenizer",
)
SAME = LedgerTotals(
    rows=12, trained_rows=10, skipped_rows=1, rejected_rows=1, tokens=500, trained_tokens=200
)


def test_a_model_says_whether_its_run_counted_the_rows_as_the_validator_did() -> None:
    same = collected(JobStatus.COMPLETED, a_summary(ledger=SAME))
    fewer = SAME.model_copy(update={"trained_rows": 9, "rejected_rows": 2, "tokens": 450})
    other = collected(JobStatus.COMPLETED, a_summary(ledger=fewer))

    agreed = model_of(same, [], at=NOON, counted=COUNTED).ledger
    differs = model_of(other, [], at=NOON, counted=COUNTED).ledger

    assert agreed is not None
    assert agreed.agrees
    assert differs is not None
    assert not differs.agrees
    assert differs.differences == {
        "trained_rows": (10, 9),
        "rejected_rows": (1, 2),
        "tokens": (500, 450),
    }


def test_estimated_tokens_are_no_difference_and_an_absent_dataset_is_told() -> None:
    guessed = COUNTED.model_copy(update={"total_tokens": 480, "token_count_method": "estimate"})
    state = collected(JobStatus.COMPLETED, a_summary(ledger=SAME))

    by_estimate = model_of(state, [], at=NOON, counted=guessed).ledger
    without = model_of(state, [], at=NOON).ledger

    assert by_estimate is not None
    assert by_estimate.agrees
    assert without is not None
    assert (without.compared, without.agrees, without.trained) == (False, False, SAME)
    assert model_of(collected(JobStatus.COMPLETED), [], at=NOON, counted=COUNTED).ledger is None
