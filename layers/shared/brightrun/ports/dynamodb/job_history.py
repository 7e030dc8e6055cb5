"""What is read of a job beside its row: list, curve, attempts and events. Reads only."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from brightrun.envelope import PageRequest
from brightrun.jobs.events import EventLevel, JobEvent
from brightrun.jobs.record import Attempt, Job, JobStatus
from brightrun.ports.dynamodb import keys
from brightrun.ports.dynamodb.key_shapes import Kind
from brightrun.ports.dynamodb.pagination import Found, gather, page_of, search_of
from brightrun.ports.dynamodb.table import Page, Table, listed, newest, numbers, oldest
from brightrun.records import UserId
from brightrun.training.protocol import Point

NEWEST_POINTS = 100
MAX_CURVE_POINTS = 50_000
MAX_EVENTS = 20_000
_PAGE = 1000
_MAX_ATTEMPTS = 100


@dataclass(frozen=True)
class EventFilter:
    """Which events are wanted; None is all."""

    level: EventLevel | None = None
    type_prefix: str | None = None

    def has(self, event: JobEvent) -> bool:
        """Whether an event is wanted."""
        right_level = self.level is None or event.level is self.level
        return right_level and event.type.startswith(self.type_prefix or "")


def counts_by_status(table: Table, user_id: UserId) -> dict[JobStatus, int]:
    """Return how many jobs of a user are in each status."""
    sums = numbers(table, keys.counts(user_id, Kind.JOB))
    return {status: int(sums.get(status, 0)) for status in JobStatus}


def list_jobs(
    table: Table,
    user_id: UserId,
    asked: PageRequest,
    status: JobStatus | None,
    counts: Mapping[JobStatus, int],
    *,
    dataset_id: str | None = None,
) -> Found[Job]:
    """Return one page of a user's jobs, newest first; all, or those in one status.

    A search, or one dataset's, is looked for in as many reads as `search_of` makes.
    """

    def fetch(limit: int, cursor: str | None) -> Page[Job]:
        if status is None:
            return newest(table, keys.jobs(user_id), Job, limit=limit, cursor=cursor)
        pk = keys.listed(user_id, Kind.JOB, status)
        return listed(table, pk, Job, limit=limit, cursor=cursor)

    if asked.search or dataset_id is not None:
        return search_of(fetch, _of_dataset(dataset_id), lambda job: job.name, asked)
    total = sum(counts.values()) if status is None else counts[status]
    return page_of(fetch, lambda _: True, asked, total=total)


def _of_dataset(dataset_id: str | None) -> Callable[[Job], bool]:
    return lambda job: dataset_id is None or job.dataset_id == dataset_id


def newest_points(table: Table, job_id: str) -> list[Point]:
    """Return the newest 100 points of a job's curve, in the order of their steps."""
    page = newest(table, keys.points(job_id), Point, limit=NEWEST_POINTS)
    return list(reversed(page.records))


def whole_curve(table: Table, job_id: str) -> list[Point]:
    """Return every point of a job's curve in the order of their steps, at most 50,000."""
    points: list[Point] = []
    cursor: str | None = None
    while len(points) < MAX_CURVE_POINTS:
        page = oldest(table, keys.points(job_id), Point, limit=_PAGE, cursor=cursor)
        points += page.records
        cursor = page.cursor
        if cursor is None:
            break
    return points


def attempts(table: Table, job_id: str) -> tuple[Attempt, ...]:
    """Return a job's executions, first to last."""
    return oldest(table, keys.attempts(job_id), Attempt, limit=_MAX_ATTEMPTS).records


def events(table: Table, job_id: str, asked: PageRequest, wanted: EventFilter) -> Page[JobEvent]:
    """Return one page of what happened to a job, in order."""
    return _events_page(table, job_id, asked, wanted, oldest)


def newest_events(
    table: Table, job_id: str, asked: PageRequest, wanted: EventFilter
) -> Page[JobEvent]:
    """Return one page of what happened to a job, newest first."""
    return _events_page(table, job_id, asked, wanted, newest)


def _events_page(
    table: Table,
    job_id: str,
    asked: PageRequest,
    wanted: EventFilter,
    read: Callable[..., Page[JobEvent]],
) -> Page[JobEvent]:
    def fetch(limit: int, cursor: str | None) -> Page[JobEvent]:
        return read(table, keys.events(job_id), JobEvent, limit=limit, cursor=cursor)

    return gather(fetch, wanted.has, asked.limit, asked.cursor)


def all_events(table: Table, job_id: str, wanted: EventFilter) -> Iterator[JobEvent]:
    """Yield what happened to a job from its beginning, at most 20,000 lines."""
    cursor: str | None = None
    for _ in range(MAX_EVENTS // _PAGE):
        page = oldest(table, keys.events(job_id), JobEvent, limit=_PAGE, cursor=cursor)
        yield from filter(wanted.has, page.records)
        cursor = page.cursor
        if cursor is None:
            return
