"""Two GPUs are ordered and the endpoint's worker has one: refused, and billed as what ran.

Everything is real but the GPU: the deployed stack, RunPod's SDK behind the stand-in, the worker.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local import stack
from local.demo.client import Json, Pipeline, upload
from local.settings import read_settings
from tests.support.ports import eventually, own_settings

pytestmark = [
    pytest.mark.stack,
    pytest.mark.slow,
    pytest.mark.skipif(
        not read_settings().engine_python.exists(), reason="no .venv-engine: `make test` makes it"
    ),
]
WORKER = (sys.executable, "-u", str(Path(__file__).parents[1] / "support" / "one_gpu_worker.py"))
ROW = '{"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Yo"}]}\n'
PATIENCE_SECONDS = 240.0


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pipeline]:
    settings = own_settings(tmp_path_factory.mktemp("gpus"))
    running = stack.up(settings, [], leashed=True, worker=WORKER)
    pipeline = Pipeline(settings.front_url, running.credentials.api_key or "")
    yield pipeline
    pipeline.close()
    stack.down(settings)


@pytest.fixture(scope="module")
def refused(pipeline: Pipeline, tmp_path_factory: pytest.TempPathFactory) -> Json:
    """The page of a job whose first worker has refused, and which was cancelled then."""
    file = tmp_path_factory.mktemp("data") / "rows.jsonl"
    file.write_text("".join(ROW.replace("Hi", f"Hi {number}") for number in range(20)))
    dataset_id = upload(pipeline, file, "rows")
    path = f"/api/datasets/{dataset_id}"
    eventually(lambda: pipeline.call("GET", path)["status"] == "ready", PATIENCE_SECONDS)
    order: Json = {
        "dataset_id": dataset_id,
        "preset_id": "fast",
        "gpu_config": {"type": "A100-80GB", "count": 2},
    }
    page = f"/api/jobs/{pipeline.call('POST', '/api/jobs', order)['id']}"

    def first_has_ended() -> bool:
        attempts: list[Any] = pipeline.call("GET", page)["attempts"]
        return any(attempt["ended_at"] for attempt in attempts)

    eventually(first_has_ended, PATIENCE_SECONDS)
    pipeline.call("POST", f"{page}/cancel")

    def has_ended() -> bool:
        return bool(pipeline.call("GET", page)["job"]["completed_at"])

    eventually(has_ended, PATIENCE_SECONDS)
    return pipeline.call("GET", page)


def test_a_worker_with_fewer_gpus_refuses_and_says_what_it_has(refused: Json) -> None:
    told = [event["message"] for event in refused["events"]]

    assert any("2 GPUs were ordered and this worker has 1" in message for message in told), told
    assert refused["job"]["artifact_id"] is None
    assert refused["job"]["current_step"] == 0


def test_only_what_ran_is_billed_one_gpu_for_its_seconds(refused: Json) -> None:
    seconds = sum(attempt["gpu_seconds"] or 0 for attempt in refused["attempts"])
    (record,) = refused["cost_records"]

    assert refused["attempts"][0]["gpu_count"] == 1
    assert 0 < seconds < PATIENCE_SECONDS
    assert record["amount"] == pytest.approx(seconds / 3600 * 3.50, abs=1e-5)
    assert record["details"]["gpu_count"] == 1
    assert refused["job"]["final_cost"] == pytest.approx(record["amount"])
