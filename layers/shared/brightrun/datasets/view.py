"""A dataset as its owner sees it: row and verdict as one, nothing of the machinery. Pure."""

from typing import Any

import orjson

from brightrun.datasets.record import (
    Bucket,
    Dataset,
    DatasetFormat,
    DatasetStatus,
    Problem,
    Statistics,
    Verdict,
)
from brightrun.records import Moment, Record
from brightrun.training.configuration import OverLength


class DatasetRow(Record):
    """One line of a list of datasets. Before validation every count is 0."""

    id: str
    user_id: str
    name: str
    description: str | None
    format: DatasetFormat | None
    status: DatasetStatus
    training_ready: bool
    storage_bucket: str
    storage_path: str
    file_name: str
    file_size: int
    sha256: str | None
    conversations: int
    total_training_pairs: int
    skipped_pairs: int
    total_validation_pairs: int
    total_tokens: int
    token_count_method: str
    errors: int
    warnings: int
    validated_at: Moment | None
    error_message: str | None
    training_file_id: str | None
    duplicate_of: str | None
    created_at: Moment
    updated_at: Moment


class DatasetDetail(DatasetRow):
    """Everything that is known of a dataset.

    Attributes:
        validation_errors: the first 100 problems, warnings among them; the report has more.
        sample_data: the first 3 normalised rows, long texts cut.
        rows: read; each was trained, skipped or rejected, and never dropped silently.
        truncated_rows: among the trained ones, those that lost their oldest turns.
    """

    base_model: str | None
    over_length: OverLength
    find_near_duplicates: bool
    waive: tuple[str, ...]
    rows: int
    trained_rows: int
    skipped_rows: int
    rejected_rows: int
    truncated_rows: int
    trained_tokens: int
    avg_turns_per_conversation: float
    avg_tokens_per_turn: float
    token_histogram: tuple[Bucket, ...]
    turn_histogram: tuple[Bucket, ...]
    validation_errors: tuple[Problem, ...]
    error_counts: dict[str, int]
    warning_counts: dict[str, int]
    sample_data: tuple[dict[str, Any], ...]


def row_of(dataset: Dataset) -> DatasetRow:
    """Return a dataset as a line of a list."""
    return DatasetRow.model_validate(_facts(dataset))


def detail_of(dataset: Dataset) -> DatasetDetail:
    """Return a dataset with its whole verdict."""
    return DatasetDetail.model_validate(_facts(dataset))


def _facts(dataset: Dataset) -> dict[str, object]:
    """Names mean the same in the row, the verdict and the statistics, so they lie side by side."""
    verdict = dataset.verdict or Verdict()
    statistics = verdict.statistics if dataset.verdict else Statistics()
    return {
        **dict(statistics),
        **dict(dataset),
        "format": verdict.format,
        "training_ready": dataset.training_ready,
        "errors": sum(verdict.error_counts.values()),
        "warnings": sum(verdict.warning_counts.values()),
        "error_message": dataset.error_message or verdict.error_message,
        "validation_errors": verdict.problems,
        "error_counts": verdict.error_counts,
        "warning_counts": verdict.warning_counts,
        "sample_data": tuple(map(orjson.loads, verdict.sample_data)),
    }
