"""Every way a job can fail has a cause and a remedy, and the document says the same."""

from pathlib import Path

import pytest

from brightrun.jobs.failures import KNOWN, remedy_of
from brightrun.training.failure_codes import FailureCode

OF_OUR_OWN = {
    "budget_exceeded",
    "dataset_changed",
    "deadline_exceeded",
    "queue_timeout",
    "workers_unhealthy",
    "attempts_exhausted",
    "provider_refused",
    "provider_unavailable",
    "provider_account_limit",
    "gpu_unavailable",
    "artifact_verification_failed",
    "artifact_download_failed",
    "internal_error",
}  # typed out: the oracle


def test_each_code_a_job_can_fail_with_is_known_and_no_other() -> None:
    assert set(KNOWN) == set(FailureCode) | OF_OUR_OWN


@pytest.mark.parametrize("code", sorted(KNOWN))
def test_the_document_says_the_same(code: str) -> None:
    known = KNOWN[code]

    assert f"| `{code}` | {known.cause} | {known.remedy} |" in Path("docs/errors.md").read_text()


def test_a_job_that_did_not_fail_needs_no_remedy() -> None:
    assert remedy_of(None) is None
