"""A worker's last word, wherever it was left: with us, in staging, or in RunPod's answer. Pure.

A worker other than ours may speak the last word by its output alone, in the contract of the
system that this one replaces: `{download_urls, model_metadata}` (docs/other-workers.md).
"""

from pydantic import ValidationError

from brightrun.jobs.execution.provider import ProviderRun, RunState
from brightrun.jobs.record import Attempt, Job
from brightrun.jobs.worker_bounds import MODEL_FILES
from brightrun.s3_keys import ADAPTER_FILES
from brightrun.training.failure_codes import FailureCode
from brightrun.training.protocol import FinishRequest, RunFailure

_ADDRESSES, _METADATA = "download_urls", "model_metadata"
_ADAPTERS = frozenset({"lora", "qlora"})


def verdict_of(
    job: Job, attempt: Attempt, terminal: FinishRequest | None, seen: ProviderRun
) -> FinishRequest | None:
    """Return how the attempt ended in its worker's own words; None if it left none.

    Whoever was never let in has had no dataset, and has trained on none.
    """
    verdict = attempt.finish or terminal or _from_output(seen)
    if verdict is None or verdict.outcome != "succeeded":
        return verdict
    complaint = _complaint(job, verdict) if verdict.download_urls else None
    if attempt.started_at is None:
        complaint = "The worker speaks of a model without having asked for its dataset"
    return verdict if complaint is None else _bad(verdict.execution_seconds, complaint)


def left_where_it_lies(verdict: FinishRequest) -> list[str]:
    """Return what is never fetched: a pickle would be code for whoever loads it."""
    return sorted(set(verdict.download_urls) - MODEL_FILES)


def _from_output(seen: ProviderRun) -> FinishRequest | None:
    """Return what RunPod's answer says."""
    output = seen.output
    if seen.state is not RunState.COMPLETED or output is None or _ADDRESSES not in output:
        return None
    seconds = seen.gpu_seconds or 0.0
    words = {name: output[name] for name in (_ADDRESSES, _METADATA) if output.get(name)}
    try:
        return FinishRequest.model_validate(
            {"outcome": "succeeded", "execution_seconds": seconds, _ADDRESSES: {}} | words
        )
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in found["loc"] if part != "[key]")
        return _bad(seconds, f"The worker's answer: {where[:200]}: {found['msg']}")


def _complaint(job: Job, verdict: FinishRequest) -> str | None:
    """Return why these files cannot be the model that was ordered."""
    missing = [name for name in ADAPTER_FILES if name not in verdict.download_urls]
    if missing:
        return f"The worker names no address for {', '.join(missing)}"
    said = verdict.model_metadata
    if said is None:
        return None
    if said.base_model and said.base_model.casefold() != job.base_model.casefold():
        return f"The worker trained {said.base_model}; {job.base_model} was ordered"
    if said.adapter_type and said.adapter_type.casefold() not in _ADAPTERS:
        return f"The worker made an adapter of type {said.adapter_type}, not a LoRA"
    return None


def _bad(seconds: float, message: str) -> FinishRequest:
    error = RunFailure(code=FailureCode.BAD_OUTPUT, message=message)
    return FinishRequest(outcome="failed", execution_seconds=seconds, error=error)
