"""`client.models`, and every refusal in OpenAI's form.

Covers: openai.ids.
"""

import json
from typing import Any

import openai
import pytest

from brightrun.models.record import ModelArtifact
from brightrun.ports.dynamodb.writes import commit, put_new
from brightrun.runtime import Deps
from functions.api.app import handle
from tests.support.api.http_calls import ADA_CALLS, BOB_CALLS, NOBODY, Call, an_event
from tests.support.factories import MODEL_ID, a_model
from tests.support.openai.client import Wire, a_client

TUNED = f"ft:demo-base:personal:my-bakery:{MODEL_ID.replace('-', '')}"


@pytest.fixture
def model(deps: Deps) -> ModelArtifact:
    model = a_model(suffix="My bakery!")
    commit(deps.table, [put_new(deps.table, model)])
    return model


def test_tuned_models_stand_before_the_base_models(
    client: openai.OpenAI, model: ModelArtifact
) -> None:
    shown = [each.id for each in client.models.list()]

    assert shown == [TUNED, "qwen3-8b", "qwen2.5-7b-instruct", "llama-3.1-8b-instruct"]
    assert client.models.retrieve(TUNED).owned_by == f"org-{model.user_id}"


@pytest.mark.parametrize("name", ["qwen3-8b", "Qwen/Qwen3-8B"])
def test_a_base_model_is_found_by_either_name(client: openai.OpenAI, name: str) -> None:
    assert client.models.retrieve(name).id == "qwen3-8b"


def test_a_checkpoints_name_finds_its_model(client: openai.OpenAI, model: ModelArtifact) -> None:
    assert client.models.retrieve(f"{TUNED}:ckpt-step-9").id == TUNED


def test_a_deleted_model_is_gone_from_both_apis(
    client: openai.OpenAI, api: Call, model: ModelArtifact
) -> None:
    gone = client.models.delete(TUNED)

    assert (gone.id, gone.object, gone.deleted) == (TUNED, "model", True)
    with pytest.raises(openai.NotFoundError) as refused:
        client.models.retrieve(TUNED)
    assert refused.value.code == "model_not_found"
    assert TUNED in refused.value.message
    assert api(f"GET /api/models/{model.id}").status == 404


def test_a_base_model_stays(client: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError):
        client.models.delete("qwen3-8b")


@pytest.mark.usefixtures("model")
def test_anothers_model_is_not_found(deps: Deps) -> None:
    with pytest.raises(openai.NotFoundError):
        a_client(Wire(deps, caller=BOB_CALLS)).models.retrieve(TUNED)


def test_a_missing_key_is_an_authentication_error(deps: Deps) -> None:
    with pytest.raises(openai.AuthenticationError) as refused:
        a_client(Wire(deps, caller=NOBODY)).models.list()

    assert refused.value.code == "invalid_api_key"
    assert refused.value.request_id == "JKJaXmPLvHcESHA="


@pytest.mark.parametrize(
    ("route", "raw", "headers", "caller", "status"),
    [
        ("GET /v1/models", None, {}, NOBODY, 401),
        ("GET /v1/nothing", None, {}, ADA_CALLS, 404),
        ("PUT /v1/models", None, {}, ADA_CALLS, 405),
        ("POST /v1/fine_tuning/jobs", "{", {}, ADA_CALLS, 400),
        ("POST /v1/fine_tuning/jobs", "[]", {}, ADA_CALLS, 400),
        ("POST /v1/fine_tuning/jobs", "{}", {}, ADA_CALLS, 400),
        ("POST /v1/fine_tuning/jobs", "a=b", {"content-type": "text/csv"}, ADA_CALLS, 415),
        ("POST /v1/files", "{}", {}, ADA_CALLS, 400),
        ("POST /v1/files", "--", {"content-type": "multipart/form-data"}, ADA_CALLS, 400),
        ("GET /v1/files?limit=0", None, {}, ADA_CALLS, 400),
        ("GET /v1/files/file-x", None, {}, ADA_CALLS, 404),
        ("GET /v1/fine_tuning/jobs/x/events", None, {}, ADA_CALLS, 404),
    ],
)
def test_every_refusal_has_openais_four_keys_and_no_envelope(
    deps: Deps, route: str, raw: str | None, headers: dict[str, str], caller: Any, status: int
) -> None:
    route, _, query = route.partition("?")
    asked = dict([query.split("=")]) if query else None

    answer = handle(an_event(route, None, caller, raw, headers, asked), None, deps)

    body = json.loads(answer["body"])
    assert answer["statusCode"] == status
    assert list(body) == ["error"]
    assert set(body["error"]) == {"message", "type", "param", "code"}
    assert body["error"]["message"]
    assert answer["headers"]["x-request-id"]
    assert answer["headers"]["x-should-retry"] == "false"
