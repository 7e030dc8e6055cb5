"""Dispatch and watch: queued jobs go to RunPod, running ones are looked after until they end.

Safe to run twice and beside itself: every step begins with a claim that only one can win, and an
attempt is written before RunPod is called.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any

from aws_lambda_powertools import Logger

from brightrun.jobs.execution.waiting import waits_long
from brightrun.jobs.record import Job
from brightrun.ports import eventbridge
from brightrun.ports.dynamodb import heartbeats
from brightrun.ports.dynamodb.work_queue import next_due
from brightrun.runtime import Deps, production
from brightrun.work import Work
from brightrun.work_loop import Taken, Task, find_due, take
from functions.process_jobs import budget_warnings, notifications, reminders, watchdog
from functions.process_jobs.dispatch import dispatch_task
from functions.process_jobs.endpoints import look_at_endpoints
from functions.process_jobs.watch import watch_task

FOLLOW_UP_SECONDS = 40
"""A schedule comes once a minute; what is due within this time gets a second pass."""
AFTER_EVENT_SECONDS = 8
"""After an event only what the event itself makes due, such as a worker leaving its GPU."""
MAX_PASSES = 12

PERIODIC_TASKS: tuple[Callable[[Deps], Taken], ...] = (
    budget_warnings.warn_due,
    watchdog.confirm_due,
    watchdog.look_for_orphans,
    notifications.deliver_due,
    reminders.remind_due,
)
"""What is done beside the jobs; it must not stop them, nor one of these another."""

log = Logger(service="process_jobs")


def lambda_handler(event: dict[str, Any], context: object) -> dict[str, int]:
    """Run one cycle, whatever the event says: the work index knows what is to be done."""
    return handle(event, context, production())


@dataclass(frozen=True)
class Pass:
    """How many steps of jobs were due, and how many steps of any kind failed.

    Attributes:
        broke: whether all work of a kind was left undone.
    """

    steps: int
    broken: int
    broke: bool = False


def handle(event: dict[str, Any], context: object, deps: Deps) -> dict[str, int]:
    """Take every due step; then wait for what is due soon and take that too.

    Waiting costs a hundredth of a cent an hour, and only while a job is active.
    """
    if heartbeats.was_away(deps.table, "process_jobs", deps.now()):
        heartbeats.note_break(deps.table, deps.now())
    with heartbeats.cycle(deps.table, "process_jobs", deps.now()) as running:
        passes = _passes(event, deps)
        running.broke = any(p.broke for p in passes)
    taken, broken = sum(p.steps for p in passes), sum(p.broken for p in passes)
    log.info("cycle", passes=len(passes), steps=taken, broken=broken)
    return {"passes": len(passes), "steps": taken, "broken": broken}


def _passes(event: dict[str, Any], deps: Deps) -> list[Pass]:
    announced = event.get("source") == eventbridge.SOURCE
    until = deps.clock().after(AFTER_EVENT_SECONDS if announced else FOLLOW_UP_SECONDS)
    passes = [run_pass(deps)]
    while len(passes) < MAX_PASSES:
        soonest = next_due(deps.table, (Work.DISPATCH, Work.WATCH), until=until)
        if soonest is None:
            break
        deps.sleep(max(1.0, (soonest - deps.now()).total_seconds()))
        passes.append(run_pass(deps))
    return passes


def run_pass(deps: Deps) -> Pass:
    """Take every step that is due now, many at once.

    One that fails does not stop the others, nor does one kind of work that breaks whole.
    """
    dispatch, watch = dispatch_task(deps), watch_task(deps)
    waiting, running = _found(deps, dispatch), _found(deps, watch)
    look = partial(look_at_endpoints, dispatching=waiting or [], watching=running or [])
    taken = run_isolated(look, deps)
    for task, items in ((dispatch, waiting), (watch, running)):
        taken += Taken(failed=1, broke=True) if items is None else _taken(deps, task, items)
    with ThreadPoolExecutor(len(PERIODIC_TASKS)) as pool:
        taken = sum(pool.map(partial(run_isolated, deps=deps), PERIODIC_TASKS), taken)
    _note_long_waits(deps, [*(waiting or []), *(running or [])])
    steps = len(waiting or []) + len(running or [])
    return Pass(steps=steps, broken=taken.failed, broke=taken.broke)


def _note_long_waits(deps: Deps, jobs: list[Job]) -> None:
    """Have the alarm ring while jobs wait for a GPU that nobody gives them."""
    long = [job.id for job in jobs if waits_long(job, deps.limits, at=deps.now())]
    if long:
        log.warning("jobs wait", count=len(long), job_ids=long[:20])


def _found(deps: Deps, task: Task[Job]) -> list[Job] | None:
    """Return the jobs that are due; None when the table could not be asked."""
    try:
        return find_due(deps.table, task, now=deps.now())
    except Exception:  # the batch boundary: the other work must go on
        log.exception("nothing found", kind=task.kind)
        return None


def _taken(deps: Deps, task: Task[Job], items: list[Job]) -> Taken:
    return run_isolated(lambda _: take(deps.table, task, items, now=deps.now), deps)


def run_isolated(task: Callable[[Deps], Taken], deps: Deps) -> Taken:
    """Run a task; if it breaks, say so and go on."""
    try:
        return task(deps)
    except Exception:  # the batch boundary: the jobs must go on
        log.exception("task broke", task=repr(task))
        return Taken(failed=1, broke=True)
