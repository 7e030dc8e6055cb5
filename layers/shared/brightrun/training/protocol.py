"""The worker protocol: what a GPU worker may ask and say. Pure; imports pydantic alone.

Every call is `POST /worker/v1/jobs/{job_id}/attempts/{attempt}/{call}` with the attempt's own
bearer token, and every call may arrive twice. The trainer image installs this module, so both
ends read the same models. An answer of 409 `superseded` means: stop at once, without training.
"""

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from brightrun.records import Moment, Request
from brightrun.training.bounds import (
    FILE_NAME,
    RUN_ID,
    Amount,
    Count,
    Label,
    Measure,
    Message,
    Number,
    Step,
    Text,
    WorkerMessage,
)
from brightrun.training.configuration import Hyperparameters, OverLength
from brightrun.training.download_urls import DownloadUrls, ModelMetadata
from brightrun.training.failure_codes import FailureCode
from brightrun.training.ledger import LedgerTotals

SHA256_HEX = r"^[0-9a-f]{64}$"
PARTS_SHA256 = r"^[0-9a-f]{64}-[1-9][0-9]{0,4}$"
MAX_POINTS_PER_REPORT = 40
MAX_LINES_PER_REPORT = 40
MAX_VERDICT_BYTES = 300_000
"""A verdict is stored with its attempt, and an item of the table may have 400 KB."""


class Stage(StrEnum):
    """What a job is doing, in the worker's words once there is one (spec: section 1)."""

    QUEUED = "queued"
    SUBMITTING = "submitting"
    QUEUED_ON_GPU = "queued_on_gpu"
    DOWNLOADING_DATASET = "downloading_dataset"
    LOADING_MODEL = "loading_model"
    TRAINING = "training"
    EVALUATING = "evaluating"
    SAVING = "saving"
    UPLOADING = "uploading"
    COMPLETED = "completed"


class JobInput(Request):
    """The whole `input` of a RunPod job; the token dies with the attempt."""

    job_id: str
    attempt: int
    api_url: str
    token: str


class StoredFile(WorkerMessage):
    """One file in storage, as declared or as granted.

    Attributes:
        parts_sha256: of a file that went up in parts: `brightrun.multipart.digest_of_parts`.
    """

    name: Annotated[str, Field(pattern=FILE_NAME)]
    size_bytes: Count
    sha256: Annotated[str, Field(pattern=SHA256_HEX)]
    parts_sha256: Annotated[
        str | None, Field(pattern=PARTS_SHA256, exclude_if=lambda digest: digest is None)
    ] = None


class Download(StoredFile):
    """A file to fetch now: the URL is signed just before use."""

    url: str


class BaseModelRef(Request):
    """The frozen weights: the same id and revision on job, worker and model."""

    id: str
    revision: str


class TrainingSpec(Request):
    """Everything that decides what a run computes; unknown fields are an error.

    Attributes:
        over_length: left out where it is the default, so that a worker of an earlier version,
            which knows no other, trains on.
        gpu_count: as many GPUs as were ordered and are paid for; a worker uses no more of them
            and refuses to start with fewer. None, from an earlier platform: all that there are.
    """

    job_id: str
    base_model: BaseModelRef
    hyperparameters: Hyperparameters
    over_length: Annotated[
        OverLength, Field(exclude_if=lambda chosen: chosen is OverLength.REJECT)
    ] = OverLength.REJECT
    gpu_count: Annotated[int | None, Field(ge=1, exclude_if=lambda count: count is None)] = None


class StartRequest(WorkerMessage):
    """The worker introduces itself; only one RunPod id per attempt is let in."""

    external_job_id: Annotated[str, Field(pattern=RUN_ID)]
    worker_id: Annotated[Label, Field(min_length=1)]
    gpu_name: Label | None = None
    gpu_count: Annotated[int, Field(ge=0, le=1024)] = 0
    gpu_memory_gb: Measure = None
    image_version: Label = "unknown"


class Checkpoint(Request):
    """A resumable state: the step it was taken after, and its files."""

    step: int
    files: tuple[Download, ...]


class StartAnswer(Request):
    """What the worker may train, until when, and for how much per second."""

    dataset: Download
    spec: TrainingSpec
    resume_from: Checkpoint | None = None
    deadline: Moment
    price_usd_per_second: float
    report_interval_seconds: float = 15.0


class Point(WorkerMessage):
    """Metrics of one optimizer step; a repeated step replaces the earlier one.

    Attributes:
        total_tokens: of the step's rows; they alone count as throughput.
        padding_tokens: computed besides, for models whose rows cannot be packed.
        step_seconds: of forward and backward passes and the update, validation aside.
        gpu_utilization_percent: mean over the GPUs; `gpu_memory_gb` is of the fullest.
        gpu_peak_memory_gb: most that torch held at once in this step, on the first GPU.
        eta_seconds: until the last step, as things went so far.
    """

    step: Step
    epoch: Amount
    timestamp: Moment
    training_loss: Measure = None
    validation_loss: Measure = None
    learning_rate: Measure = None
    gradient_norm: Measure = None
    throughput_tokens_per_second: Measure = None
    supervised_tokens: Count | None = None
    total_tokens: Count | None = None
    padding_tokens: Count | None = None
    flops_utilization_percent: Measure = None
    gpu_utilization_percent: Measure = None
    gpu_memory_gb: Measure = None
    gpu_peak_memory_gb: Measure = None
    step_seconds: Measure = None
    eta_seconds: Measure = None


class LogLine(WorkerMessage):
    """One line of the trainer's log."""

    time: Moment
    level: Literal["info", "warning", "error"] = "info"
    message: Message


class ReportRequest(WorkerMessage):
    """What happened since the last report; `sequence` rises within an attempt.

    `execution_seconds` is the worker's own clock since `start`, used for running cost only.
    """

    sequence: Count
    stage: Stage
    progress_percent: Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)] = 0.0
    step: Step = 0
    total_steps: Step = 0
    epoch: Amount = 0.0
    eta_seconds: Measure = None
    execution_seconds: Amount = 0.0
    points: Annotated[tuple[Point, ...], Field(max_length=MAX_POINTS_PER_REPORT)] = ()
    lines: Annotated[tuple[LogLine, ...], Field(max_length=MAX_LINES_PER_REPORT)] = ()


class ReportAnswer(Request):
    """Go on, or stop with the last checkpoint kept."""

    action: Literal["continue", "stop"]
    reason: str | None = None


class CheckpointRequest(WorkerMessage):
    """All files of a checkpoint are stored; the next attempt may resume from it."""

    step: Step
    files: Annotated[tuple[StoredFile, ...], Field(min_length=1, max_length=20)]


class RunFailure(WorkerMessage):
    """A code to branch on and a sentence a user can act on."""

    code: FailureCode
    message: Message


class Comparison(WorkerMessage):
    """Base against adapter on the same held-out rows (spec: section 7).

    Attributes:
        difference: adapter minus base in mean NLL per token; low and high bound it (95 %).
        prompt_gain: how much likelier, in the same unit, the adapter finds an answer after its own
            prompt than after another row's; an adapter that only learned how answers sound has
            none.
        reason: why the verdict is what it is, in words.
    """

    rows: Count
    tokens: Count
    base_loss: Number
    adapter_loss: Number
    difference: Number
    difference_low: Number
    difference_high: Number
    prompt_gain: Measure = None
    prompt_gain_low: Measure = None
    prompt_gain_high: Measure = None
    verdict: Literal["better", "not_shown_better", "worse"]
    reason: Message = ""


class Sample(WorkerMessage):
    """One held-out prompt answered by both, greedily."""

    prompt: Text
    reference: Text
    base_answer: Text
    adapter_answer: Text


class RunSummary(WorkerMessage):
    """What the run did, counted by the worker; `ledger`: the dataset's rows as it read them.

    `delivered_step`: whose adapter it is; not the last one where an earlier one was better.
    """

    epochs_completed: Amount
    total_steps: Step
    trained_rows: Count
    validation_rows: Count
    trained_tokens: Count
    final_training_loss: Measure
    final_validation_loss: Measure
    training_seconds: Amount
    probe_max_difference: Number
    resumed_from_step: Step | None = None
    delivered_step: Step | None = None
    comparison: Comparison | None = None
    samples: Annotated[tuple[Sample, ...], Field(max_length=50)] = ()
    ledger: LedgerTotals | None = None


class FinishRequest(WorkerMessage):
    """The worker's verdict, written to staging as `terminal.json` before it is sent.

    Attributes:
        download_urls: of a worker other than ours: where its files are, instead of a manifest.
    """

    outcome: Literal["succeeded", "failed", "stopped"]
    execution_seconds: Amount
    error: RunFailure | None = None
    manifest: Annotated[tuple[StoredFile, ...], Field(max_length=50)] = ()
    summary: RunSummary | None = None
    download_urls: DownloadUrls = Field(default_factory=dict)
    model_metadata: ModelMetadata | None = None

    @model_validator(mode="after")
    def _fits_into_an_item(self) -> Self:
        if len(self.model_dump_json()) > MAX_VERDICT_BYTES:
            raise ValueError(f"a verdict may have {MAX_VERDICT_BYTES} bytes")
        return self


class FinishAnswer(Request):
    """Recorded; repeating it changes nothing."""

    recorded: bool = True
