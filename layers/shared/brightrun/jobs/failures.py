"""Why jobs fail, and what their owner can do about it: one line for each code. Pure.

What a failure cost is on the job (`final_cost`) and in its cost record: GPU seconds are billed
however they end.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from brightrun.jobs.record import StopReason
from brightrun.training.failure_codes import FailureCode


@dataclass(frozen=True)
class Known:
    """A failure: what happened, and what helps."""

    cause: str
    remedy: str


DATASET_CHANGED = "dataset_changed"
_OURS = "Retry it; if it fails again, it is ours to fix: send us the job's log"

KNOWN: Mapping[str, Known] = MappingProxyType(
    {
        FailureCode.OUT_OF_MEMORY: Known(
            "the GPU's or the machine's memory did not suffice, also with smaller steps",
            "Choose a GPU with more memory, a smaller base model, or a smaller max_sequence_tokens",
        ),
        FailureCode.BAD_DATASET: Known(
            "a row could not be read by the trainer", "Fix the row that is named and upload again"
        ),
        FailureCode.DATASET_CHECKSUM: Known(
            "the dataset arrived changed at the GPU, several times", _OURS
        ),
        DATASET_CHANGED: Known(
            "the file in storage is not the one that was validated; no GPU was started",
            "Upload the file as a new dataset",
        ),
        FailureCode.BAD_CONFIGURATION: Known(
            "the worker refused the order", "Change the setting that is named"
        ),
        FailureCode.NO_TRAINABLE_ROWS: Known(
            "no row is left to train on", "Raise max_sequence_tokens, or add rows that fit"
        ),
        FailureCode.BASE_MODEL_UNAVAILABLE: Known(
            "the base model's files could not be had",
            "Retry later; check that the model and its revision still exist",
        ),
        FailureCode.BASE_MODEL_GATED: Known(
            "the base model wants its licence accepted",
            "Accept it on the Hub and give the endpoint a token, or choose another base model",
        ),
        FailureCode.BASE_MODEL_UNSUPPORTED: Known(
            "this kind of model cannot be trained here", "Choose another base model"
        ),
        FailureCode.CHAT_TEMPLATE_MISSING: Known(
            "the base model has no chat template that can be trained with",
            "Choose an instruction-tuned base model",
        ),
        FailureCode.CONTEXT_TOO_SHORT: Known(
            "max_sequence_tokens is more than the base model can take",
            "Lower max_sequence_tokens, or choose a base model with a longer context",
        ),
        FailureCode.DISK_TOO_SMALL: Known(
            "the worker's disk cannot hold the base model and its checkpoints",
            "Give the endpoint a larger disk, or choose a smaller base model",
        ),
        FailureCode.NON_FINITE_LOSS: Known(
            "the loss became infinite twice, also from the last checkpoint",
            "Lower the learning rate; look at the rows that are named in the log",
        ),
        FailureCode.VERIFICATION_FAILED: Known(
            "the saved adapter did not reproduce its own outputs", _OURS
        ),
        FailureCode.UPLOAD_FAILED: Known("the files could not be stored", _OURS),
        FailureCode.TRAINER_CRASHED: Known("the training process ended unexpectedly", _OURS),
        FailureCode.GPUS_MISSING: Known(
            "each worker had fewer GPUs than were ordered; none of them trained",
            "Order fewer GPUs, or have the endpoint given as many as were ordered, and retry it",
        ),
        FailureCode.GPU_MEMORY_TAKEN: Known(
            "something else held memory of the GPU, on each worker that was tried",
            "Retry it: it goes on from its checkpoint on another worker; a smaller adapter or"
            " base model would not help",
        ),
        FailureCode.BAD_OUTPUT: Known(
            "the worker's answer does not name the files of the model that was ordered",
            "Fix the worker: its answer must be as docs/other-workers.md has it; then retry it",
        ),
        FailureCode.STOPPED: Known(
            "the worker stopped without being asked", "Retry it: it goes on from its checkpoint"
        ),
        StopReason.BUDGET: Known(
            "max_cost would have been passed",
            "Retry it with a higher max_cost: it goes on from its checkpoint",
        ),
        StopReason.DEADLINE: Known(
            "the longest time a job may take is over",
            "Retry it: it goes on from its checkpoint; or use more or faster GPUs",
        ),
        StopReason.QUEUE_TIMEOUT: Known(
            "no GPU came in the longest time a job may wait",
            "Choose another GPU type, or retry later",
        ),
        StopReason.WORKERS_UNHEALTHY: Known(
            "the endpoint's workers crash before they can take a job: their image does not start",
            "Fix the endpoint: hosts whose driver knows the image's CUDA, and the image's tag;"
            " then retry it. RunPod may bill workers that start",
        ),
        "attempts_exhausted": Known(
            "each attempt lost its worker",
            "Retry it: it goes on from its checkpoint; another GPU type may be steadier",
        ),
        "provider_refused": Known(
            "RunPod refused the run", "Check the endpoint's id and RunPod's API key"
        ),
        "provider_unavailable": Known(
            "RunPod took no run for the longest time a job may wait; no GPU worked on it",
            "Retry it when RunPod's status page says that it is well again",
        ),
        "provider_account_limit": Known(
            "RunPod's account has no money left, or has reached its spending limit",
            "Whoever owns the account tops it up or raises its limit; then retry the job",
        ),
        "gpu_unavailable": Known(
            "no endpoint serves this GPU type here", "Choose a GPU type that the catalogue offers"
        ),
        "artifact_verification_failed": Known(
            "a stored file is missing or is not what the worker declared",
            "Retry it; the files of the run are kept for a week",
        ),
        "artifact_download_failed": Known(
            "a file could not be fetched from the address that the worker gave",
            "See that the address is public, https, and answers with the file; then retry it",
        ),
        "internal_error": Known("a step of our own broke again and again", _OURS),
    }
)


def remedy_of(code: str | None) -> str | None:
    """Return what its owner can do about a failed job; None for one that has not failed."""
    known = KNOWN.get(code) if code is not None else None
    return known.remedy if known is not None else None
