"""What the stand-in refuses because the real service would: the published schema, and its texts."""

from typing import Any

import pytest

from tests.support.deployment.standin_account import StandInAccount

ENDPOINT: dict[str, Any] = {
    "name": "one",
    "type": "QUEUE",
    "image": "you/trainer:1",
    "gpu": {"pools": ["ADA_80_PRO"]},
    "scaling": {"type": "QUEUE_DELAY", "queueDelay": 4},
}
BY_COUNT = {"type": "REQUEST_COUNT", "requestCount": 1}


@pytest.mark.parametrize(
    ("path", "body", "status", "words"),
    [
        ("serverless", {"maxWorkers": 3}, 422, "maxWorkers: Extra inputs"),
        ("serverless", {"disk": "60"}, 422, "disk: Input should be a valid integer"),
        ("serverless", {"type": "QUEUE_BASED"}, 422, "type: "),
        ("serverless", {"image": ""}, 422, "image is required"),
        ("serverless", {"gpu": {"pools": []}}, 422, "gpu.pools"),
        ("serverless", {"gpu": {"pools": ["ADA_80_PRO"], "minCudaVersion": "13"}}, 422, "minCuda"),
        ("serverless", {"workers": {"idleTimeout": 0}}, 422, "workers.idleTimeout"),
        ("serverless", {"scaling": {"type": "QUEUE_DELAY"}}, 422, "scaling"),
        ("serverless", {"gpu": {"pools": ["NVIDIA H100"]}}, 400, "unknown GPU pool"),
        (
            "serverless",
            {"gpu": {"pools": ["ADA_80_PRO"], "excludedTypes": ["NVIDIA L40"]}},
            400,
            "none of the pools",
        ),
        (
            "serverless",
            {"scaling": BY_COUNT, "workers": {"idleTimeout": 60}},
            422,
            "does not apply to REQUEST_COUNT",
        ),
        ("serverless", {"networkVolumes": ["v-unknown"]}, 404, "not found"),
        ("network-volumes", {"name": "v", "size": 5, "dataCenter": "EU-RO-1"}, 422, "size"),
        ("templates", {"name": "t"}, 422, "image: Field required"),
    ],
)
def test_a_request_that_the_service_would_refuse_is_refused(
    path: str, body: dict[str, Any], status: int, words: str
) -> None:
    account = StandInAccount()
    whole = {**ENDPOINT, **body} if path == "serverless" else body
    answer = account.client.post(f"/{path}", json=whole)

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert words in answer.text
    assert not account.resources.of(path)


def test_pools_without_their_exclusions_clear_them() -> None:
    account = StandInAccount()
    gpu = {"pools": ["ADA_48_PRO"], "excludedTypes": ["NVIDIA L40"]}
    made = account.client.post("/serverless", json={**ENDPOINT, "gpu": gpu}).json()
    path = f"/serverless/{made['id']}"
    account.client.patch(path, json={"gpu": {"count": 2}})
    counted = account.client.get(path).json()
    account.client.patch(path, json={"gpu": {"pools": ["ADA_48_PRO"]}})

    assert counted["gpu"]["excludedTypes"] == ["NVIDIA L40"]
    assert account.client.get(path).json()["gpu"]["excludedTypes"] == []
    assert account.client.patch(path, json={"gpu": {"excludedTypes": []}}).status_code == 422


def test_switching_to_a_count_of_requests_forgets_the_idle_time() -> None:
    account = StandInAccount()
    made = account.client.post("/serverless", json=ENDPOINT).json()
    changed = account.client.patch(f"/serverless/{made['id']}", json={"scaling": BY_COUNT}).json()

    assert made["workers"]["idleTimeout"] == 10
    assert "idleTimeout" not in changed["workers"]
