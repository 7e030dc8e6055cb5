"""Checkpoints and models with files in parts, through the real collector: all of it, or nothing."""

import hashlib
from dataclasses import replace
from datetime import timedelta
from itertools import count

import pytest

from brightrun.errors import ArtifactCorrupt
from brightrun.ports.s3 import objects
from brightrun.runtime import Deps
from brightrun.s3_keys import REQUIRED_FILES
from brightrun.training.protocol import CheckpointRequest, FinishRequest, StoredFile
from brightrun.work_loop import take
from functions.api.routes import worker as edge
from functions.create_artifacts import app as create_artifacts
from functions.create_artifacts.collect import collect_task
from functions.process_jobs import app as process_jobs
from tests.support.datasets.large_files import LARGE, NAME
from tests.support.factories import NOON, SHA256
from tests.support.harness import Worker, World


def finished(worker: Worker, large: StoredFile) -> None:
    others = {name: name.encode() for name in REQUIRED_FILES if name != NAME}
    manifest = (*worker.stores(others), large)
    verdict = FinishRequest(outcome="succeeded", execution_seconds=100, manifest=manifest)
    worker.tells(verdict)
    worker.leaves(100)


# ---- checkpoints


def test_a_checkpoint_in_parts_is_kept_and_given_to_the_next_attempt(
    world: World, worker: Worker
) -> None:
    files = worker.stores({"state.safetensors": LARGE}, step=4, in_parts=True)
    worker._say(edge.checkpoint, CheckpointRequest(step=4, files=tuple(files)))
    worker.leaves(60, "FAILED")
    world.wait(120)
    world.wait(1)

    resumed = world.worker("run-2", "worker-2").start().resume_from

    assert resumed is not None
    (state,) = resumed.files
    assert (state.size_bytes, state.sha256) == (len(LARGE), hashlib.sha256(LARGE).hexdigest())


def test_a_checkpoint_whose_parts_are_others_is_not_kept(world: World, worker: Worker) -> None:
    (file,) = worker.stores({"state.safetensors": LARGE}, step=4, in_parts=True)
    others = file.model_copy(update={"parts_sha256": f"{SHA256}-3"})

    with pytest.raises(ArtifactCorrupt):
        worker._say(edge.checkpoint, CheckpointRequest(step=4, files=(others,)))
    assert world.job().checkpoint is None


# ---- collecting


def test_a_model_has_its_large_file_with_a_proven_sha256(world: World, worker: Worker) -> None:
    (large,) = worker.stores({NAME: LARGE}, in_parts=True)
    finished(worker, large)
    world.tick()

    (model,) = world.models()
    (kept,) = [file for file in model.manifest if file.name == NAME]
    assert (kept.sha256, kept.parts_sha256) == (hashlib.sha256(LARGE).hexdigest(), None)
    assert b"".join(objects.read_chunks(world.deps.store, model.artifacts[NAME])) == LARGE


def test_true_parts_with_an_untrue_sha256_of_the_whole_never_become_a_model(
    world: World, worker: Worker
) -> None:
    (large,) = worker.stores({NAME: LARGE}, in_parts=True)
    finished(worker, large.model_copy(update={"sha256": SHA256}))
    world.tick()
    for _ in range(world.deps.limits.max_collect_failures):
        world.wait(1000)

    job = world.job()
    assert (job.status, job.error_code) == ("failed", "artifact_verification_failed")
    assert world.models() == []


def slow(deps: Deps, *, seconds: float) -> Deps:
    """Return the same with a clock on which so many seconds pass between two looks."""
    looks = count()
    return replace(deps, now=lambda: NOON + timedelta(seconds=seconds * next(looks)))


def test_a_file_that_takes_too_long_to_verify_fails_the_job_in_the_end(
    world: World, worker: Worker
) -> None:
    """It is counted: a function that ran out of time would count nothing, for ever."""
    (large,) = worker.stores({NAME: LARGE}, in_parts=True)
    finished(worker, large)
    process_jobs.run_pass(world.deps)
    for _ in range(world.deps.limits.max_collect_failures):
        task = collect_task(slow(world.deps, seconds=600))
        take(world.deps.table, task, [world.job()], now=world.deps.now)

    assert (world.job().status, world.models()) == ("failed", [])
    assert "time was up" in (world.job().error_message or "")


def test_a_cycle_that_has_run_for_a_minute_begins_no_other_job(
    world: World, worker: Worker
) -> None:
    """The next one may be large, and the function's time would end in the middle of it."""
    worker.finishes()
    process_jobs.run_pass(world.deps)

    cycle = create_artifacts.handle({}, None, slow(world.deps, seconds=61))

    assert cycle == {"collected": 0, "failed": 0}
    world.tick()
    assert world.job().status == "completed"
