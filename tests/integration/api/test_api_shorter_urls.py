"""A URL whose session ends sooner than in an hour: every answer says the earlier time."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from brightrun.ports.dynamodb.writes import commit, put_new
from brightrun.ports.s3.signing import SigningSession
from brightrun.runtime import Deps
from tests.support.api.datasets import BODY, NEW, upload
from tests.support.api.http_calls import Call
from tests.support.factories import MODEL_ID, NOON, a_model

TWENTY_MINUTES = 1200
FILE = {"name": "t", "jsonl": {"file_name": "t", "file_size": len(BODY)}}


@pytest.fixture
def deps(deps: Deps) -> Deps:
    """Whoever signs is signed in for twenty minutes more."""
    ends_at = NOON + timedelta(seconds=TWENTY_MINUTES)
    session = SigningSession(deps.store.client, ends_at)
    return replace(deps, store=replace(deps.store, sessions=lambda: session, now=lambda: NOON))


def answers(api: Call, deps: Deps) -> dict[str, dict[str, Any]]:
    """Every answer that says how long its URL holds, by what it is of."""
    commit(deps.table, [put_new(deps.table, a_model())])
    made = api("POST /api/datasets", NEW).data
    upload(deps, made["dataset"]["storage_path"])
    api(f"POST /api/datasets/{made['dataset']['id']}/confirm")
    return {
        "upload": made["upload"],
        "library": api("POST /api/training-files", FILE).data["jsonl_upload"],
        "dataset": api(f"POST /api/datasets/{made['dataset']['id']}/download").data,
        "model": api(f"POST /api/models/{MODEL_ID}/download").data,
    }


def test_what_is_said_is_what_is_left(api: Call, deps: Deps) -> None:
    found = answers(api, deps)

    assert {name: answer["expires_in_seconds"] for name, answer in found.items()} == dict.fromkeys(
        found, TWENTY_MINUTES
    )
    for name in ("dataset", "model"):
        assert found[name]["expires_at"] == "2026-11-20T12:20:00.000000Z"
    urls = [*found["model"]["download_urls"].values(), found["dataset"]["url"]]
    assert {httpx.URL(url).params["X-Amz-Expires"] for url in urls} == {str(TWENTY_MINUTES)}
