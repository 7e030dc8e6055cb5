"""What RunPod gives the handler, and what it gets back."""

import asyncio

import pytest
from runpod.serverless.modules.rp_job import run_job

from brightrun.training.failure_codes import FailureCode
from brightrun.training.protocol import RunFailure
from tests.support.trainer.fake_platform import ORDER
from trainer_image.handler import describe, handle
from trainer_image.worker.context import Verdict


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({}, "job_id: Field required"),
        (ORDER.model_dump() | {"model": "x"}, "model: Extra inputs are not permitted"),
        (ORDER.model_dump() | {"attempt": "first"}, "attempt: Input should be a valid integer"),
    ],
)
def test_input_that_is_not_ours_is_refused_by_field_without_the_token(
    given: dict[str, object], named: str
) -> None:
    output = asyncio.run(handle({"id": "runpod-1", "input": given}))

    assert named in output["error"]
    assert ORDER.token not in str(output)


def test_a_failed_attempt_is_an_error_in_words() -> None:
    """A dictionary as `error` would make RunPod report COMPLETED."""
    failure = RunFailure(code=FailureCode.OUT_OF_MEMORY, message="a row does not fit")

    assert describe(ORDER, Verdict("failed", failure)) == {
        "error": "out_of_memory: a row does not fit"
    }


@pytest.mark.parametrize("code", ["trainer_crashed", "gpus_missing", "gpu_memory_taken"])
def test_a_worker_whose_gpu_may_be_to_blame_does_not_get_the_retry(code: str) -> None:
    failure = RunFailure(code=FailureCode(code), message="an illegal memory access")

    output = describe(ORDER, Verdict("failed", failure))

    assert output == {"error": f"{code}: an illegal memory access", "refresh_worker": True}
    assert asyncio.run(run_job(lambda _job: output, {"id": "1"}))["stopPod"] is True


@pytest.mark.parametrize("outcome", ["succeeded", "stopped", "superseded"])
def test_any_other_end_is_a_few_words(outcome: str) -> None:
    verdict = Verdict(outcome)  # type: ignore[arg-type]  # a parametrized literal

    assert describe(ORDER, verdict) == {"outcome": outcome, "job_id": "job-1", "attempt": 1}


def test_an_api_that_cannot_be_reached_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing listens there; the handler gives up after a bounded number of tries."""
    monkeypatch.setenv("BRIGHTRUN_FIRST_PAUSE_SECONDS", "0.001")
    order = ORDER.model_dump() | {"api_url": "http://127.0.0.1:9"}

    output = asyncio.run(handle({"id": "runpod-1", "input": order}))

    assert output["error"].startswith("not_started: start: ConnectError")
