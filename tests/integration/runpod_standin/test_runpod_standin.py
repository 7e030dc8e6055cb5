"""The stand-in for RunPod, driven through its job API, with RunPod's own SDK on the other side."""

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

from tests.support.workers.standin_process import ENDPOINTS, KEY, Rented, eventually

pytestmark = pytest.mark.slow  # each worker imports the SDK: about 2 s


@pytest.fixture(scope="module")
def rented(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rented]:
    standin = Rented(tmp_path_factory.mktemp("standin"))
    yield standin
    standin.close()


@pytest.fixture
def endpoint(rented: Rented) -> Iterator[str]:
    """An endpoint that only this test uses; its workers are gone afterwards."""
    name = ENDPOINTS.pop()
    yield name
    for worker in rented.workers(name):
        rented.client.post(f"/_standin/workers/{worker['id']}/kill")
    for run in rented.client.get("/_standin/state").json()["runs"]:
        if run["endpoint_id"] == name:
            rented.client.post(f"/_standin/runs/{run['id']}/forget")


def processes_named(mark: str) -> list[psutil.Process]:
    return [
        process
        for process in psutil.process_iter(["cmdline"])
        if mark in (process.info["cmdline"] or []) and process.status() != psutil.STATUS_ZOMBIE
    ]


def test_a_run_reaches_a_real_worker_and_its_output_comes_back(
    rented: Rented, endpoint: str
) -> None:
    run_id = rented.run(endpoint, {"say": "hello", "seconds": 1})
    ended = rented.until(endpoint, run_id, "COMPLETED")

    assert run_id.endswith("-u1")
    assert ended["output"]["said"] == "hello"
    assert 1000 <= ended["executionTime"] < 3000
    assert ended["delayTime"] > 0
    assert len(ended["workerId"]) == 14
    assert "error" not in ended


def test_a_worker_sees_the_images_environment_and_no_aws_credential(
    rented: Rented, endpoint: str
) -> None:
    run_id = rented.run(endpoint, {"say": "x"})
    names = rented.until(endpoint, run_id, "COMPLETED")["output"]["environment"]

    assert "BRIGHTRUN_MARK" in names
    assert "RUNPOD_POD_ID" in names
    assert [name for name in names if name.startswith("AWS_")] == []


def test_an_error_the_handler_returns_fails_the_run(rented: Rented, endpoint: str) -> None:
    run_id = rented.run(endpoint, {"error": "out_of_memory: 80 GB needed"})
    ended = rented.until(endpoint, run_id, "FAILED")

    assert ended["error"] == "out_of_memory: 80 GB needed"


def test_cancel_answers_at_once_and_stops_the_handler(
    rented: Rented, endpoint: str, tmp_path: Path
) -> None:
    note = tmp_path / "stopped"
    run_id = rented.run(endpoint, {"seconds": 600, "stopped_file": str(note)})
    rented.until(endpoint, run_id, "IN_PROGRESS")
    answer = rented.client.post(f"/v2/{endpoint}/cancel/{run_id}").json()

    assert answer == {"id": run_id, "status": "CANCELLED"}
    assert eventually(note.exists)
    assert rented.status(endpoint, run_id)["status"] == "CANCELLED"


def test_the_execution_timeout_ends_the_run_and_stops_the_handler(
    rented: Rented, endpoint: str, tmp_path: Path
) -> None:
    note = tmp_path / "stopped"
    asked = {"seconds": 600, "stopped_file": str(note)}
    run_id = rented.run(endpoint, asked, policy={"executionTimeout": 1000, "ttl": 60_000})
    ended = rented.until(endpoint, run_id, "TIMED_OUT")

    assert ended["executionTime"] >= 1000
    assert eventually(note.exists)


def test_a_run_whose_time_to_live_is_over_is_unknown(rented: Rented, endpoint: str) -> None:
    rented.set(paused=True)
    run_id = rented.run(endpoint, {"say": "late"}, policy={"ttl": 300})
    eventually(lambda: rented.client.get(f"/v2/{endpoint}/status/{run_id}").status_code == 404, 3)
    rented.set(paused=False)


def test_after_kill_9_the_run_is_handed_out_once_more_and_nothing_survives(
    rented: Rented, endpoint: str
) -> None:
    mark = f"child-of-{endpoint}"
    run_id = rented.run(endpoint, {"seconds": 600, "child": mark})
    first = rented.until(endpoint, run_id, "IN_PROGRESS")["workerId"]
    (before,) = eventually(lambda: processes_named(mark))
    rented.client.post(f"/_standin/workers/{first}/kill")
    eventually(lambda: not before.is_running(), 5)
    eventually(lambda: rented.status(endpoint, run_id).get("retries") == 1)
    again = rented.until(endpoint, run_id, "IN_PROGRESS")

    assert again["workerId"] != first
    assert [worker["id"] for worker in rented.workers(endpoint)] == [again["workerId"]]


def test_a_worker_that_crashes_every_time_fails_the_run_in_the_services_words(
    rented: Rented, endpoint: str
) -> None:
    run_id = rented.run(endpoint, {"crash": True})
    ended = rented.until(endpoint, run_id, "FAILED")

    assert ended["retries"] == 1
    assert ended["error"] == "job timed out after 1 retries"


def test_an_empty_input_ends_as_it_does_on_the_service(rented: Rented, endpoint: str) -> None:
    run_id = rented.run(endpoint, {})
    ended = rented.until(endpoint, run_id, "FAILED")

    assert ended["error"] == "job timed out after 1 retries"


def test_a_duplicate_is_delivered_to_a_second_worker_whose_answer_does_not_count(
    rented: Rented, endpoint: str, tmp_path: Path
) -> None:
    asked = {"seconds": 20, "say": "first", "first_file": str(tmp_path / "first")}
    run_id = rented.run(endpoint, asked)
    first = rented.until(endpoint, run_id, "IN_PROGRESS")["workerId"]
    rented.client.post(f"/_standin/runs/{run_id}/duplicate")
    (second,) = eventually(lambda: rented.answers_of(run_id))
    meanwhile = rented.status(endpoint, run_id)
    ended = rented.until(endpoint, run_id, "COMPLETED")

    assert second["worker_id"] != first
    assert second["output"] == {"said": "second"}
    assert meanwhile["status"] == "IN_PROGRESS"
    assert ended["workerId"] == first
    assert ended["output"]["said"] == "first"


def test_a_lost_answer_to_run_hides_a_run_that_happens(rented: Rented, endpoint: str) -> None:
    fault = {"call": "run", "status": 502, "performed": True}
    rented.client.post("/_standin/faults", json=fault)
    answer = rented.client.post(f"/v2/{endpoint}/run", json={"input": {"say": "hidden"}})

    def hidden() -> list[dict[str, Any]]:
        runs = rented.client.get("/_standin/state").json()["runs"]
        return [r for r in runs if r["endpoint_id"] == endpoint and r["status"] == "COMPLETED"]

    assert answer.status_code == 502
    assert eventually(hidden)[0]["output"]["said"] == "hidden"


def test_without_capacity_a_run_stays_in_the_queue_and_health_says_so(
    rented: Rented, endpoint: str
) -> None:
    rented.set(paused=True)
    run_id = rented.run(endpoint, {"say": "wait"})
    health = rented.client.get(f"/v2/{endpoint}/health").json()
    waiting = rented.status(endpoint, run_id)
    rented.set(paused=False)

    assert waiting == {"id": run_id, "status": "IN_QUEUE"}
    assert health["jobs"]["inQueue"] == 1
    assert health["workers"]["throttled"] == 1
    assert rented.until(endpoint, run_id, "COMPLETED")


def test_a_result_expires(rented: Rented, endpoint: str) -> None:
    run_id = rented.run(endpoint, {"say": "soon gone"})
    rented.until(endpoint, run_id, "COMPLETED")
    rented.set(retention_seconds=0.1)
    eventually(lambda: rented.client.get(f"/v2/{endpoint}/status/{run_id}").status_code == 404, 3)
    rented.set(retention_seconds=1800)


def test_an_idle_endpoint_has_no_workers(rented: Rented, endpoint: str) -> None:
    run_id = rented.run(endpoint, {"say": "x"})
    rented.until(endpoint, run_id, "COMPLETED")
    (worker,) = rented.workers(endpoint)
    rented.set(idle_seconds=0.5)
    eventually(lambda: not rented.workers(endpoint), 8)
    rented.set(idle_seconds=600)

    assert not psutil.pid_exists(worker["pid"])


@pytest.mark.parametrize(
    ("path", "body", "key", "expected"),
    [
        ("endpoint-0/run", {"input": {"a": 1}}, "wrong", 401),
        ("no-such-endpoint/run", {"input": {"a": 1}}, KEY, 404),
        ("endpoint-0/run", {"prompt": "x"}, KEY, 400),
        ("endpoint-0/cancel/unknown", {}, KEY, 404),
    ],
)
def test_what_cannot_be_done_is_refused(
    rented: Rented, path: str, body: dict[str, Any], key: str, expected: int
) -> None:
    headers = {"Authorization": f"Bearer {key}"}
    answer = rented.client.post(f"/v2/{path}", json=body, headers=headers)

    assert answer.status_code == expected


def test_nothing_survives_a_stand_in_that_is_killed(tmp_path: Path) -> None:
    standin = Rented(tmp_path)
    run_id = standin.run("endpoint-0", {"seconds": 600, "child": "child-of-the-killed"})
    standin.until("endpoint-0", run_id, "IN_PROGRESS")
    (worker,) = standin.workers("endpoint-0")
    eventually(lambda: processes_named("child-of-the-killed"))
    standin.process.send_signal(signal.SIGKILL)
    standin.close()

    eventually(lambda: not processes_named("child-of-the-killed"), 5)
    eventually(lambda: not psutil.pid_exists(worker["pid"]), 5)


def test_the_management_api_reads_and_raises_an_endpoints_limit(
    rented: Rented, endpoint: str
) -> None:
    path = f"/management/serverless/{endpoint}"
    before = rented.client.get(path).json()["workers"]["max"]
    raised = rented.client.patch(path, json={"workers": {"max": before + 1}}).json()
    read_back = rented.client.get(path).json()
    rented.client.patch(path, json={"workers": {"max": before}})

    assert raised["workers"]["max"] == read_back["workers"]["max"] == before + 1
    assert rented.client.get(f"{path}/workers").json()["summary"]["total"] == 0
    assert rented.client.get("/management/serverless/unknown").status_code == 404
    assert httpx.get(str(rented.client.base_url.join(path))).status_code == 401
