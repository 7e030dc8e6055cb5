"""Who makes up calls on a running stack: a user, an administrator, a worker, and nobody."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

import uuid6

from brightrun.accounts.tokens import worker_token
from brightrun.jobs.record import AttemptState, JobStatus
from brightrun.ports.dynamodb.writes import commit, put_new
from local.stack import Stack
from tests.support.api.made_up_calls import CHECKS, Caller, Told, call_everything
from tests.support.factories import a_job, an_attempt
from tests.support.stack.users import new_key, new_user, table_of

DOCUMENTS = (Path("docs/openapi.json"), Path("docs/openapi-v1.json"))
_NOBODYS_CASES = 2


def every_answer(running: Stack, *, cases: int) -> Told:
    """Call everything so often as whoever is let in there, and twice as nobody."""
    told, url = Told(), running.settings.front_url
    known = Caller(_headers(running), CHECKS)
    nobody = Caller(lambda _: {}, CHECKS)
    for document in DOCUMENTS:
        call_everything(document, url, known, cases=cases, told=told)
        call_everything(document, url, nobody, cases=_NOBODYS_CASES, told=told)
    return told


def _headers(running: Stack) -> Callable[[str], Mapping[str, str]]:
    """Return what is sent to a path by whoever is let in there, each with a share of their own."""
    name = f"made-up-{datetime.now(UTC):%H%M%S%f}"
    key = new_key(running, new_user(running, name), scopes=["read", "write", "keys"])
    admin = new_user(running, f"admin-{name}", "admin")
    leaver = new_user(running, f"leaver-{name}")
    worker = _a_worker(running)

    def headers(path: str) -> Mapping[str, str]:
        known = {"/worker/": worker, "/api/admin": admin, "/api/me/erase": leaver}
        tokens = (token for begins, token in known.items() if path.startswith(begins))
        return {"Authorization": f"Bearer {next(tokens, key)}"}

    return headers


def _a_worker(running: Stack) -> str:
    """Lay down a job at work and return its worker's token."""
    job_id, user_id = str(uuid6.uuid7()), f"owner-{uuid6.uuid7()}"
    token = worker_token(job_id, 1, "s" * 43)
    job = a_job(id=job_id, user_id=user_id, status=JobStatus.RUNNING, attempt=1)
    attempt = an_attempt(
        job_id=job_id, user_id=user_id, token=token, state=AttemptState.STARTED, worker_id="w"
    )
    table = table_of(running)
    commit(table, [put_new(table, job), put_new(table, attempt)])
    return token
