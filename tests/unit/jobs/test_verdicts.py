"""A worker's last word: with us, in staging, or in RunPod's answer, in this order."""

import pytest

from brightrun.jobs.execution.provider import ProviderRun, RunState
from brightrun.jobs.execution.verdicts import left_where_it_lies, verdict_of
from brightrun.training.failure_codes import FailureCode
from brightrun.training.protocol import FinishRequest
from tests.support.job_states import failure, submitted, success, training

URLS = {
    "adapter_model.safetensors": "https://files.example/a",
    "adapter_config.json": "https://files.example/c",
}


def answered(output: dict[str, object], state: RunState = RunState.COMPLETED) -> ProviderRun:
    return ProviderRun(state, gpu_seconds=60.0, output=output)


def said(output: dict[str, object]) -> FinishRequest | None:
    now = training()
    assert now.attempt is not None
    return verdict_of(now.job, now.attempt, None, answered(output))


def test_a_word_to_us_counts_before_one_in_staging_and_that_before_an_answer() -> None:
    told = training({"finish": failure(FailureCode.OUT_OF_MEMORY)})
    assert told.attempt is not None
    silent = training().attempt
    assert silent is not None
    output = answered({"download_urls": URLS})

    assert verdict_of(told.job, told.attempt, success(), output) == told.attempt.finish
    assert verdict_of(told.job, silent, success(), output) == success()
    assert verdict_of(told.job, silent, None, output) != success()


def test_an_answer_with_addresses_is_a_success_by_the_providers_seconds() -> None:
    verdict = said({"download_urls": URLS})

    assert verdict is not None
    assert (verdict.outcome, verdict.execution_seconds) == ("succeeded", 60.0)
    assert dict(verdict.download_urls) == URLS


@pytest.mark.parametrize("output", [{}, {"outcome": "succeeded"}, {"files": URLS}])
def test_an_answer_without_addresses_is_no_word(output: dict[str, object]) -> None:
    assert said(output) is None


@pytest.mark.parametrize("state", [RunState.FAILED, RunState.TIMED_OUT, RunState.CANCELLED])
def test_what_did_not_complete_has_no_files(state: RunState) -> None:
    now = training()
    assert now.attempt is not None

    assert verdict_of(now.job, now.attempt, None, answered({"download_urls": URLS}, state)) is None


def test_who_was_never_let_in_cannot_have_trained() -> None:
    now = submitted()
    assert now.attempt is not None
    for verdict in (
        verdict_of(now.job, now.attempt, None, answered({"download_urls": URLS})),
        verdict_of(now.job, now.attempt, success(), ProviderRun(RunState.COMPLETED)),
    ):
        assert verdict is not None
        assert verdict.error is not None
        assert verdict.error.code is FailureCode.BAD_OUTPUT


@pytest.mark.parametrize(
    ("metadata", "is_taken"),
    [
        ({}, True),
        ({"base_model": "BrightRun/Demo-Base", "adapter_type": "LoRA"}, True),
        ({"base_model": "other/model"}, False),
        ({"adapter_type": "ia3"}, False),
    ],
)
def test_files_of_another_base_model_are_not_what_was_ordered(
    metadata: dict[str, object], is_taken: object
) -> None:
    verdict = said({"download_urls": URLS, "model_metadata": metadata})

    assert verdict is not None
    assert (verdict.outcome == "succeeded") is is_taken


def test_what_no_model_has_is_left_where_it_lies() -> None:
    verdict = said({"download_urls": {**URLS, "optimizer.pt": "https://files.example/o"}})

    assert verdict is not None
    assert left_where_it_lies(verdict) == ["optimizer.pt"]
