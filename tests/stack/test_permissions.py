"""Calls that only a running stack proves: each needs a permission or a part of AWS of its own."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from brightrun.client import BrightRun
from local.stack import Stack
from tests.support.stack.ports import eventually
from tests.support.stack.users import new_key, new_user

pytestmark = [pytest.mark.stack, pytest.mark.slow]
ROW = '{"messages": [{"role": "user", "content": "Q%s"}, {"role": "assistant", "content": "A"}]}\n'
PATIENCE_SECONDS = 300


@pytest.fixture(scope="module")
def ada(shared: Stack) -> Iterator[httpx.Client]:
    with client(shared, new_key(shared, new_user(shared, "ada-of-permissions"))) as made:
        yield made


@pytest.fixture(scope="module")
def admin(shared: Stack) -> Iterator[httpx.Client]:
    with client(shared, new_user(shared, "admin-of-permissions", "admin")) as made:
        yield made


def client(running: Stack, token: str) -> httpx.Client:
    head = {"Authorization": f"Bearer {token}"}
    return httpx.Client(base_url=running.settings.front_url, headers=head, timeout=120)


def data(answer: httpx.Response) -> Any:
    assert answer.is_success, answer.text
    return answer.json()["data"]


def test_who_changed_what_can_be_read_by_its_owner_and_an_administrator(
    ada: httpx.Client, admin: httpx.Client
) -> None:
    user_id = data(ada.get("/api/me"))["user_id"]
    body = {"webhook_url": "https://hooks.example/x"}
    secret = data(ada.patch("/api/notification-settings", json=body))["webhook_secret"]
    own = ada.get("/api/audit").text
    shown = admin.get(f"/api/admin/users/{user_id}/audit").text

    for text in (own, shown):
        assert "notification_settings.created" in text
        assert "api_key.created" in text
        assert secret not in text


def test_every_line_of_a_dataset_is_accounted_for(
    shared: Stack, ada: httpx.Client, tmp_path: Path
) -> None:
    file = tmp_path / "ledger.jsonl"
    file.write_text("".join(ROW % n for n in range(12)) + "no json\n")
    key = ada.headers["authorization"].removeprefix("Bearer ")
    with BrightRun(shared.settings.front_url, key) as api:
        dataset = api.validated(api.upload(file, name="ledger").dataset)
    ledger = data(ada.get(f"/api/datasets/{dataset.id}/ledger"))

    totals = ledger["totals"]
    kinds = ("trained_rows", "skipped_rows", "rejected_rows")
    assert totals["rows"] == sum(totals[kind] for kind in kinds) == 13
    assert [row["line"] for row in ledger["rows"]][-1] == 13


def test_a_webhook_that_nobody_serves_is_told_with_its_reason(ada: httpx.Client) -> None:
    ada.patch("/api/notification-settings", json={"webhook_url": "https://nobody.invalid/x"})
    answer = ada.post("/api/notification-settings/test")

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")


def test_a_disabled_user_is_out_with_every_key_and_comes_in_again_when_let(
    shared: Stack, admin: httpx.Client
) -> None:
    token = new_user(shared, "eve-of-permissions")
    with client(shared, new_key(shared, token)) as eve, client(shared, token) as signed_in:
        user_id = data(eve.get("/api/me"))["user_id"]
        data(admin.post(f"/api/admin/users/{user_id}/disable"))
        out = [each.get("/api/me").status_code for each in (eve, signed_in)]
        data(admin.post(f"/api/admin/users/{user_id}/enable"))
        eventually(lambda: eve.get("/api/me").is_success, PATIENCE_SECONDS)

    assert out == [401, 401]


def test_what_the_gateway_itself_answers_is_no_accident(shared: Stack, ada: httpx.Client) -> None:
    """A path nobody serves reaches the API; a method without a route is the gateway's own 404."""
    nowhere, v1 = ada.get("/api/nowhere"), ada.get("/v1/nowhere")
    unrouted = ada.request("PROPFIND", "/api/datasets")

    assert (nowhere.status_code, nowhere.json()["code"]) == (404, "route_not_found")
    assert (v1.status_code, set(v1.json()["error"])) == (404, {"message", "type", "param", "code"})
    assert unrouted.status_code in {404, 405}
    assert isinstance(unrouted.json(), dict)
