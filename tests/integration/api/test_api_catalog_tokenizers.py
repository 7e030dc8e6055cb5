"""What can be chosen, as a form is told it."""

from brightrun.runtime import Deps
from brightrun.s3_keys import TOKENIZER, base_model_prefix
from tests.support.api.http_calls import Call


def test_each_base_model_says_whether_its_tokens_are_counted_or_estimated(
    api: Call, deps: Deps
) -> None:
    first, second, *_ = deps.catalog.base_models
    for model, revision in ((first, first.revision), (second, "another-revision")):
        key = base_model_prefix(model.id, revision) + TOKENIZER
        deps.store.client.put_object(Bucket=deps.store.bucket, Key=key, Body=b"{}")

    told = {each["id"]: each["tokenizer"] for each in api("GET /api/catalog").data["base_models"]}

    assert told[first.id] == "installed"
    assert set(told.values()) == {"installed", "missing"}
    assert told[second.id] == "missing"


def test_a_bucket_that_is_away_hinders_no_choice(api: Call, deps: Deps) -> None:
    deps.store.client.delete_bucket(Bucket=deps.store.bucket)
    models = api("GET /api/catalog").data["base_models"]

    assert {model["tokenizer"] for model in models} == {None}
