"""What a worker is answered: what to train, where its files go, whether to go on.

Every call may come twice; each says the same the second time.
"""

from dataclasses import dataclass

from brightrun.jobs.bill import hourly_rate_of
from brightrun.jobs.change import Change, JobState
from brightrun.jobs.execution import worker_files, worker_messages
from brightrun.jobs.record import Job, StoredCheckpoint
from brightrun.ports import eventbridge
from brightrun.ports.dynamodb.jobs import change_job, read_state
from brightrun.ports.s3 import objects, staging
from brightrun.ports.s3.staging import as_stored
from brightrun.records import UserId
from brightrun.runtime import Deps
from brightrun.s3_keys import dataset_object_name, staged
from brightrun.training.protocol import (
    BaseModelRef,
    Checkpoint,
    CheckpointRequest,
    Download,
    FinishRequest,
    ReportAnswer,
    ReportRequest,
    StartAnswer,
    StartRequest,
    StoredFile,
    TrainingSpec,
)
from brightrun.training.uploading import CompleteRequest, UploadFile, UploadsAnswer, UploadsRequest
from functions.api.kept_checkpoints import left_by_the_last


@dataclass(frozen=True)
class WorkersAttempt:
    """The attempt that a worker's token is for, and the owner of its job."""

    owner: UserId
    job_id: str
    number: int

    def place(self, file: UploadFile) -> str:
        """Return where a file of this attempt lies in storage."""
        step = file.step if file.kind == "checkpoint" else None
        return staged(self.job_id, self.number, checkpoint_step=step) + file.name


def start(deps: Deps, attempt: WorkersAttempt, request: StartRequest) -> StartAnswer:
    """Let exactly one run of this attempt in, and tell it what to train.

    What the attempt before it stored until now counts, also when nobody has told of it.
    """
    before = read_state(deps.table, attempt.owner, attempt.job_id)
    kept = left_by_the_last(deps, before)

    def decide(state: JobState) -> Change:
        clock, number = deps.clock(), attempt.number
        return worker_messages.started(
            state, clock, deps.limits, number=number, message=request, kept=kept
        )

    change = change_job(deps.table, attempt.owner, attempt.job_id, decide, seen=before)
    eventbridge.announce(deps.bus, eventbridge.EventType.ATTEMPT_STARTED, attempt.job_id)
    return _what_to_train(deps, change.after)


def report(deps: Deps, attempt: WorkersAttempt, request: ReportRequest) -> ReportAnswer:
    """Record what happened, and tell the worker to go on or to stop."""

    def decide(state: JobState) -> Change:
        clock, number = deps.clock(), attempt.number
        return worker_messages.reported(state, clock, deps.limits, number=number, message=request)

    change = change_job(deps.table, attempt.owner, attempt.job_id, decide)
    return worker_messages.answer_to_report(change.after)


def finish(deps: Deps, attempt: WorkersAttempt, request: FinishRequest) -> None:
    """Record the worker's verdict; RunPod's own word and the files decide what it is worth."""

    def decide(state: JobState) -> Change:
        return worker_messages.finished(state, deps.clock(), number=attempt.number, message=request)

    change_job(deps.table, attempt.owner, attempt.job_id, decide)
    eventbridge.announce(deps.bus, eventbridge.EventType.ATTEMPT_FINISHED, attempt.job_id)


def keep_checkpoint(deps: Deps, attempt: WorkersAttempt, request: CheckpointRequest) -> None:
    """Keep a checkpoint, once each of its files is known to be there as declared."""
    prefix = staged(attempt.job_id, attempt.number, checkpoint_step=request.step)
    for file in request.files:
        objects.check_object(deps.store, prefix + file.name, file)

    def decide(state: JobState) -> Change:
        return worker_files.checkpointed(
            state, deps.clock(), number=attempt.number, message=request
        )

    change_job(deps.table, attempt.owner, attempt.job_id, decide)


def dataset_download(deps: Deps, attempt: WorkersAttempt) -> Download:
    """Return a fresh URL for the dataset."""
    return _dataset(deps, _current_job(deps, attempt))


def grant_uploads(deps: Deps, attempt: WorkersAttempt, request: UploadsRequest) -> UploadsAnswer:
    """Allow files into this attempt's own part of staging, bound to size and SHA-256."""

    def decide(state: JobState) -> Change:
        return worker_files.allowed(state, number=attempt.number, files=request.files)

    change_job(deps.table, attempt.owner, attempt.job_id, decide)
    _note_checkpoints(deps, attempt, request)
    allowed = (staging.grant(deps.store, attempt.place(file), file) for file in request.files)
    return UploadsAnswer(uploads=tuple(allowed))


def _note_checkpoints(deps: Deps, attempt: WorkersAttempt, request: UploadsRequest) -> None:
    by_step: dict[int, list[StoredFile]] = {}
    for file in request.files:
        if file.kind == "checkpoint" and file.step is not None:
            by_step.setdefault(file.step, []).append(as_stored(file))
    for step, files in by_step.items():

        def decide(
            state: JobState, step: int = step, files: tuple[StoredFile, ...] = tuple(files)
        ) -> Change:
            return worker_files.offering(
                state, deps.clock(), number=attempt.number, step=step, files=files
            )

        change_job(deps.table, attempt.owner, attempt.job_id, decide)


def join_parts(deps: Deps, attempt: WorkersAttempt, request: CompleteRequest) -> None:
    """Join a file whose parts have come; joining it again finds it joined."""
    _current_job(deps, attempt)
    staging.join(deps.store, attempt.place(request), request)


def _current_job(deps: Deps, attempt: WorkersAttempt) -> Job:
    """Return the job. Raises Superseded when this is not its newest attempt any more."""
    state = read_state(deps.table, attempt.owner, attempt.job_id)
    worker_messages.current_attempt(state, attempt.number)
    return state.job


def _what_to_train(deps: Deps, state: JobState) -> StartAnswer:
    job = state.job
    return StartAnswer(
        dataset=_dataset(deps, job),
        spec=TrainingSpec(
            job_id=job.id,
            gpu_count=job.gpu_config.count,
            base_model=BaseModelRef(id=job.base_model, revision=job.base_model_revision),
            hyperparameters=job.hyperparameters,
            over_length=job.over_length,
        ),
        resume_from=_resumable(deps, job.checkpoint) if job.checkpoint else None,
        deadline=job.deadline_at or deps.clock().after(deps.limits.max_job_hours * 3600),
        price_usd_per_second=float(hourly_rate_of(job, state.attempt) / 3600),
        report_interval_seconds=deps.limits.report_interval_seconds,
    )


def _dataset(deps: Deps, job: Job) -> Download:
    """Signed now, because a URL signed by a role dies with the role's session."""
    return Download(
        name=dataset_object_name(job.dataset_path),
        size_bytes=job.dataset_size_bytes,
        sha256=job.dataset_sha256,
        url=objects.sign_download(deps.store, job.dataset_path, version_id=job.dataset_version_id),
    )


def _resumable(deps: Deps, kept: StoredCheckpoint) -> Checkpoint:
    prefix = staged(kept.job_id, kept.attempt, checkpoint_step=kept.step)
    return Checkpoint(
        step=kept.step,
        files=tuple(
            Download(
                name=file.name,
                size_bytes=file.size_bytes,
                sha256=file.sha256,
                url=objects.sign_download(deps.store, prefix + file.name),
            )
            for file in kept.files
        ),
    )
