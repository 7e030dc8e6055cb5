"""A whole fine-tune with OpenAI's own client: from `files.create` to a verified adapter."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openai
import pytest
from openai.types.fine_tuning import FineTuningJob

from brightrun.client import BrightRun
from brightrun.openai import ids
from local.demo.check import Loaded
from tests.support.stack.users import new_key, new_user
from tests.support.stack.whole_stack import Whole

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
ROW = (
    '{"messages":[{"role":"user","content":"How many loaves on day %s?"},'
    '{"role":"assistant","content":"Bake %s loaves, and two more for luck."}]}\n'
)
ROWS = 40
PATIENCE_SECONDS = 900.0


@pytest.fixture(scope="module")
def key(whole: Whole) -> str:
    """Of a user of their own: the owner's models are counted elsewhere."""
    return new_key(whole.stack, new_user(whole.stack, "openai"))


@pytest.fixture(scope="module")
def client(whole: Whole, key: str) -> openai.OpenAI:
    return openai.OpenAI(base_url=f"{whole.stack.settings.front_url}/v1", api_key=key)


def until(seen: Callable[[], Any], *, is_so: Callable[[Any], bool]) -> Any:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_so(found := seen()):
        assert time.monotonic() < deadline, found
        time.sleep(0.5)
    return found


@pytest.fixture(scope="module")
def job(client: openai.OpenAI) -> FineTuningJob:
    """The job, once it has ended: two lines differ from what is written for OpenAI."""
    body = "".join(ROW % (n, 3 * n) for n in range(ROWS)).encode()
    file = client.files.create(file=("loaves.jsonl", body), purpose="fine-tune")
    processed = client.files.wait_for_processing(file.id, poll_interval=0.5)
    assert processed.status == "processed", processed.status_details
    job = client.fine_tuning.jobs.create(
        model="demo-base",
        training_file=file.id,
        suffix="loaves",
        method={
            "type": "supervised",
            "supervised": {"hyperparameters": {"n_epochs": 2, "batch_size": 4}},
        },
        extra_body={"tuning": {"gpu": "A100-80GB", "gpu_count": 1, "rank": 8, "max_cost_usd": 5}},
    )
    ended = {"succeeded", "failed", "cancelled"}
    done: FineTuningJob = until(
        lambda: client.fine_tuning.jobs.retrieve(job.id), is_so=lambda now: now.status in ended
    )
    return done


def test_the_job_succeeds_with_every_number_resolved(
    job: FineTuningJob,
) -> None:
    assert (job.status, job.error) == ("succeeded", None)
    assert job.fine_tuned_model is not None
    assert job.fine_tuned_model.startswith("ft:demo-base:personal:loaves:")
    assert (job.hyperparameters.n_epochs, job.hyperparameters.batch_size) == (2, 4)
    assert job.trained_tokens is not None
    assert job.trained_tokens > 0


def test_its_story_has_messages_and_a_metrics_event_for_every_step(
    client: openai.OpenAI, job: FineTuningJob
) -> None:
    story = list(client.fine_tuning.jobs.list_events(job.id))
    steps = sorted(each.data["step"] for each in story if each.type == "metrics")  # type: ignore[index]

    assert {each.type for each in story} == {"message", "metrics"}
    assert steps == list(range(steps[0], steps[-1] + 1))
    assert steps[0] <= 1


def test_its_result_file_is_plain_csv_with_a_loss_for_every_step(
    client: openai.OpenAI, job: FineTuningJob
) -> None:
    (result,) = job.result_files
    head, *rows = client.files.content(result).text.splitlines()
    losses = [row.split(",")[1] for row in rows if row.split(",")[1]]

    assert head.startswith("step,train_loss,train_accuracy,valid_loss,valid_mean_token_accuracy")
    assert len(losses) >= 2
    assert all(float(loss) > 0 for loss in losses)


def test_its_adapter_loads_and_gives_the_worker_s_own_logits(
    whole: Whole,
    client: openai.OpenAI,
    key: str,
    job: FineTuningJob,
    tmp_path: Path,
) -> None:
    name = job.fine_tuned_model or ""
    (kept,) = client.fine_tuning.jobs.checkpoints.list(job.id)
    found = client.models.retrieve(kept.fine_tuned_model_checkpoint)
    with BrightRun(whole.stack.settings.front_url, key) as api:
        api.download(api.models.read(ids.artifact_of(name) or ""), tmp_path)
    count, difference = Loaded(whole.base_model, tmp_path).probe_difference(
        tmp_path / "probes.json"
    )

    assert found.id == name
    assert count > 0
    assert difference < 0.001
