"""Attempts with the real training process, against our API and storage in memory."""

import asyncio
import json
import os
import signal
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from brightrun.training.failure_codes import RETRIABLE, FailureCode
from brightrun.training.protocol import Checkpoint, Download, Stage
from tests.support.trainer.attempts import during_training, run_attempt
from tests.support.trainer.fake_platform import ORDER, STORAGE, TOKEN
from tests.support.trainer.platforms import a_platform
from trainer_image.worker.api_client import WorkerApi
from trainer_image.worker.attempt import Attempt
from trainer_image.worker.context import Verdict, Worker

pytestmark = pytest.mark.slow


def test_an_attempt_delivers_an_adapter_with_a_manifest_that_holds(worker: Worker) -> None:
    platform = a_platform()

    verdict = run_attempt(platform, worker)

    assert verdict == Verdict("succeeded")
    (finish,) = platform.finishes
    stored = {name.removeprefix("artifact/"): data for name, data in platform.files.items()}
    assert {file.name: file.size_bytes for file in finish.manifest} == {
        name: len(stored[name])
        for name in (
            "README.md",
            "adapter_config.json",
            "adapter_model.safetensors",
            "chat_template.jinja",
            "evaluation.json",
            "manifest.json",
            "metrics.csv",
            "probes.json",
            "tokenizer.json",
            "tokenizer_config.json",
            "training_args.json",
        )
    }
    assert json.loads(stored["terminal.json"]) == finish.model_dump(mode="json")
    assert finish.summary
    assert finish.summary.total_steps == 14  # 28 rows train, 4 to a step, twice
    assert list(worker.settings.work_dir.iterdir()) == []


def test_every_step_is_reported_once_and_in_order(worker: Worker) -> None:
    platform = a_platform()

    run_attempt(platform, worker)

    steps = [point.step for report in platform.reports for point in report.points]
    assert steps == list(range(1, 15))
    sequences = [report.sequence for report in platform.reports]
    assert sequences == list(range(len(sequences)))
    assert platform.reports[-1].stage is Stage.UPLOADING


def test_a_superseded_worker_trains_nothing(worker: Worker) -> None:
    platform = a_platform()
    platform.superseded = True

    verdict = run_attempt(platform, worker)

    assert verdict == Verdict("superseded")
    assert platform.calls == ["start"]


def test_an_expired_url_is_replaced_by_a_fresh_one(worker: Worker) -> None:
    platform = a_platform()
    platform.expired_downloads = 1

    verdict = run_attempt(platform, worker)

    assert verdict.outcome == "succeeded"
    assert platform.calls[:2] == ["start", "dataset"]


def test_a_stopped_run_keeps_its_last_checkpoint_and_resumes_to_the_same_weights(
    worker: Worker,
) -> None:
    """Stopped by our API, continued by another process: bit-equal to a run left alone."""
    whole = a_platform(rows=240, epochs=4)
    run_attempt(whole, worker)

    stopped = a_platform(rows=240, epochs=4)
    stopped.stop_after_step = 3
    assert run_attempt(stopped, worker).outcome == "stopped"
    resumed = a_platform(rows=240, epochs=4)
    resumed.resume_from = stopped.checkpoint_to_resume()
    resumed.files = {k: v for k, v in stopped.files.items() if k.startswith("checkpoint/")}
    run_attempt(resumed, worker)

    assert 0 < resumed.resume_from.step < 216
    name = "artifact/adapter_model.safetensors"
    assert resumed.files[name] == whole.files[name]
    (finish,) = resumed.finishes
    assert finish.summary
    assert finish.summary.resumed_from_step == resumed.resume_from.step


def test_a_lost_report_is_sent_again(worker: Worker) -> None:
    platform = a_platform()
    platform.failing = {"report": 3}

    run_attempt(platform, worker)

    steps = [point.step for report in platform.reports for point in report.points]
    assert steps == list(range(1, 15))


def test_a_missing_base_model_is_named(worker: Worker, tmp_path: Path) -> None:
    """A volume that nothing may be written to is told of, and is not what ends the job."""
    empty = tmp_path / "no-models"
    empty.mkdir()
    (tmp_path / "volume").touch()
    named = {"models_dir": empty, "cache_dir": tmp_path / "volume" / "hub"}
    settings = worker.settings.model_copy(update=named)
    environment = {**worker.environment, "HF_HUB_OFFLINE": "1"}
    platform = a_platform()

    verdict = run_attempt(platform, replace(worker, settings=settings, environment=environment))

    assert verdict.failure
    assert verdict.failure.code is FailureCode.BASE_MODEL_UNAVAILABLE
    assert platform.finishes[0].outcome == "failed"
    lines = [line.message for report in platform.reports for line in report.lines]
    assert [line for line in lines if f"may not write to {tmp_path}/volume/hub" in line]


def test_a_cancelled_handler_leaves_no_process(worker: Worker) -> None:
    """RunPod cancels the task: the child is gone when the cancellation comes out again."""
    platform = a_platform(rows=400, epochs=20)

    async def cancelled_in_training() -> int:
        api = WorkerApi(ORDER, transport=platform.transport)
        attempt = Attempt(api, worker)
        trained = asyncio.Event()
        platform.on_report = lambda report: trained.set() if report.step else None
        task = asyncio.create_task(attempt.run("runpod-1"))
        seen = asyncio.create_task(trained.wait())
        await asyncio.wait({task, seen}, return_when=asyncio.FIRST_COMPLETED)
        assert seen.done()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await api.close()
        assert attempt.child
        return attempt.child.pid

    pid = asyncio.run(cancelled_in_training())

    assert not Path(f"/proc/{pid}").exists()
    assert platform.finishes == []


def kill_child(attempt: Attempt) -> None:
    assert attempt.child
    os.kill(attempt.child.pid, signal.SIGKILL)


def test_a_killed_training_process_is_a_crash_another_attempt_can_take_up(worker: Worker) -> None:
    platform = a_platform(rows=400, epochs=5)

    verdict = during_training(platform, worker, kill_child)

    assert verdict.failure
    assert verdict.failure.code is FailureCode.TRAINER_CRASHED
    assert verdict.failure.code in RETRIABLE
    assert "status -9" in verdict.failure.message
    assert platform.checkpoints


def test_a_preempted_worker_leaves_a_checkpoint_for_the_next(worker: Worker) -> None:
    platform = a_platform(rows=400, epochs=5)

    verdict = during_training(platform, worker, Attempt.preempt)

    assert verdict.failure
    assert verdict.failure.code in RETRIABLE
    assert platform.checkpoints[-1].step >= 3
    assert platform.finishes[0].outcome == "failed"


def test_the_deadline_stops_a_run_even_if_nobody_says_so(worker: Worker) -> None:
    platform = a_platform(rows=400, epochs=20)
    late = [timedelta(0)]
    clock = replace(worker, now=lambda: datetime.now(UTC) + late[0])

    def pass_the_deadline(_attempt: Attempt) -> None:
        late[0] = timedelta(hours=2)

    verdict = during_training(platform, clock, pass_the_deadline)

    assert verdict.outcome == "stopped"
    assert platform.checkpoints


def test_a_worker_that_lost_its_job_while_training_stops_at_once(worker: Worker) -> None:
    """Superseded at a report: nothing is uploaded, nobody is told it finished."""
    platform = a_platform(rows=400, epochs=20)

    def supersede(_attempt: Attempt) -> None:
        platform.superseded = True

    verdict = during_training(platform, worker, supersede)

    assert verdict == Verdict("superseded")
    assert platform.finishes == []
    assert not [name for name in platform.files if name.startswith("artifact/")]


def test_a_worker_whose_token_died_does_not_train_on_for_nothing(worker: Worker) -> None:
    platform = a_platform(rows=400, epochs=20)

    def revoke(_attempt: Attempt) -> None:
        platform.revoked = True

    verdict = during_training(platform, worker, revoke)

    assert verdict == Verdict("superseded")
    assert platform.finishes == []


def test_a_damaged_dataset_is_named_and_nothing_is_trained(worker: Worker) -> None:
    platform = a_platform()
    platform.damaged_downloads = True

    verdict = run_attempt(platform, worker)

    assert verdict.failure
    assert verdict.failure.code is FailureCode.DATASET_CHECKSUM
    assert platform.reports[-1].step == 0


def test_a_lost_checkpoint_costs_time_and_changes_nothing(worker: Worker) -> None:
    """Its files cannot be read: the run starts over, says so, and ends."""
    platform = a_platform()
    platform.resume_from = Checkpoint(
        step=5,
        files=(Download(name="x", size_bytes=1, sha256="0" * 64, url=f"{STORAGE}/staging/absent"),),
    )

    verdict = run_attempt(platform, worker)

    assert verdict.outcome == "succeeded"
    lines = [line.message for report in platform.reports for line in report.lines]
    assert any("starting over" in line for line in lines)


def test_a_delivered_run_waits_for_no_checkpoint(worker: Worker) -> None:
    """Twenty gigabytes on their way would be minutes of a GPU paid for nothing."""
    platform = a_platform()
    platform.stuck_checkpoints = True

    verdict = run_attempt(platform, worker)

    assert verdict == Verdict("succeeded")
    assert platform.checkpoints == []


def test_files_storage_refuses_fail_the_attempt(worker: Worker) -> None:
    platform = a_platform()
    platform.refused_uploads = True

    verdict = run_attempt(platform, worker)

    assert verdict.failure
    assert verdict.failure.code is FailureCode.UPLOAD_FAILED
    assert platform.finishes[0].manifest == ()


@pytest.mark.parametrize("secret", ["not-for-the-child", TOKEN])
def test_the_training_process_knows_no_secret(worker: Worker, secret: str) -> None:
    platform = a_platform(rows=400, epochs=5)
    seen: list[bytes] = []

    def look(attempt: Attempt) -> None:
        assert attempt.child
        seen.append(Path(f"/proc/{attempt.child.pid}/environ").read_bytes())
        seen.append(Path(f"/proc/{attempt.child.pid}/cmdline").read_bytes())
        seen.extend(path.read_bytes() for path in attempt.folder.glob("*") if path.is_file())
        attempt.stop("seen enough")

    during_training(platform, worker, look)

    assert len(seen) >= 4
    assert not [content for content in seen if secret.encode() in content]
