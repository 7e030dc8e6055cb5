"""A number is a number, a text a text, a truth value a truth value: all else is refused by name.

Walked over every field of every body and every query parameter that the description names, of
administrators' calls too. On the deployed stack: `tests/stack/test_specification_on_the_stack.py`.
"""

from dataclasses import replace

import pytest

from brightrun.runtime import Deps
from tests.support.api.bodies import BODIES
from tests.support.api.http_calls import ADA_CALLS, Call, identity
from tests.support.api.wrong_values import (
    body_cases,
    body_with,
    is_refused_by_name,
    query_cases,
)
from tests.support.factories import DATASET_ID, JOB_ID, KEY_ID, MODEL_ID

ADMIN = identity(user_id="root", admin="true")
IDS = {
    "dataset_id": DATASET_ID, "job_id": JOB_ID, "model_id": MODEL_ID, "key_id": KEY_ID,
    "file_id": "f", "notification_id": "n", "user_id": "ada",
}  # fmt: skip


def filled(route: str) -> str:
    for name, value in IDS.items():
        route = route.replace(f"<{name}>", value)
    return route


def caller_of(route: str) -> dict[str, str]:
    return ADMIN if "/api/admin" in route else ADA_CALLS


@pytest.fixture
def deps(deps: Deps) -> Deps:
    """Nobody is too fast here."""
    patient = {"calls_at_once": 10**6}
    return replace(deps, settings=deps.settings.model_copy(update=patient))


BODY_CASES = list(body_cases())
QUERY_CASES = list(query_cases())


def test_there_is_much_to_walk() -> None:
    assert len(BODY_CASES) > 200
    assert len(QUERY_CASES) > 60
    assert len({route for route, *_ in BODY_CASES}) >= 17
    assert any("/api/admin" in route for route, *_ in BODY_CASES + QUERY_CASES)


@pytest.mark.usefixtures("adas")
def test_no_field_of_a_body_is_coerced(api: Call) -> None:
    """In one test: each case is a call of a millisecond, and its name stands in the failure."""
    taken = []
    for case in BODY_CASES:
        route, where, wrong = case
        answer = api(filled(route), body_with(case), caller=caller_of(route))
        if not is_refused_by_name(answer.status, answer.body, where):
            taken.append((route, ".".join(where), wrong, answer.status, answer.text[:90]))

    assert taken == []


@pytest.mark.usefixtures("adas")
def test_no_query_parameter_is_coerced(api: Call) -> None:
    taken = []
    for route, name, value in QUERY_CASES:
        answer = api(filled(route), BODIES.get(route), query={name: value}, caller=caller_of(route))
        if not is_refused_by_name(answer.status, answer.body, (name,)):
            taken.append((route, name, value, answer.status, answer.text[:90]))

    assert taken == []
