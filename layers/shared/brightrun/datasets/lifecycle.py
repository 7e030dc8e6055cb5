"""From uploaded to ready or error: what each step changes on the dataset. Pure."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta

from brightrun.datasets.record import Dataset, DatasetFormat, DatasetStatus, Verdict
from brightrun.errors import InvalidTransition, UploadIncomplete
from brightrun.work import Work, work_of

_RETRY_AFTER = timedelta(seconds=60)
_TURN = timedelta(seconds=20)


def confirmed(
    dataset: Dataset,
    *,
    size_bytes: int,
    sha256: str | None,
    at: datetime,
    version_id: str | None = None,
    etag: str | None = None,
) -> Dataset:
    """Return the dataset waiting for validation; one that was confirmed before is unchanged.

    Args:
        size_bytes: of the object that lies in storage.
        sha256: the store's own checksum of it (hex), if it has one.
        version_id: which version it is; that one is validated, previewed and trained.
        etag: tells another content where no versions are kept.

    Raises:
        UploadIncomplete: the object is not what was declared.
    """
    if dataset.status is not DatasetStatus.UPLOADING:
        return dataset
    if size_bytes != dataset.file_size:
        raise UploadIncomplete(
            f"{dataset.file_name}: {size_bytes} bytes arrived, {dataset.file_size} were declared",
            {"received_bytes": size_bytes, "declared_bytes": dataset.file_size},
        )
    if None not in {sha256, dataset.sha256} and sha256 != dataset.sha256:
        raise UploadIncomplete(
            f"{dataset.file_name}: the SHA-256 is {sha256}, declared was {dataset.sha256}"
        )
    return dataset.model_copy(
        update={
            "status": DatasetStatus.VALIDATING,
            "sha256": sha256 or dataset.sha256,
            "version_id": version_id,
            "etag": etag,
            "tries": 0,
            "work": work_of(Work.VALIDATE, dataset.id),
            "due_at": at,
            "updated_at": at,
        }
    )


def validated(
    dataset: Dataset, verdict: Verdict, *, sha256: str, report_path: str, at: datetime
) -> Dataset:
    """Return the dataset with its verdict: ready, or error with the reason.

    A file of preference rows without errors is ready too, and `training_ready` says that no job
    can be made of it yet.

    Raises:
        InvalidTransition: it is not being validated any more.
    """
    _must_be_validating(dataset)
    checked = verdict.format is DatasetFormat.PREFERENCE and not verdict.error_counts
    ready = verdict.training_ready or checked
    status = DatasetStatus.READY if ready else DatasetStatus.ERROR
    return dataset.model_copy(
        update={
            "status": status,
            "verdict": verdict,
            "sha256": sha256,
            "report_path": report_path,
            "validated_at": at,
            "error_message": verdict.error_message,
            "tries": 0,
            "work": None,
            "due_at": None,
            "updated_at": at,
        }
    )


def not_validated(dataset: Dataset, *, reason: str, max_tries: int, at: datetime) -> Dataset:
    """Return the dataset due again, or in error when it was tried as often as it may be.

    Its tries were counted when they were begun.

    Raises:
        InvalidTransition: it is not being validated any more.
    """
    _must_be_validating(dataset)
    if dataset.tries < max_tries:
        return _due_again(dataset, at)
    message = f"Validation could not be carried out, so nothing is known of the file: {reason}"
    return dataset.model_copy(
        update={
            "status": DatasetStatus.ERROR,
            "error_message": message,
            "work": None,
            "due_at": None,
            "updated_at": at,
        }
    )


def in_turns(datasets: Iterable[Dataset]) -> list[Dataset]:
    """Return datasets so that their owners take turns: of each the first, then the second."""
    place: Counter[str] = Counter()
    placed: list[tuple[int, Dataset]] = []
    for dataset in datasets:
        placed.append((place[dataset.user_id], dataset))
        place[dataset.user_id] += 1
    return [dataset for _, dataset in sorted(placed, key=lambda each: each[0])]


def waits_its_turn(dataset: Dataset, at: datetime) -> Dataset:
    """Return the dataset due a little later, because two of its owner's are being read."""
    _must_be_validating(dataset)
    tries = max(0, dataset.tries - 1)
    return dataset.model_copy(update={"due_at": at + _TURN, "tries": tries, "updated_at": at})


def abandoned(dataset: Dataset, *, at: datetime) -> Dataset:
    """Return the dataset in error because its upload never finished; another one is unchanged."""
    if dataset.status is not DatasetStatus.UPLOADING:
        return dataset
    return dataset.model_copy(
        update={
            "status": DatasetStatus.ERROR,
            "error_message": "The upload was not finished in time and has expired; upload again",
            "multipart_upload_id": None,
            "work": None,
            "due_at": None,
            "updated_at": at,
        }
    )


def not_expired(dataset: Dataset, *, max_tries: int, at: datetime) -> Dataset:
    """Return the dataset due again, or expired unseen when storage could not be asked so often."""
    if dataset.status is not DatasetStatus.UPLOADING:
        return dataset
    return _due_again(dataset, at) if dataset.tries < max_tries else abandoned(dataset, at=at)


def _due_again(dataset: Dataset, at: datetime) -> Dataset:
    due_at = at + _RETRY_AFTER * max(1, dataset.tries)
    return dataset.model_copy(update={"due_at": due_at, "updated_at": at})


def _must_be_validating(dataset: Dataset) -> None:
    if dataset.status is not DatasetStatus.VALIDATING or dataset.deleted_at is not None:
        now = "deleted" if dataset.deleted_at else dataset.status
        raise InvalidTransition("dataset", dataset.id, now, "validated")
