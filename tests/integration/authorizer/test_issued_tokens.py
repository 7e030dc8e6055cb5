"""What we issued ourselves, API keys and workers' tokens, against a real table shape."""

from collections.abc import Callable
from typing import Any

import pytest

from brightrun.accounts.tokens import api_key, worker_token
from brightrun.jobs.record import AttemptState
from brightrun.ports.dynamodb.writes import commit, put_new
from brightrun.runtime import Deps
from tests.support.factories import ADA, JOB_ID, KEY_ID, NOON, an_api_key, an_attempt

KEY_SECRET = "k" * 43
WORKER_SECRET = "w" * 43


@pytest.mark.parametrize("header", ["authorization", "x_api_key"])
def test_an_api_key_names_its_owner(ask: Callable[..., Any], deps: Deps, header: str) -> None:
    token = api_key(KEY_SECRET)
    commit(deps.table, [put_new(deps.table, an_api_key(token=token))])
    sent = f"bearer {token}" if header == "authorization" else token

    assert ask(**{header: sent}) == {
        "kind": "user",
        "user_id": ADA,
        "admin": "false",
        "key_id": KEY_ID,
        "scopes": "read write",
    }


def test_a_revoked_api_key_is_nobody(ask: Callable[..., Any], deps: Deps) -> None:
    token = api_key(KEY_SECRET)
    commit(deps.table, [put_new(deps.table, an_api_key(token=token, revoked_at=NOON))])

    assert ask(token)["reason"] == "the API key was revoked"


def test_an_unknown_api_key_is_nobody(ask: Callable[..., Any]) -> None:
    assert ask(api_key(KEY_SECRET))["reason"] == "the API key is not known"


def test_a_worker_speaks_for_its_attempt_alone(ask: Callable[..., Any], deps: Deps) -> None:
    token = worker_token(JOB_ID, 1, WORKER_SECRET)
    commit(deps.table, [put_new(deps.table, an_attempt(token=token))])

    assert ask(token) == {
        "kind": "worker",
        "user_id": ADA,
        "admin": "false",
        "job_id": JOB_ID,
        "attempt": "1",
    }


def test_the_worker_of_an_ended_attempt_is_still_known(ask: Callable[..., Any], deps: Deps) -> None:
    """The api function tells it `superseded`, the word on which a worker stops."""
    token = worker_token(JOB_ID, 1, WORKER_SECRET)
    ended = an_attempt(token=token, state=AttemptState.ENDED)
    commit(deps.table, [put_new(deps.table, ended)])

    assert ask(token)["kind"] == "worker"


@pytest.mark.parametrize(
    "token",
    [
        worker_token(JOB_ID, 2, WORKER_SECRET),
        worker_token(JOB_ID, 1, "v" * 43),
        worker_token(JOB_ID.replace("a1", "a2"), 1, WORKER_SECRET),
        worker_token(JOB_ID, 0, WORKER_SECRET),
        f"brw_{JOB_ID}_1_",
        "brw_../../x_1_" + WORKER_SECRET,
    ],
)
def test_a_guessed_worker_token_is_nobody(ask: Callable[..., Any], deps: Deps, token: str) -> None:
    held = worker_token(JOB_ID, 1, WORKER_SECRET)
    commit(deps.table, [put_new(deps.table, an_attempt(token=held))])

    assert ask(token)["kind"] == "anonymous"
