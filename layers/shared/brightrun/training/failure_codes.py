"""Why a worker failed, and which failures another try may end differently. Pure."""

from enum import StrEnum


class FailureCode(StrEnum):
    """Why a worker failed. `RETRIABLE` says which may end differently next time."""

    OUT_OF_MEMORY = "out_of_memory"
    BAD_DATASET = "bad_dataset"
    DATASET_CHECKSUM = "dataset_checksum"
    BAD_CONFIGURATION = "bad_configuration"
    NO_TRAINABLE_ROWS = "no_trainable_rows"
    BASE_MODEL_UNAVAILABLE = "base_model_unavailable"
    BASE_MODEL_GATED = "base_model_gated"
    BASE_MODEL_UNSUPPORTED = "base_model_unsupported"
    CHAT_TEMPLATE_MISSING = "chat_template_missing"
    CONTEXT_TOO_SHORT = "context_too_short"
    DISK_TOO_SMALL = "disk_too_small"
    NON_FINITE_LOSS = "non_finite_loss"
    VERIFICATION_FAILED = "verification_failed"
    UPLOAD_FAILED = "upload_failed"
    TRAINER_CRASHED = "trainer_crashed"
    GPUS_MISSING = "gpus_missing"
    GPU_MEMORY_TAKEN = "gpu_memory_taken"
    BAD_OUTPUT = "bad_output"
    STOPPED = "stopped"


UNFIT_WORKER = frozenset({FailureCode.GPUS_MISSING, FailureCode.GPU_MEMORY_TAKEN})
"""Failures of the machine alone: another worker takes the job, and no attempt is counted."""
RETRIABLE = UNFIT_WORKER | {
    FailureCode.DATASET_CHECKSUM,
    FailureCode.UPLOAD_FAILED,
    FailureCode.TRAINER_CRASHED,
    FailureCode.BASE_MODEL_UNAVAILABLE,
}
