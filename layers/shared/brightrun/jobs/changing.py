"""A job's name and budget, changed by its owner, also while it runs or rests. Pure."""

from dataclasses import replace
from decimal import Decimal

from brightrun.clock import Clock
from brightrun.errors import InvalidRequest, InvalidTransition
from brightrun.jobs.change import Change, JobState, unchanged
from brightrun.jobs.creation.affordability import with_worst_case
from brightrun.jobs.creation.requests import ChangeJobRequest
from brightrun.jobs.events import job_event
from brightrun.jobs.execution.pausing import require_money_left, resume
from brightrun.jobs.limits import Limits
from brightrun.money import shown


def changed(
    state: JobState,
    request: ChangeJobRequest,
    clock: Clock,
    limits: Limits,
    *,
    by: str,
    checkpoint_is_there: bool,
) -> Change:
    """Return the job with another name or budget, going on if that was asked for.

    Raises:
        InvalidTransition: the job has ended and more than its name is to change, or it is to go
            on and does not rest.
        InvalidRequest: the budget is less than what the job has cost, or too little to go on.
    """
    job, named = state.job, request.model_fields_set
    change = unchanged(state)
    if request.name is not None and request.name != job.name:
        change = change.with_job(name=request.name, updated_at=clock.at)
    if "max_cost" in named and request.max_cost != job.max_cost:
        change = _with_max_cost(change, request.max_cost, clock, limits, by=by)
    if not request.resume:
        return change
    require_money_left(change.after.job, limits)
    gone_on = resume(change.after, clock, by=by, checkpoint_is_there=checkpoint_is_there)
    events = (*change.events, *gone_on.events)
    return replace(gone_on, before=state, events=events)


def _with_max_cost(
    change: Change, max_cost: Decimal | None, clock: Clock, limits: Limits, *, by: str
) -> Change:
    job = change.after.job
    if job.has_ended:
        raise InvalidTransition("job", job.id, job.status, "given another max_cost")
    if max_cost is not None and max_cost <= job.current_cost:
        message = f"is not above {shown(job.current_cost)}, what the job has cost"
        raise InvalidRequest({"max_cost": [message]})
    priced = with_worst_case(
        job.model_copy(update={"max_cost": max_cost, "has_default_budget": False}), limits
    )
    was = "no limit" if job.max_cost is None else f"{shown(job.max_cost)} USD"
    now = "no limit" if max_cost is None else f"{shown(max_cost)} USD"
    return change.with_job(
        max_cost=max_cost,
        has_default_budget=False,
        worst_case_usd=priced.worst_case_usd,
        updated_at=clock.at,
    ).with_events(
        job_event(clock, job, "job.budget_changed", f"max_cost is {now}; it was {was}", actor=by)
    )
