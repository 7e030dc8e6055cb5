"""Collect: check the files a worker stored, move them to their final place, publish the model.

And erase what was deleted, once its time has come.

Safe to run twice: the model's id was reserved beforehand, copies overwrite themselves, and one
transaction writes model, job, cost, sums and notifications, once.
"""

from datetime import timedelta
from typing import Any

from aws_lambda_powertools import Logger

from brightrun.ports.dynamodb import heartbeats
from brightrun.runtime import Deps, production
from brightrun.work_loop import take_due
from functions.create_artifacts.collect import collect_task
from functions.create_artifacts.erase import erase_task

TAKING_SECONDS = 60
"""After this a cycle begins no other job: a large one needs the rest of the function's time."""

log = Logger(service="create_artifacts")


def lambda_handler(event: dict[str, Any], context: object) -> dict[str, int]:
    """Collect every finished job, whatever the event says: the work index knows them."""
    return handle(event, context, production())


def handle(event: dict[str, Any], context: object, deps: Deps) -> dict[str, int]:
    """Take every due collection; one that fails counts on its own job and comes back later."""
    until = deps.now() + timedelta(seconds=TAKING_SECONDS)
    with heartbeats.cycle(deps.table, "create_artifacts", deps.now()):
        taken = take_due(deps.table, collect_task(deps), now=deps.now, until=until)
        erased = take_due(deps.table, erase_task(deps), now=deps.now, until=until)
    log.info("cycle", collected=taken.done, failed=taken.failed, erased=erased.done)
    return {"collected": taken.done, "failed": taken.failed + erased.failed}
