"""Validate: read an uploaded file once, report every problem, and say whether it can train.

Safe to run twice: a claim only one can win, the same file gives the same report under the same
key, and a validator that died is replaced when its lease ends.
"""

import hashlib
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import orjson
from aws_lambda_powertools import Logger
from botocore.exceptions import BotoCoreError, ClientError

from brightrun.datasets.lifecycle import abandoned, confirmed, not_validated, validated
from brightrun.datasets.notifications import dataset_failed, dataset_ready
from brightrun.datasets.problems import Code
from brightrun.datasets.record import Dataset, DatasetStatus, Problem
from brightrun.datasets.tokenizing.chat_encoder import ChatEncoder, EncodingRefused
from brightrun.datasets.validation.validator import Validated, validate
from brightrun.errors import (
    DatasetNotFound,
    InvalidTransition,
    PlatformError,
    UploadIncomplete,
)
from brightrun.ports.dynamodb import heartbeats
from brightrun.ports.dynamodb.datasets import DatasetChange, change_dataset, find_duplicate
from brightrun.ports.dynamodb.work_queue import claim, due
from brightrun.ports.s3 import objects
from brightrun.ports.s3.multipart import abort_parts
from brightrun.ports.s3.tokenizers import find_encoder
from brightrun.records import UserId
from brightrun.runtime import Deps, production
from brightrun.s3_keys import report_key
from brightrun.training.catalog import TrainableModel
from brightrun.training.configuration import Hyperparameters
from brightrun.work import Work

LEASE_SECONDS = 930
"""Longer than the function may run, so that no two ever read the same file."""
PER_SHARD = 5
DEFAULT_MAX_SEQUENCE_TOKENS = Hyperparameters().max_sequence_tokens

log = Logger(service="validate_dataset")


def lambda_handler(event: dict[str, Any], context: object) -> dict[str, int]:
    """Validate what waits; an S3 event also confirms the upload it tells of."""
    return handle(event, context, production())


def handle(event: dict[str, Any], context: object, deps: Deps) -> dict[str, int]:
    """Take every due validation; one that breaks counts on its own dataset and comes back."""
    heartbeats.record_heartbeat(deps.table, "validate_dataset", deps.now())
    if (key := _created_key(event)) is not None:
        confirm_by_event(deps, key)
    done = broken = 0
    for dataset in due(deps.table, Work.VALIDATE, Dataset, now=deps.now(), limit=PER_SHARD):
        held = claim(deps.table, dataset, now=deps.now(), lease_seconds=LEASE_SECONDS)
        if held is None:
            continue
        if read(deps, held):
            done += 1
        else:
            broken += 1
    expired = sum(expire(deps, upload) for upload in _abandoned(deps))
    log.info("cycle", validated=done, broken=broken, expired=expired)
    return {"validated": done, "broken": broken, "expired": expired}


def _created_key(event: dict[str, Any]) -> str | None:
    """Return the key of an EventBridge "Object Created", or None for any other event."""
    if event.get("source") != "aws.s3":
        return None
    return str(event["detail"]["object"]["key"])


def confirm_by_event(deps: Deps, key: str) -> None:
    """Confirm the upload that S3 tells of, as its owner's confirm would; a stranger is ignored."""
    prefix, _, rest = key.partition("/")
    owner, _, rest = rest.partition("/")
    dataset_id, _, _ = rest.partition("/")
    found = objects.find_object(deps.store, key)
    if prefix != "datasets" or found is None:
        return
    arrived = partial(confirmed, size_bytes=found.size_bytes, sha256=found.sha256, at=deps.now())
    try:
        change_dataset(
            deps.table,
            UserId(owner),
            dataset_id,
            lambda now: DatasetChange(arrived(now) if now.storage_path == key else now),
        )
    except PlatformError as error:
        log.warning("upload not confirmed", key=key, reason=str(error))


# ---- validating


def read(deps: Deps, dataset: Dataset) -> bool:
    """Validate one file; tell whether that worked, whatever the file holds."""
    try:
        digest = hashlib.sha256()
        chunks = _hashed(objects.read_chunks(deps.store, dataset.storage_path), digest)
        again = objects.read_chunks(deps.store, dataset.storage_path)
        model = _base_model(deps, dataset)
        outcome = validate(
            chunks,
            encoder=_encoder(deps, model),
            max_sequence_tokens=min(model.context_tokens, DEFAULT_MAX_SEQUENCE_TOKENS),
            over_length=dataset.over_length,
            waived=frozenset(map(Code, dataset.waive)),
            second_pass=again if dataset.find_near_duplicates else None,
        )
        key = report_key(dataset.user_id, dataset.id)
        body = b"".join(_line(problem) for problem in outcome.report)
        objects.write_whole(deps.store, key, body, content_type="application/jsonl")
    except (ClientError, BotoCoreError, UploadIncomplete) as error:
        _note_failure(deps, dataset, str(error))
        return False
    except Exception as error:  # the batch boundary: it counts, so that it ends; others go on
        log.exception("validation broke", dataset_id=dataset.id)
        _note_failure(deps, dataset, f"our validator broke ({type(error).__name__})")
        return False
    _conclude(deps, dataset, outcome, digest.hexdigest())
    return True


def _base_model(deps: Deps, dataset: Dataset) -> TrainableModel:
    """Return the model to count tokens for: the one named, else the one proposed first."""
    catalog = deps.catalog
    return catalog.base_model(dataset.base_model or catalog.base_models[0].id)


def _encoder(deps: Deps, model: TrainableModel) -> ChatEncoder | None:
    """Return what counts tokens exactly, or None to estimate: the file is not to blame."""
    try:
        return find_encoder(deps.store, model.id, model.revision)
    except EncodingRefused as refusal:
        log.warning("tokens are estimated", base_model=model.id, reason=str(refusal))
        return None


def _hashed(chunks: Iterator[bytes], digest: "hashlib._Hash") -> Iterator[bytes]:
    """Yield the chunks and take their SHA-256 on the way: one pass over the file."""
    for chunk in chunks:
        digest.update(chunk)
        yield chunk


def _line(problem: Problem) -> bytes:
    return orjson.dumps(problem.model_dump(mode="json")) + b"\n"


def _conclude(deps: Deps, dataset: Dataset, outcome: Validated, sha256: str) -> None:
    clock = deps.clock()
    report_path = report_key(dataset.user_id, dataset.id)
    twin = find_duplicate(deps.table, dataset.user_id, sha256)
    same = twin.id if twin is not None and twin.id != dataset.id else dataset.duplicate_of

    def decide(now: Dataset) -> DatasetChange:
        after = validated(
            now, outcome.verdict, sha256=sha256, report_path=report_path, at=clock.at
        ).model_copy(update={"duplicate_of": same})
        told = dataset_ready if after.status is DatasetStatus.READY else dataset_failed
        return DatasetChange(after, (told(clock, after),))

    _write(deps, dataset, decide)


def _note_failure(deps: Deps, dataset: Dataset, reason: str) -> None:
    log.warning("not validated", dataset_id=dataset.id, reason=reason)
    clock = deps.clock()

    def decide(now: Dataset) -> DatasetChange:
        after = not_validated(now, reason=reason, at=clock.at)
        failed = after.status is DatasetStatus.ERROR
        return DatasetChange(after, (dataset_failed(clock, after),) if failed else ())

    _write(deps, dataset, decide)


def _write(deps: Deps, dataset: Dataset, decide: Callable[[Dataset], DatasetChange]) -> None:
    try:
        change_dataset(deps.table, dataset.user_id, dataset.id, decide)
    except (DatasetNotFound, InvalidTransition) as error:
        # deleted, or concluded by another while we read: what is stored stands
        log.warning("verdict not stored", dataset_id=dataset.id, reason=str(error))


# ---- uploads that never came


def expire(deps: Deps, dataset: Dataset) -> bool:
    """Close an upload that nobody finished, and say so; tell whether it was still open."""
    found = objects.find_object(deps.store, dataset.storage_path)
    arrived = found is not None and found.size_bytes == dataset.file_size
    if arrived:
        confirm_by_event(deps, dataset.storage_path)
        return False
    if dataset.multipart_upload_id is not None:
        abort_parts(deps.store, dataset.storage_path, dataset.multipart_upload_id)
    clock = deps.clock()

    def decide(now: Dataset) -> DatasetChange:
        after = abandoned(now, at=clock.at)
        return DatasetChange(after, () if after == now else (dataset_failed(clock, after),))

    _write(deps, dataset, decide)
    return True


def _abandoned(deps: Deps) -> Iterator[Dataset]:
    now = deps.now()
    for dataset in due(deps.table, Work.EXPIRE_UPLOAD, Dataset, now=now, limit=PER_SHARD):
        held = claim(deps.table, dataset, now=now, lease_seconds=LEASE_SECONDS)
        if held is not None:
            yield held
