"""The worker protocol's edge: a stranger with a ticket for one attempt of one job.

The ticket's own job and attempt must be those of the path. Every call may come twice.
"""

from aws_lambda_powertools.event_handler.api_gateway import Router

from brightrun.envelope import Success
from brightrun.training.protocol import (
    CheckpointRequest,
    Download,
    FinishAnswer,
    FinishRequest,
    ReportAnswer,
    ReportRequest,
    StartAnswer,
    StartRequest,
)
from brightrun.training.uploading import CompleteRequest, UploadsAnswer, UploadsRequest
from functions.api import worker_protocol
from functions.api.dependencies import Attempt, Wires

router = Router()  # type: ignore[no-untyped-call]
_PREFIX = "/worker/v1/jobs/<job_id>/attempts/<attempt>"


@router.post(f"{_PREFIX}/start", tags=["worker"])
def start(
    deps: Wires, held: Attempt, job_id: str, attempt: int, request: StartRequest
) -> Success[StartAnswer]:
    """Let exactly one run of this attempt in, and tell it what to train."""
    return Success(data=worker_protocol.start(deps, held, request))


@router.post(f"{_PREFIX}/dataset", tags=["worker"])
def dataset(deps: Wires, held: Attempt, job_id: str, attempt: int) -> Success[Download]:
    """Return a fresh URL for the dataset."""
    return Success(data=worker_protocol.dataset_download(deps, held))


@router.post(f"{_PREFIX}/report", tags=["worker"])
def report(
    deps: Wires, held: Attempt, job_id: str, attempt: int, request: ReportRequest
) -> Success[ReportAnswer]:
    """Record what happened, and tell the worker to go on or to stop."""
    return Success(data=worker_protocol.report(deps, held, request))


@router.post(f"{_PREFIX}/uploads", tags=["worker"])
def uploads(
    deps: Wires, held: Attempt, job_id: str, attempt: int, request: UploadsRequest
) -> Success[UploadsAnswer]:
    """Allow files into this attempt's own part of staging, bound to size and SHA-256."""
    return Success(data=worker_protocol.grant_uploads(deps, held, request))


@router.post(f"{_PREFIX}/complete", tags=["worker"])
def complete(
    deps: Wires, held: Attempt, job_id: str, attempt: int, request: CompleteRequest
) -> Success[FinishAnswer]:
    """Join a file whose parts have come; saying it again finds it joined."""
    worker_protocol.join_parts(deps, held, request)
    return Success(data=FinishAnswer())


@router.post(f"{_PREFIX}/checkpoint", tags=["worker"])
def checkpoint(
    deps: Wires, held: Attempt, job_id: str, attempt: int, request: CheckpointRequest
) -> Success[FinishAnswer]:
    """Keep a checkpoint, once each of its files is known to be there as declared."""
    worker_protocol.keep_checkpoint(deps, held, request)
    return Success(data=FinishAnswer())


@router.post(f"{_PREFIX}/finish", tags=["worker"])
def finish(
    deps: Wires, held: Attempt, job_id: str, attempt: int, request: FinishRequest
) -> Success[FinishAnswer]:
    """Record the worker's verdict; RunPod's own word and the files decide what it is worth."""
    worker_protocol.finish(deps, held, request)
    return Success(data=FinishAnswer())
