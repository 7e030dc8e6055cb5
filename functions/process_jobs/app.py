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

from brightrun.ports import eventbridge
from brightrun.ports.dynamodb import heartbeats
from brightrun.ports.dynamodb.work_queue import next_due
from brightrun.runtime import Deps, production
from brightrun.work import Work
from brightrun.work_loop import Taken, find_due, take
from functions.process_jobs import budget_warnings, notifications, watchdog
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
)
"""What is done beside the jobs; it must not stop them, nor one of these another."""

log = Logger(service="process_jobs")


def lambda_handler(event: dict[str, Any], context: object) -> dict[str, int]:
    """Run one cycle, whatever the event says: the work index knows what is to be done."""
    return handle(event, context, production())


@dataclass(frozen=True)
class Pass:
    """How many steps of jobs were due, and how many steps of any kind failed."""

    steps: int
    broken: int


def handle(event: dict[str, Any], context: object, deps: Deps) -> dict[str, int]:
    """Take every due step; then wait for what is due soon and take that too.

    Waiting costs a hundredth of a cent an hour, and only while a job is active.
    """
    heartbeats.record_heartbeat(deps.table, "process_jobs", deps.now())
    announced = event.get("source") == eventbridge.SOURCE
    until = deps.clock().after(AFTER_EVENT_SECONDS if announced else FOLLOW_UP_SECONDS)
    passes = [run_pass(deps)]
    while len(passes) < MAX_PASSES:
        soonest = next_due(deps.table, (Work.DISPATCH, Work.WATCH), until=until)
        if soonest is None:
            break
        deps.sleep(max(1.0, (soonest - deps.now()).total_seconds()))
        passes.append(run_pass(deps))
    taken, broken = sum(p.steps for p in passes), sum(p.broken for p in passes)
    log.info("cycle", passes=len(passes), steps=taken, broken=broken)
    return {"passes": len(passes), "steps": taken, "broken": broken}


def run_pass(deps: Deps) -> Pass:
    """Take every step that is due now, many at once; one that fails does not stop the others."""
    dispatch, watch = dispatch_task(deps), watch_task(deps)
    waiting = find_due(deps.table, dispatch, now=deps.now())
    running = find_due(deps.table, watch, now=deps.now())
    run_isolated(partial(look_at_endpoints, dispatching=waiting, watching=running), deps)
    taken = take(deps.table, dispatch, waiting, now=deps.now)
    taken += take(deps.table, watch, running, now=deps.now)
    with ThreadPoolExecutor(len(PERIODIC_TASKS)) as pool:
        taken = sum(pool.map(partial(run_isolated, deps=deps), PERIODIC_TASKS), taken)
    return Pass(steps=len(waiting) + len(running), broken=taken.failed)


def run_isolated(task: Callable[[Deps], Taken], deps: Deps) -> Taken:
    """Run a task; if it breaks, say so and go on."""
    try:
        return task(deps)
    except Exception:  # the batch boundary: the jobs must go on
        log.exception("task broke", task=repr(task))
        return Taken(failed=1)
