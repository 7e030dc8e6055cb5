"""Answers about datasets, jobs and models that no view model of the rules holds. Pure.

A test compares each with `docs/openapi.json`.
"""

from typing import Literal

from pydantic import Field

from brightrun.datasets.record import LedgerRow, Problem
from brightrun.datasets.tokenizing.preview import Preview
from brightrun.datasets.view import DatasetDetail, DatasetRow
from brightrun.envelope import Pagination
from brightrun.jobs.estimate_view import EstimateView
from brightrun.jobs.events import JobEvent
from brightrun.jobs.metrics_view import MetricsPoint
from brightrun.jobs.view import AttemptView, CostView, JobView, PhaseView
from brightrun.models.view import ModelRow
from brightrun.records import Moment, Record


class PartToSend(Record):
    """One part of a file that has not come yet."""

    number: int
    size_bytes: int
    url: str


class WhereToSend(Record):
    """Presigned addresses for a file: one for all of it, or one for each missing part."""

    url: str | None = None
    headers: dict[str, str] = Field(default_factory=dict)
    parts: tuple[PartToSend, ...] | None = None
    part_size_bytes: int | None = None


class DeclaredDataset(Record):
    """A dataset that waits for its file; `duplicate_of` has the same content already."""

    dataset: DatasetDetail
    upload: WhereToSend
    duplicate_of: str | None = None


class DatasetsPage(Record):
    """One page of datasets, newest first."""

    datasets: tuple[DatasetRow, ...]
    pagination: Pagination
    counts: dict[str, int]


class ProblemsPage(Record):
    """Problems in the order of their lines."""

    status: str
    problems: tuple[Problem, ...]
    pagination: Pagination
    error_counts: dict[str, int]
    warning_counts: dict[str, int]


class LedgerRows(Record):
    """What became of each row; `next_after` leads on, `download_url` has it all."""

    status: str
    rows: tuple[LedgerRow, ...]
    next_after: int | None
    token_count_method: str
    download_url: str | None


class RowPreview(Record):
    """A row as it will be trained."""

    preview: Preview
    base_model: str
    tokenized: bool


class LibraryFile(Record):
    """An entry of the library of training files."""

    id: str
    name: str
    conversation_count: int
    total_training_pairs: int
    uploaded: bool
    created_at: Moment


class LibraryPage(Record):
    """Training files that are no dataset yet."""

    training_files: tuple[LibraryFile, ...]
    cursor: str | None


class FromLibrary(Record):
    """The dataset that a training file has become."""

    dataset: DatasetDetail


class Gone(Record):
    """It is gone from every list."""

    id: str
    deleted: bool


class PricedRun(EstimateView):
    """The price of a run, and of other choices beside it."""

    variants: tuple[EstimateView, ...] = ()


class JobsPage(Record):
    """One page of jobs, newest first."""

    jobs: tuple[JobView, ...]
    pagination: Pagination
    counts: dict[str, int]


class WatchedJob(Record):
    """A job with its stages, its curve, what it cost and what happened."""

    job: JobView
    phases: tuple[PhaseView, ...]
    metrics: tuple[MetricsPoint, ...]
    cost_records: tuple[CostView, ...]
    attempts: tuple[AttemptView, ...]
    events: tuple[JobEvent, ...]


class StoppedJob(Record):
    """A job that was told to stop; `stopping` while its GPU is not known to have stopped."""

    job: JobView
    outcome: Literal["cancelled", "paused", "stopping"]


class LogPage(Record):
    """One page of what happened to a job."""

    events: tuple[JobEvent, ...]
    cursor: str | None


class ModelsPage(Record):
    """One page of models."""

    models: tuple[ModelRow, ...]
    pagination: Pagination
    counts: dict[str, int]
