"""The full report of a validation, as it was stored: whole, or a page of what is wanted."""

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field

from brightrun.datasets.record import Dataset, DatasetStatus, Problem, Severity
from brightrun.envelope import MAX_PAGE_SIZE, PageRequest, Pagination, pagination
from brightrun.ports.s3.objects import Store, read_whole
from brightrun.records import DeferredModel

# a thousand problems of some hundred bytes each; Lambda answers at most 6 MB
_LIMIT_BYTES = 5 * 1024**2


class ReportQuery(DeferredModel):
    """Which problems, and how many at a time."""

    format: Literal["json", "jsonl"] = "json"
    severity: Severity | None = None
    code: Annotated[str, Field(max_length=100)] | None = None
    page: Annotated[int, Field(ge=1, le=1000)] = 1
    limit: Annotated[int, Field(ge=1, le=MAX_PAGE_SIZE)] = 50


class ReportPage(DeferredModel):
    """Problems in the order of their lines.

    Attributes:
        error_counts: exact totals by code, beyond what the report tells in detail.
    """

    status: DatasetStatus
    problems: tuple[Problem, ...]
    pagination: Pagination
    error_counts: dict[str, int]
    warning_counts: dict[str, int]


def report_page(dataset: Dataset, lines: Sequence[str], wanted: ReportQuery) -> ReportPage:
    """Return one page of a report that is stored as one problem a line."""
    told = [Problem.model_validate_json(line) for line in lines]
    kept = [problem for problem in told if _is_wanted(problem, wanted)]
    asked = PageRequest(page=wanted.page, limit=wanted.limit)
    verdict = dataset.verdict
    return ReportPage(
        status=dataset.status,
        problems=tuple(kept[asked.skipped : asked.skipped + asked.limit]),
        pagination=pagination(asked, total=len(kept), cursor=None),
        error_counts=verdict.error_counts if verdict else {},
        warning_counts=verdict.warning_counts if verdict else {},
    )


def _is_wanted(problem: Problem, wanted: ReportQuery) -> bool:
    right_severity = wanted.severity is None or problem.severity is wanted.severity
    return right_severity and wanted.code in {None, problem.code}


def report_lines(store: Store, dataset: Dataset) -> list[str]:
    """Return the report's lines, one problem each as JSON; none before the first validation."""
    if dataset.report_path is None:
        return []
    report = read_whole(store, dataset.report_path, limit_bytes=_LIMIT_BYTES)
    # not splitlines: an excerpt may hold other line separators
    return [f"{line}\n" for line in (report or b"").decode().split("\n") if line]
