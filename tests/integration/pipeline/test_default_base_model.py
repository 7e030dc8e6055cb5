"""A stage's own default base model: a file is counted, shown, priced and trained for the same."""

import json
from dataclasses import replace

import pytest

from brightrun.runtime import Deps
from brightrun.s3_keys import base_model_prefix
from functions.api.app import handle
from functions.validate_dataset import app as validate_dataset
from tests.support.api.bodies import ORDER
from tests.support.api.http_calls import ADA_CALLS, Answer, an_event, answered
from tests.support.datasets.chat_models import CHATML, tokenizer_json
from tests.support.datasets.uploaded_datasets import GOOD, stored, uploaded
from tests.support.factories import DATASET_ID


@pytest.fixture
def deps(deps: Deps) -> Deps:
    """The default is not the catalogue's first model, and the only one with a tokenizer here."""
    model = deps.catalog.base_models[1]
    special = json.dumps({"eos_token": "<|im_end|>", "chat_template": CHATML})
    for name, content in (
        ("tokenizer.json", tokenizer_json()),
        ("tokenizer_config.json", special),
    ):
        key = base_model_prefix(model.id, model.revision) + name
        deps.store.client.put_object(Bucket="storage", Key=key, Body=content.encode())
    settings = deps.settings.model_copy(update={"default_base_model": model.id})
    return replace(deps, settings=settings)


def call(deps: Deps, route: str, body: object = None) -> Answer:
    return answered(handle(an_event(route, body, ADA_CALLS, None, None, None), None, deps))


def test_validator_preview_and_job_take_the_stages_default(deps: Deps) -> None:
    default = deps.settings.default_base_model
    uploaded(deps, GOOD)
    validate_dataset.handle({}, None, deps)
    verdict = stored(deps).verdict
    page = call(deps, f"GET /api/datasets/{DATASET_ID}/preview").data
    job = call(deps, "POST /api/jobs", ORDER).data

    assert verdict is not None
    assert verdict.statistics.token_count_method == "tokenizer"
    assert (page["base_model"], page["tokenized"]) == (default, True)
    assert job["base_model"] == default
    assert call(deps, "GET /api/catalog").data["defaults"]["base_model"] == default
