"""What owners of datasets are told, word for word (spec: section 6). Pure."""

from brightrun.accounts.notifications import Sentence, notification
from brightrun.accounts.record import Notification, NotificationType, Priority
from brightrun.clock import Clock
from brightrun.datasets.record import Dataset


def _facts_of(dataset: Dataset) -> dict[str, str]:
    return {"dataset_id": dataset.id, "dataset_name": dataset.name}


def dataset_ready(clock: Clock, dataset: Dataset) -> Notification:
    """Name, pairs and tokens; or why a file without errors does not train."""
    verdict = dataset.verdict
    pairs = verdict.statistics.total_training_pairs if verdict else 0
    tokens = verdict.statistics.total_tokens if verdict else 0
    counted = f"{pairs:,} training pairs, {tokens:,} tokens."
    told = counted if dataset.training_ready else f"{dataset.error_message}."
    same = dataset.duplicate_of
    twin = f" It has the same content as dataset {same}." if same else ""
    message = f'"{dataset.name}" is ready: {told}{twin}'
    sentence = Sentence(
        NotificationType.DATASET_READY, Priority.MEDIUM,
        "Dataset Ready", message, f"/datasets/{dataset.id}", _facts_of(dataset),
    )  # fmt: skip
    return notification(clock, dataset.user_id, sentence)


def dataset_failed(clock: Clock, dataset: Dataset) -> Notification:
    """Number of errors, and the first one: so it is told on the dataset too."""
    what = dataset.error_message or "it could not be validated"
    sentence = Sentence(
        NotificationType.DATASET_FAILED, Priority.HIGH,
        "Dataset Has Errors", f'"{dataset.name}": {what}', f"/datasets/{dataset.id}",
        _facts_of(dataset),
    )  # fmt: skip
    return notification(clock, dataset.user_id, sentence)
