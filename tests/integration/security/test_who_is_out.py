"""Who is out is out: disabled users, ended and narrow keys, addresses nobody has proven."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from brightrun.accounts.tokens import api_key
from brightrun.errors import ProviderUnavailable
from brightrun.ports.dynamodb.accounts.user_access import set_access
from brightrun.ports.dynamodb.datasets import create_dataset
from brightrun.ports.dynamodb.writes import commit, put_new
from brightrun.ports.jwks import KeySet
from brightrun.ports.user_pool import UserPool
from brightrun.runtime import Deps
from functions.api.app import handle as answer
from functions.authorizer.app import handle
from tests.support.api.http_calls import ADA_CALLS, Call, an_event, identity
from tests.support.factories import ADA, BOB, KEY_ID, NOON, a_dataset, an_api_key

ADMIN = identity(user_id="root", admin="true")
TOKEN = api_key("k" * 43)
Ask = Callable[[Deps], dict[str, str]]


@dataclass
class Pool:
    """A user pool: who may sign in, and whether it answers."""

    enabled: dict[str, bool] = field(default_factory=lambda: {ADA: True, BOB: True})
    calls: list[str] = field(default_factory=list)
    error: Exception | None = None

    def _called(self, name: str, user: str) -> None:
        self.calls.append(name)
        if self.error is not None:
            raise self.error
        if user not in self.enabled:
            raise ClientError({"Error": {"Code": "UserNotFoundException"}}, name)

    def admin_get_user(self, **named: str) -> dict[str, Any]:
        self._called("get", named["Username"])
        address = {"Name": "email", "Value": f"{named['Username']}@example.org"}
        return {"Enabled": self.enabled[named["Username"]], "UserAttributes": [address]}

    def admin_disable_user(self, **named: str) -> dict[str, Any]:
        self._called("disable", named["Username"])
        self.enabled[named["Username"]] = False
        return {}

    def admin_enable_user(self, **named: str) -> dict[str, Any]:
        self._called("enable", named["Username"])
        self.enabled[named["Username"]] = True
        return {}

    def admin_delete_user(self, **named: str) -> dict[str, Any]:
        self._called("delete", named["Username"])
        return {}

    def admin_user_global_sign_out(self, **named: str) -> dict[str, Any]:
        self._called("sign out", named["Username"])
        return {}


@pytest.fixture
def pool() -> Pool:
    return Pool()


@pytest.fixture
def deps(deps: Deps, pool: Pool) -> Deps:
    """Ada has a key, and there is a user pool."""
    commit(deps.table, [put_new(deps.table, an_api_key(token=TOKEN))])
    return replace(deps, users=UserPool(lambda: pool, "pool"))


def asked(deps: Deps, token: str = TOKEN) -> dict[str, str]:
    event = json.loads(Path("events/authorizer.json").read_text())
    sent = {**event, "headers": {"authorization": f"Bearer {token}"}}
    nobody = httpx.Client(transport=httpx.MockTransport(lambda _: httpx.Response(503)))
    context: dict[str, str] = handle(sent, deps, KeySet(nobody, "https://x", lambda: 0.0))[
        "context"
    ]
    return context


# ---- disabled


def test_a_disabled_users_key_opens_nothing_at_once(api: Call, deps: Deps, pool: Pool) -> None:
    before = asked(deps)
    said = api("POST /api/admin/users/ada/disable", caller=ADMIN).data

    assert (before["kind"], said["disabled_at"] is not None) == ("user", True)
    assert asked(deps)["reason"] == "this user was disabled"
    assert pool.enabled[ADA] is False
    assert pool.calls[-2:] == ["disable", "sign out"]


def test_disabling_twice_changes_nothing_and_enabling_lets_in_again(
    api: Call, deps: Deps, pool: Pool
) -> None:
    first = api("POST /api/admin/users/ada/disable", caller=ADMIN).data
    again = api("POST /api/admin/users/ada/disable", caller=ADMIN).data
    api("POST /api/admin/users/ada/enable", caller=ADMIN)

    assert first == again
    assert asked(replace(deps, users=UserPool(lambda: pool, "pool")))["kind"] == "user"


def test_who_is_disabled_or_deleted_in_the_user_pool_alone_is_out_within_a_minute(
    deps: Deps, pool: Pool
) -> None:
    asked(deps)
    pool.enabled[ADA] = False
    still = asked(deps)
    later = replace(deps, now=lambda: NOON + timedelta(seconds=59))
    del pool.enabled[BOB]
    other = an_api_key(token=api_key("b" * 43), user_id=BOB, id="other")
    commit(deps.table, [put_new(deps.table, other)])

    assert still["kind"] == "user"
    assert asked(later)["reason"] == "this user was disabled"
    assert asked(later, api_key("b" * 43))["reason"] == "this user was disabled"


def test_a_user_pool_that_is_away_shuts_nobody_out(deps: Deps, pool: Pool) -> None:
    pool.error = EndpointConnectionError(endpoint_url="https://pool")

    assert asked(deps)["kind"] == "user"


def test_a_user_pool_that_is_away_is_told_and_the_keys_are_shut_all_the_same(
    api: Call, deps: Deps, pool: Pool
) -> None:
    pool.error = EndpointConnectionError(endpoint_url="https://pool")
    answer = api("POST /api/admin/users/ada/disable", caller=ADMIN)

    assert answer.refusal == (502, ProviderUnavailable.code)
    assert asked(deps)["reason"] == "this user was disabled"


def test_a_plain_user_disables_nobody(api: Call) -> None:
    assert api("POST /api/admin/users/bob/disable").refusal == (403, "forbidden")


def test_an_administrator_sees_who_it_is_and_who_shut_them_out(api: Call, deps: Deps) -> None:
    create_dataset(deps.table, a_dataset())
    before = api("GET /api/admin/users/ada", caller=ADMIN).data
    api("POST /api/admin/users/ada/disable", caller=ADMIN)
    after = api("GET /api/admin/users/ada", caller=ADMIN).data
    (row,) = api("GET /api/admin/users", caller=ADMIN).data["users"]

    assert (before["email"], before["datasets"]) == ("ada@example.org", {"ready": 1})
    assert (before["disabled_at"], before["changed_by"]) == (None, None)
    assert (after["disabled_at"], after["changed_by"]) == (row["disabled_at"], "root")
    assert row["disabled_at"] is not None


def test_whoever_never_declared_a_dataset_is_seen_too(api: Call) -> None:
    seen = api("GET /api/admin/users/bob", caller=ADMIN).data

    assert (seen["email"], seen["seen_at"], seen["jobs"]) == ("bob@example.org", None, {})


def test_a_user_pool_that_is_away_hides_the_address_and_nothing_else(api: Call, pool: Pool) -> None:
    pool.error = EndpointConnectionError(endpoint_url="https://pool")

    assert api("GET /api/admin/users/ada", caller=ADMIN).data["email"] is None


# ---- keys


@pytest.mark.parametrize(("days", "kind"), [(1, "user"), (-1, "anonymous")])
def test_a_key_opens_until_its_end(deps: Deps, days: int, kind: str) -> None:
    ends_at = NOON + timedelta(days=days)
    key = an_api_key(token=api_key("e" * 43), id="ends", ends_at=ends_at)
    commit(deps.table, [put_new(deps.table, key)])

    assert asked(deps, api_key("e" * 43))["kind"] == kind


def with_scopes(*scopes: str) -> dict[str, str]:
    return identity(user_id=ADA, key_id=KEY_ID, scopes=" ".join(scopes))


@pytest.mark.parametrize(
    ("route", "scopes", "status"),
    [
        ("GET /api/jobs", ("read",), 200),
        ("GET /api/jobs", ("write",), 403),
        ("POST /api/notifications/read-all", ("write",), 200),
        ("POST /api/notifications/read-all", ("read", "keys"), 403),
        ("POST /api/api-keys", ("read", "write"), 403),
        ("DELETE /api/api-keys/x", ("read", "write"), 403),
        ("POST /api/api-keys", ("read", "write", "keys"), 201),
    ],
)
def test_a_key_opens_what_its_scopes_say(
    api: Call, route: str, scopes: tuple[str, ...], status: int
) -> None:
    body = {"name": "n"} if route == "POST /api/api-keys" else None

    assert api(route, body, caller=with_scopes(*scopes)).status == status


def test_a_key_makes_none_that_opens_more_than_itself(api: Call) -> None:
    wanted = {"name": "more", "scopes": ["read", "write"]}

    assert api("POST /api/api-keys", wanted, caller=with_scopes("read", "keys")).status == 403


def test_a_key_of_an_earlier_version_opens_what_it_always_did_but_makes_no_keys(deps: Deps) -> None:
    assert asked(deps)["scopes"] == "read write"


def test_a_key_shows_its_end_and_its_last_use(api: Call) -> None:
    wanted = {"name": "ci", "scopes": ["read"], "expires_in_days": 30}
    made = api("POST /api/api-keys", wanted).data["api_key"]
    api("GET /api/jobs", caller=identity(user_id=ADA, key_id=made["id"], scopes="read"))

    listed = api("GET /api/api-keys").data["api_keys"]

    assert made["ends_at"].startswith("2026-12-20")
    assert {key["name"]: (key["last_used_at"] or "never")[:10] for key in listed} == {
        "laptop": "never",
        "ci": "2026-11-20",
    }


def test_an_administrator_lists_and_revokes_the_keys_of_others(api: Call, deps: Deps) -> None:
    path = "/api/admin/users/ada/api-keys"
    (listed,) = api(f"GET {path}", caller=ADMIN).data["api_keys"]
    api(f"DELETE {path}/{KEY_ID}", caller=ADMIN)

    assert listed["id"] == KEY_ID
    assert asked(deps)["reason"] == "the API key was revoked"
    assert api(f"DELETE {path}/{KEY_ID}", caller=ADA_CALLS).status == 403


# ---- the path that is judged


@pytest.mark.parametrize("stage", ["prod", "$default"])
def test_the_administrators_paths_are_judged_as_they_are_routed(deps: Deps, stage: str) -> None:
    """Behind a named stage the path that comes in carries the stage's name."""
    prefix = "" if stage == "$default" else f"/{stage}"
    event = an_event(f"GET {prefix}/api/admin/watchdog", None, ADA_CALLS, None, None, None)
    event["requestContext"] = {**event["requestContext"], "stage": stage}

    assert answer(event, None, deps)["statusCode"] == 403


def test_access_is_kept_by_user(deps: Deps) -> None:
    set_access(deps.table, BOB, ADA, NOON, disabled=True)

    assert asked(deps)["kind"] == "user"
