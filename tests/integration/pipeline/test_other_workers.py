"""A worker other than ours names its files in RunPod's output; they become a model, or it fails."""

import hashlib
from dataclasses import replace
from typing import Any

import pytest

from brightrun.ports.s3 import objects
from brightrun.runtime import Deps
from brightrun.training.protocol import FinishRequest
from tests.support.file_server import ADAPTER, CONFIG, FileServer
from tests.support.harness import Worker, World, a_world

METADATA = {"base_model": "brightrun/demo-base", "adapter_type": "lora"}
NAME = "adapter_model.safetensors"


@pytest.fixture
def server() -> FileServer:
    return FileServer()


@pytest.fixture
def world(deps: Deps, server: FileServer) -> World:
    return a_world(replace(deps, web=server.web()))


@pytest.fixture
def worker(world: World) -> Worker:
    world.queue_job()
    world.tick()
    started = world.worker("run-1")
    started.start()
    return started


def answers(worker: Worker, urls: dict[str, str], metadata: dict[str, Any] | None = None) -> None:
    """Leave the GPU with an output in the contract of the system that this one replaces."""
    worker.run.output = {"download_urls": urls, "model_metadata": metadata or METADATA}
    worker.leaves(100)


def test_its_files_are_fetched_proven_and_published_as_any_model(
    world: World, server: FileServer, worker: Worker
) -> None:
    worker.trains(range(1, 11), seconds=90)
    answers(worker, server.urls())
    world.wait(60)

    job, (model,) = world.job(), world.models()
    assert (job.status, job.artifact_id) == ("completed", model.id)
    stored = {file.name: file.sha256 for file in model.manifest}
    assert stored == {NAME: _sha256(ADAPTER), "adapter_config.json": _sha256(CONFIG)}
    assert b"".join(objects.read_chunks(world.deps.store, model.artifacts[NAME])) == ADAPTER
    assert model.quality_metrics.overall_score == 4
    assert model.comparison is None
    assert "worker other than ours" in (model.not_compared or "")
    assert [cost.amount for cost in world.costs()] == [job.final_cost]


def test_without_a_curve_its_quality_is_unknown_and_says_so(
    world: World, server: FileServer, worker: Worker
) -> None:
    answers(worker, server.urls())
    world.wait(60)

    (model,) = world.models()
    quality = model.quality_metrics
    assert (quality.overall_score, quality.convergence_quality) == (3, "unknown")
    assert "No training loss was recorded" in quality.reason


def test_it_may_say_the_same_by_finish(world: World, server: FileServer, worker: Worker) -> None:
    said = {"outcome": "succeeded", "execution_seconds": 90, "download_urls": server.urls()}
    worker.tells(FinishRequest.model_validate(said))
    worker.leaves(100)
    world.wait(60)

    assert (world.job().status, len(world.models())) == ("completed", 1)


def test_a_pickle_among_its_files_is_left_where_it_lies(
    world: World, server: FileServer, worker: Worker
) -> None:
    server.files["training_args.bin"] = b"code"
    answers(worker, server.urls())
    world.wait(60)

    (model,) = world.models()
    assert "training_args.bin" not in model.artifacts
    assert ("training_args.bin", 0) not in server.asked


@pytest.mark.parametrize(
    ("urls", "metadata", "words"),
    [
        ({"adapter_config.json": "https://files.example/a"}, METADATA, NAME),
        ({NAME: "http://files.example/a"}, METADATA, "https"),
        ({NAME: "https://169.254.169.254/a"}, METADATA, "public address"),
        ({"../x": "https://files.example/a"}, METADATA, "pattern"),
        ("https://files.example/a", METADATA, "dictionary"),
        (None, {"base_model": "meta-llama/Llama-3.1-8B"}, "brightrun/demo-base was ordered"),
        (None, {"adapter_type": "prompt_tuning"}, "not a LoRA"),
    ],
)
def test_an_answer_that_is_not_what_was_ordered_fails_the_job_and_says_why(
    world: World, server: FileServer, worker: Worker, urls: Any, metadata: Any, words: str
) -> None:
    answers(worker, server.urls() if urls is None else urls, metadata)
    world.wait(60)

    job = world.job()
    assert (job.status, job.error_code, len(world.costs())) == ("failed", "bad_output", 1)
    assert words in (job.error_message or "")
    assert server.asked == []


def test_who_never_asked_for_the_dataset_has_trained_on_none(
    world: World, server: FileServer
) -> None:
    world.queue_job()
    world.tick()
    answers(world.worker("run-1"), server.urls())
    world.wait(60)

    assert (world.job().error_code, server.asked) == ("bad_output", [])


def _sha256(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()
