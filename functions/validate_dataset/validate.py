"""Validation: one file is read once; its report and its verdict are written."""

import hashlib
from collections.abc import Iterator
from datetime import timedelta
from functools import partial

import orjson
from aws_lambda_powertools import Logger
from botocore.exceptions import BotoCoreError, ClientError

from brightrun.datasets.lifecycle import not_validated, validated, waits_its_turn
from brightrun.datasets.notifications import dataset_failed, dataset_ready
from brightrun.datasets.problems import Code
from brightrun.datasets.record import Dataset, DatasetStatus, Problem
from brightrun.datasets.tokenizing.chat_encoder import ChatEncoder, EncodingRefused
from brightrun.datasets.validation.validator import TooComplex, Validated
from brightrun.datasets.validation.validator import validate as read_rows
from brightrun.errors import UploadIncomplete
from brightrun.ports.dynamodb.datasets import DatasetChange, find_duplicate
from brightrun.ports.dynamodb.validation_turns import end_turn, take_turn
from brightrun.ports.s3 import objects
from brightrun.ports.s3.dataset_ledgers import written_ledger
from brightrun.ports.s3.tokenizers import find_encoder
from brightrun.runtime import Deps
from brightrun.s3_keys import report_key
from brightrun.training.catalog import TrainableModel
from brightrun.training.configuration import Hyperparameters
from brightrun.work import Work
from brightrun.work_loop import Task, TriesUsedUp
from functions.validate_dataset.steps import LEASE_SECONDS, PER_SHARD, change_if_there

READING_SECONDS = 800
"""How long one file may be read; what begins in the first minute ends in the function's time."""
DEFAULT_MAX_SEQUENCE_TOKENS = Hyperparameters().max_sequence_tokens
SHOWN = (UploadIncomplete, TriesUsedUp, TooComplex)
"""Errors whose words may be shown to a dataset's owner; of others, their name."""

log = Logger(service="validate_dataset")


def validation_task(deps: Deps) -> Task[Dataset]:
    """Return the task that reads uploaded files."""
    return Task(
        kind=Work.VALIDATE,
        record=Dataset,
        step=partial(validate, deps),
        failed=partial(note_failure, deps),
        lease_seconds=LEASE_SECONDS,
        max_tries=deps.limits.max_validation_failures,
        per_shard=PER_SHARD,
    )


def validate(deps: Deps, dataset: Dataset) -> None:
    """Read one file, write its ledger, its report and its verdict, whatever the file holds.

    At most two files of one user are read at once; a third waits, and no try is counted.
    """
    lease = timedelta(seconds=LEASE_SECONDS)
    if not take_turn(deps.table, dataset.user_id, dataset.id, now=deps.now(), lease=lease):
        change_if_there(deps, dataset, lambda now: DatasetChange(waits_its_turn(now, deps.now())))
        return
    try:
        _read(deps, dataset)
    finally:
        end_turn(deps.table, dataset.user_id, dataset.id, now=deps.now())


def _read(deps: Deps, dataset: Dataset) -> None:
    until = deps.now() + timedelta(seconds=READING_SECONDS)
    digest = hashlib.sha256()
    key, version = dataset.storage_path, dataset.version_id
    chunks = _hashed(objects.read_chunks(deps.store, key, version_id=version), digest)
    again = objects.read_chunks(deps.store, key, version_id=version)
    model = _base_model(deps, dataset)
    with written_ledger(deps.store, dataset) as row_seen:
        outcome = read_rows(
            chunks,
            encoder=_encoder(deps, model),
            max_sequence_tokens=min(model.context_tokens, DEFAULT_MAX_SEQUENCE_TOKENS),
            over_length=dataset.over_length,
            waived=frozenset(map(Code, dataset.waive)),
            second_pass=again if dataset.find_near_duplicates else None,
            has_time=lambda: deps.now() < until,
            row_seen=row_seen,
        )
    key = report_key(dataset.user_id, dataset.id)
    body = b"".join(_line(problem) for problem in outcome.report)
    objects.write_whole(deps.store, key, body, content_type="application/jsonl")
    _conclude(deps, dataset, outcome, digest.hexdigest())


def _base_model(deps: Deps, dataset: Dataset) -> TrainableModel:
    """Return the model to count tokens for: the one named, else the one a job would train."""
    return deps.catalog.counted_for(dataset.base_model or deps.settings.default_base_model)


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
    duplicate = find_duplicate(deps.table, dataset.user_id, sha256)
    is_other = duplicate is not None and duplicate.id != dataset.id
    same = duplicate.id if duplicate is not None and is_other else dataset.duplicate_of

    def decide(now: Dataset) -> DatasetChange:
        after = validated(
            now, outcome.verdict, sha256=sha256, report_path=report_path, at=clock.at
        ).model_copy(update={"duplicate_of": same})
        sentence = dataset_ready if after.status is DatasetStatus.READY else dataset_failed
        return DatasetChange(after, (sentence(clock, after),))

    change_if_there(deps, dataset, decide)


def _words_of(error: Exception) -> str:
    """Return what is told of an error of our own: never its words, which may name our account."""
    if isinstance(error, ClientError | BotoCoreError):
        return "storage could not be read"
    return f"our validator broke ({type(error).__name__})"


def note_failure(deps: Deps, dataset: Dataset, error: Exception) -> None:
    """Note that the file could not be read, so that it is tried again, or ends in words."""
    is_shown = isinstance(error, SHOWN)
    reason = str(error) if is_shown else _words_of(error)
    clock, limit = deps.clock(), deps.limits.max_validation_failures
    if isinstance(error, TooComplex):
        limit = 0  # it would take as long again

    def decide(now: Dataset) -> DatasetChange:
        after = not_validated(now, reason=reason, max_tries=limit, at=clock.at)
        failed = after.status is DatasetStatus.ERROR
        return DatasetChange(after, (dataset_failed(clock, after),) if failed else ())

    change_if_there(deps, dataset, decide)
