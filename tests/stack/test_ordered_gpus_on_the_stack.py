"""Two GPUs are ordered and the endpoint's worker has one: refused, and billed as what ran.

Everything is real but the GPU: the deployed stack, RunPod's SDK behind the stand-in, the worker.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from brightrun.client import BrightRun, JobChoices
from brightrun.client.answers import WatchedJob
from local import stack
from local.settings import read_settings
from tests.support.stack.ports import eventually, own_settings

pytestmark = [
    pytest.mark.stack,
    pytest.mark.slow,
    pytest.mark.skipif(
        not read_settings().engine_python.exists(), reason="no .venv-engine: `make test` makes it"
    ),
]
WORKER = (
    sys.executable,
    "-u",
    str(Path(__file__).parents[1] / "support" / "workers" / "one_gpu_worker.py"),
)
ROW = '{"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Yo"}]}\n'
PATIENCE_SECONDS = 240.0


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrightRun]:
    settings = own_settings(tmp_path_factory.mktemp("gpus"))
    running = stack.up(settings, [], leashed=True, worker=WORKER)
    with BrightRun(settings.front_url, running.credentials.api_key) as client:
        yield client
    stack.down(settings)


@pytest.fixture(scope="module")
def refused(api: BrightRun, tmp_path_factory: pytest.TempPathFactory) -> WatchedJob:
    """The page of a job whose first worker has refused, and which was cancelled then."""
    file = tmp_path_factory.mktemp("data") / "rows.jsonl"
    file.write_text("".join(ROW.replace("Hi", f"Hi {number}") for number in range(20)))
    dataset = api.validated(api.upload(file, name="rows").dataset)
    job_id = api.jobs.create(
        JobChoices(dataset_id=dataset.id, gpu_type="A100-80GB", gpu_count=2, preset="fast")
    ).id

    def first_has_ended() -> bool:
        return any(attempt.ended_at for attempt in api.jobs.read(job_id).attempts)

    eventually(first_has_ended, PATIENCE_SECONDS)
    api.jobs.cancel(job_id)
    eventually(lambda: api.jobs.read(job_id).job.completed_at, PATIENCE_SECONDS)
    return api.jobs.read(job_id)


def test_a_worker_with_fewer_gpus_refuses_and_says_what_it_has(refused: WatchedJob) -> None:
    told = [event.message for event in refused.events]

    assert any("2 GPUs were ordered and this worker has 1" in message for message in told), told
    assert refused.job.artifact_id is None
    assert refused.job.current_step == 0


def test_only_what_ran_is_billed_one_gpu_for_its_seconds(refused: WatchedJob) -> None:
    seconds = sum(attempt.gpu_seconds or 0 for attempt in refused.attempts)
    (record,) = refused.cost_records

    assert refused.attempts[0].gpu_count == 1
    assert 0 < seconds < PATIENCE_SECONDS
    assert float(record.amount) == pytest.approx(seconds / 3600 * 3.50, abs=1e-5)
    assert record.details.gpu_count == 1
    assert refused.job.final_cost == record.amount
