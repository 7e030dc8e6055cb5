"""Who changed what: told with the change, to its owner and to administrators, and never erased.

Covers: accounts.audit.
"""

from typing import Any

import pytest

from brightrun.ports.dynamodb import keys
from brightrun.ports.dynamodb.writes import commit, put_new
from brightrun.runtime import Deps
from functions.api.native import native_resolver
from tests.support.api.http_calls import ADA_CALLS, BOB_CALLS, Call, identity
from tests.support.factories import ADA, JOB_ID, KEY_ID, NOON, a_dataset, a_job, a_model

ADMIN = identity(user_id="root", admin="true")
WITH_KEY = identity(user_id=ADA, key_id=KEY_ID, scopes="read write keys")


def trail(api: Call) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = api("GET /api/audit").data["entries"]
    return entries


def test_an_entry_says_who_what_from_where_and_from_what_into_what(api: Call, deps: Deps) -> None:
    commit(deps.table, [put_new(deps.table, a_model())])
    model = a_model()
    api(f"PATCH /api/models/{model.id}", {"name": "Bread"}, caller=WITH_KEY)

    (entry,) = trail(api)

    assert (entry["actor"], entry["key_id"], entry["address"]) == (ADA, KEY_ID, "203.0.113.7")
    assert (entry["action"], entry["target"]) == ("model.changed", model.id)
    assert (entry["before"], entry["after"]) == ({"name": model.name}, {"name": "Bread"})


def test_every_kind_of_change_is_in_the_trail(api: Call, deps: Deps) -> None:
    job = a_job()
    commit(deps.table, [put_new(deps.table, job), put_new(deps.table, a_dataset())])
    made = api("POST /api/api-keys", {"name": "ci"}).data["api_key"]
    api(f"DELETE /api/api-keys/{made['id']}")
    api("PATCH /api/notification-settings", {"webhook_url": "https://example.org/hook"})
    api("PUT /api/admin/users/ada/limits", {"monthly_limit_usd": 5}, caller=ADMIN)
    api("POST /api/admin/users/ada/disable", caller=ADMIN)
    api("POST /api/datasets", {"name": "n", "file_name": "n.jsonl", "file_size": 9})
    api(f"DELETE /api/datasets/{a_dataset().id}")
    api(f"POST /api/jobs/{JOB_ID}/cancel")
    api("POST /api/training-files", {"name": "t", "jsonl": {"file_name": "t", "file_size": 1}})

    told = {(entry["action"], entry["actor"]) for entry in trail(api)}

    assert told == {
        ("api_key.created", ADA),
        ("api_key.changed", ADA),
        ("notification_settings.created", ADA),
        ("limits.created", "root"),
        ("user.created", "root"),
        ("dataset.created", ADA),
        ("job.changed", ADA),
        ("dataset.changed", ADA),
        ("training_file.created", ADA),
    }


def test_no_secret_and_no_hash_stands_in_the_trail(api: Call) -> None:
    secret = api("POST /api/api-keys", {"name": "ci"}).data["secret"]
    hook = {"webhook_url": "https://example.org/hook"}
    signing = api("PATCH /api/notification-settings", hook).data["webhook_secret"]

    told = str(trail(api))

    assert secret not in told
    assert signing not in told
    assert told.count("(secret)") == 2


def test_what_was_refused_is_not_told_as_done(api: Call) -> None:
    api("DELETE /api/api-keys/nothing")
    api("POST /api/datasets", {"name": "n"})

    assert trail(api) == []


def test_the_trail_is_its_owners_and_the_administrators(api: Call) -> None:
    api("POST /api/api-keys", {"name": "ci"})

    assert api("GET /api/audit", caller=BOB_CALLS).data["entries"] == []
    path = "GET /api/admin/users/ada/audit"
    assert len(api(path, caller=ADMIN).data["entries"]) == 1
    assert api(path, caller=ADA_CALLS).status == 403


def test_an_entry_is_kept_as_long_as_configured(api: Call, deps: Deps) -> None:
    api("POST /api/api-keys", {"name": "ci"})
    items = deps.table.client.query(
        TableName="records",
        KeyConditionExpression="pk = :pk AND begins_with(sk, :prefix)",
        ExpressionAttributeValues={":pk": keys.user(ADA), ":prefix": "AUDIT#"},
    )["Items"]

    assert [int(str(item["expires_at"])) for item in items] == [
        int(NOON.timestamp()) + 400 * 86_400
    ]


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_no_route_changes_the_trail(api: Call, method: str) -> None:
    whole = native_resolver()
    routes = whole._static_routes + whole._dynamic_routes
    writing = [r.path for r in routes if "audit" in r.path and r.method != "GET"]

    assert writing == []
    assert api(f"{method} /api/audit", {} if method != "DELETE" else None).status == 405
