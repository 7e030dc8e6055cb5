"""A job's name and budget, changed by its owner; a raised budget must fit into the month."""

from functools import partial

from brightrun.jobs.change import Change, JobState
from brightrun.jobs.changing import changed
from brightrun.jobs.creation.affordability import require_affordable
from brightrun.jobs.creation.requests import ChangeJobRequest
from brightrun.jobs.record import Job
from brightrun.ports import eventbridge
from brightrun.ports.dynamodb.accounts.budgets import BudgetHeadroom, read_budget, room_for
from brightrun.ports.dynamodb.jobs import change_job
from brightrun.records import UserId
from brightrun.runtime import Deps
from brightrun.work import Work
from functions.api.kept_checkpoints import with_newest


def change(deps: Deps, user_id: UserId, job_id: str, request: ChangeJobRequest) -> Job:
    """Return the job as it is now; asking again changes nothing.

    Raises:
        JobNotFound: no such job of this user.
        InvalidTransition, InvalidRequest: see `brightrun.jobs.changing.changed`.
        QuotaExceeded: the month has no room for the new budget.
    """
    kept = request.resume and with_newest(deps, user_id, job_id)[1]

    def decide(state: JobState) -> Change:
        clock = deps.clock()
        return changed(state, request, clock, deps.limits, by=user_id, checkpoint_is_there=kept)

    room = partial(_room, deps)
    job = change_job(deps.table, user_id, job_id, decide, room=room).after.job
    if job.waits_for(Work.DISPATCH):
        eventbridge.announce(deps.bus, eventbridge.EventType.JOB_CREATED, job_id)
    return job


def _room(deps: Deps, change: Change) -> BudgetHeadroom | None:
    before, after = change.before.job, change.after.job
    if after.has_ended or after.worst_case_usd <= before.worst_case_usd:
        return None
    budget = read_budget(
        deps.table, after.user_id, deps.clock(), stage_limit=deps.settings.monthly_limit_usd
    )
    already = before.worst_case_usd
    require_affordable(budget, after, already=already)
    return room_for(budget, after, already=already)
