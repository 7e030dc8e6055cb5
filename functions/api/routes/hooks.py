"""RunPod's webhooks: unsigned hints that a run has ended. They make us look sooner, no more."""

from functools import partial
from http import HTTPStatus

from aws_lambda_powertools.event_handler.api_gateway import Response, Router

from brightrun.accounts.access import HOOK_PREFIX
from brightrun.accounts.tokens import is_hook_of
from brightrun.errors import Conflict, JobNotFound
from brightrun.jobs.execution.worker_messages import hinted
from brightrun.jobs.record import Attempt
from brightrun.ports import eventbridge
from brightrun.ports.dynamodb import keys
from brightrun.ports.dynamodb.jobs import change_job
from brightrun.ports.dynamodb.table import find
from brightrun.runtime import Deps
from functions.api.dependencies import Wires

router = Router()  # type: ignore[no-untyped-call]
_LONGEST = (36, 4, 64)
"""Of a job's id, an attempt's number and the unguessable end; what is longer is none of ours."""


@router.post(f"{HOOK_PREFIX}<job_id>/<attempt>/<hook>", include_in_schema=False)
def hear_hook(deps: Wires, job_id: str, attempt: str, hook: str) -> Response[str]:
    """Make the job due now if the address is its newest attempt's; always answer the same.

    The body is not read: what it says would have to be checked with RunPod anyway.
    """
    sizes = (len(job_id), len(attempt), len(hook))
    known = all(map(int.__le__, sizes, _LONGEST))
    if known and attempt.isascii() and attempt.isdecimal():
        _hint(deps, job_id, int(attempt), hook)
    return Response(HTTPStatus.ACCEPTED, "application/json", "{}")


def _hint(deps: Deps, job_id: str, number: int, hook: str) -> None:
    attempt = find(deps.table, keys.attempt(job_id, number), Attempt)
    if attempt is None or not is_hook_of(attempt.token_hash, hook):
        return
    decide = partial(hinted, clock=deps.clock(), number=number)
    try:
        changed = not change_job(deps.table, attempt.user_id, job_id, decide).is_empty
    except (Conflict, JobNotFound):
        # Somebody else is at the job this very moment, or it is gone: nothing to hint at.
        return
    if changed:
        eventbridge.announce(deps.bus, eventbridge.EventType.ATTEMPT_FINISHED, job_id)
