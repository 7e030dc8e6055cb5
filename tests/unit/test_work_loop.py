"""The work loop: due, claim, step, count; the same promise for every kind of work."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from brightrun.jobs.record import Job
from brightrun.ports.dynamodb import keys
from brightrun.ports.dynamodb.table import Table, find
from brightrun.ports.dynamodb.writes import commit, put_new, replace
from brightrun.work import Work, work_of
from brightrun.work_loop import Taken, Task, TriesUsedUp, find_due, take, take_due
from tests.support.factories import ADA, NOON, a_job
from tests.support.fakes.table import MemoryTable

LEASE_SECONDS = 60.0


@dataclass
class Steps:
    """What was asked of a task, and what its step does."""

    table: Table
    does: Callable[[Job], object] = lambda _: None
    taken: list[str] = field(default_factory=list)
    failures: list[tuple[str, Exception]] = field(default_factory=list)

    def task(self, **facts: Any) -> Task[Job]:
        return Task(
            kind=Work.COLLECT, record=Job, step=self._step, failed=self._failed,
            lease_seconds=LEASE_SECONDS, max_tries=3, **facts,
        )  # fmt: skip

    def _step(self, job: Job) -> None:
        self.taken.append(job.id)
        self.does(job)

    def _failed(self, job: Job, error: Exception) -> None:
        self.failures.append((job.id, error))


def a_table(*jobs: Job) -> Table:
    table = Table(MemoryTable(), "t")  # type: ignore[arg-type]
    for job in jobs:
        commit(table, [put_new(table, job)])
    return table


def due_job(number: int = 1, **facts: Any) -> Job:
    job_id = f"019aa0c0-0000-7000-8000-{number:012d}"
    known: dict[str, Any] = {"id": job_id, "work": work_of(Work.COLLECT, job_id), "due_at": NOON}
    return a_job(**known | facts)


def stored(table: Table, job: Job) -> Job:
    found = find(table, keys.job(ADA, job.id), Job)
    assert found is not None
    return found


def at(seconds: float = 0.0) -> Callable[[], datetime]:
    return lambda: NOON + timedelta(seconds=seconds)


def test_a_due_item_is_claimed_for_its_lease_and_its_try_counted_before_the_step() -> None:
    job = due_job()
    table = a_table(job)
    seen: list[Job] = []
    steps = Steps(table, does=lambda _: seen.append(stored(table, job)))

    assert take_due(table, steps.task(), now=at()) == Taken(done=1)
    assert seen[0].tries == 1
    assert seen[0].due_at == NOON + timedelta(seconds=LEASE_SECONDS)


def test_what_is_not_due_or_waits_for_other_work_is_left_alone() -> None:
    later = due_job(1, due_at=NOON + timedelta(seconds=1))
    other = due_job(2, work=work_of(Work.WATCH, due_job(2).id))
    table = a_table(later, other)

    assert find_due(table, Steps(table).task(), now=NOON) == []


def test_a_step_that_fails_is_told_and_the_others_go_on() -> None:
    first, second = due_job(1), due_job(2)
    table = a_table(first, second)

    def fail_first(job: Job) -> None:
        if job.id == first.id:
            raise ValueError("broken")

    steps = Steps(table, does=fail_first)
    assert take_due(table, steps.task(), now=at()) == Taken(done=1, failed=1)
    assert sorted(steps.taken) == [first.id, second.id]
    assert [(job_id, str(error)) for job_id, error in steps.failures] == [(first.id, "broken")]


def test_a_failure_that_cannot_be_stored_stops_nobody() -> None:
    table = a_table(due_job(1), due_job(2))

    def refuse(*_: object) -> None:
        raise ValueError("no write")

    steps = Steps(table, does=refuse)
    task = Task(
        kind=Work.COLLECT, record=Job, step=refuse, failed=refuse, lease_seconds=1, max_tries=3
    )
    assert take_due(steps.table, task, now=at()) == Taken(failed=2)


def test_after_so_many_tries_the_step_is_not_taken_again() -> None:
    job = due_job(tries=3)
    table = a_table(job)
    steps = Steps(table)

    assert take_due(table, steps.task(), now=at()) == Taken(failed=1)
    assert steps.taken == []
    assert [type(error) for _, error in steps.failures] == [TriesUsedUp]
    assert "begun 3 times" in str(steps.failures[0][1])
    assert stored(table, job).tries == 3


def test_an_item_that_may_not_end_is_tried_for_ever() -> None:
    job = due_job(tries=9)
    steps = Steps(a_table(job))

    assert take_due(steps.table, steps.task(may_end=lambda _: False), now=at()) == Taken(done=1)
    assert steps.taken == [job.id]


def test_whether_it_may_end_cannot_be_told_it_is_tried_again() -> None:
    job = due_job(tries=9)
    steps = Steps(a_table(job))

    def unknown(_: object) -> bool:
        raise ConnectionError

    assert take_due(steps.table, steps.task(may_end=unknown), now=at()) == Taken(done=1)


def test_an_item_that_changed_since_it_was_listed_is_somebody_elses() -> None:
    job = due_job()
    table = a_table(job)
    commit(table, [replace(table, job, job.model_copy(update={"progress": 1.0}))])
    steps = Steps(table)

    assert take(table, steps.task(), [job], now=at()) == Taken()
    assert steps.taken == []


def test_of_two_loops_side_by_side_one_takes_the_step() -> None:
    job = due_job()
    table = a_table(job)
    steps = Steps(table)
    both = threading.Barrier(2)

    def run() -> None:
        listed = find_due(table, steps.task(), now=NOON)
        both.wait()
        take(table, steps.task(), listed, now=at())

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert steps.taken == [job.id]


def test_after_its_time_no_other_step_is_begun() -> None:
    table = a_table(due_job(1), due_job(2))
    steps = Steps(table)

    assert take_due(table, steps.task(), now=at(11), until=NOON + timedelta(seconds=10)) == Taken()
    assert steps.taken == []


def test_steps_side_by_side_are_waited_for_no_longer_than_said() -> None:
    """One of two hangs: the other is counted, and the loop comes back."""
    first, second = due_job(1), due_job(2)
    table = a_table(first, second)
    let_go = threading.Event()
    steps = Steps(table, does=lambda job: let_go.wait() if job.id == first.id else None)

    taken = take_due(table, steps.task(at_once=2, patience_seconds=0.2), now=at())
    let_go.set()
    assert taken.done <= 1
    assert set(steps.taken) <= {first.id, second.id}
