"""`make demo`: one job, from a file on disk to a downloaded adapter that answers differently.

Everything is asked over HTTP with an API key, as a user would. The exit status is 0 only if every
promise held: files verified, probe logits reproduced, the adapter better than its base.
"""

import argparse
import logging
import sys
import tempfile
import time
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from local import stack
from local.build import BuildFailed
from local.demo.client import Json, NotAsPromised, Pipeline, download, upload
from local.demo.scenes import SCENES, TOY, Answers, Scene
from local.demo.view import (
    Dashboard,
    lines_right,
    show_answers,
    show_estimate,
    show_files,
    show_model,
    show_verdict,
)
from local.deploy import DeployFailed
from local.processes.children import NotReady
from local.settings import ADMIN_EMAIL, LocalSettings, read_settings
from local.smollm2.package import CannotHave

GPU = {"type": "A100-80GB", "count": 1}


def train(pipeline: Pipeline, console: Console, scene: Scene, folder: Path) -> Json:
    """Take a file through the pipeline and return the published model."""
    console.rule("1  A file of conversations", align="left")
    file = scene.write_dataset(folder / scene.file_name)
    console.print(f"  {file.name}, {file.stat().st_size:,} bytes")
    dataset_id = upload(pipeline, file, scene.dataset_name)
    show_verdict(console, validated(pipeline, dataset_id))
    console.rule("2  What it would cost", align="left")
    wish = {
        "dataset_id": dataset_id,
        "gpu_config": GPU,
        "hyperparameters": dict(scene.hyperparameters),
        "base_model": scene.base_model.entry["id"],
    }
    show_estimate(console, pipeline.call("POST", "/api/jobs/estimate", wish))
    console.rule("3  Training", align="left")
    order = {**wish, "preset_id": "custom", "name": "demo"}
    job = pipeline.call("POST", "/api/jobs", order, **{"Idempotency-Key": str(uuid.uuid4())})
    artifact_id = followed(pipeline, console, job["id"])
    return pipeline.call("GET", f"/api/models/{artifact_id}")


def validated(pipeline: Pipeline, dataset_id: str) -> Json:
    """Return the dataset once it has been read."""
    for dataset in pipeline.watch(f"/api/datasets/{dataset_id}", 0.5):
        if dataset["status"] == "error":
            raise NotAsPromised(f"the demo's dataset has errors: {dataset['error_message']}")
        if dataset["status"] == "ready":
            return dataset
    raise AssertionError("watch never ends by itself")


def followed(pipeline: Pipeline, console: Console, job_id: str) -> str:
    """Show a job until its model exists, and return the model's id."""
    with Dashboard(console) as dashboard:
        for seen in pipeline.watch(f"/api/jobs/{job_id}", 1.0):
            job = seen["job"]
            dashboard.show(job, datetime.now(UTC))
            if job["status"] in {"failed", "cancelled"}:
                raise NotAsPromised(f"{job['status']}: {job['error_code']}: {job['error_message']}")
            if job["artifact_id"]:
                artifact_id: str = job["artifact_id"]
                return artifact_id
    raise AssertionError("watch never ends by itself")


def checked(
    pipeline: Pipeline, console: Console, scene: Scene, model: Json, adapters: Path
) -> list[Answers]:
    """Download the model, check it in every way a user could, and ask it something."""
    # bitsandbytes, which peft brings, complains of a kernel that only 4-bit weights would need.
    logging.getLogger("bitsandbytes").setLevel(logging.CRITICAL)
    from local.demo.check import Loaded  # noqa: PLC0415 - torch takes seconds; needed only here

    console.rule("4  The model", align="left")
    show_model(console, model, scene.remark)
    folder = adapters / model["id"]
    show_files(console, download(pipeline, model, folder))
    console.rule("5  Loaded with stock transformers and PEFT", align="left")
    loaded = Loaded(scene.base_model.folder, folder)
    count, difference = loaded.probe_difference(folder / "probes.json")
    console.print(
        f"  {count} probes reproduce the worker's logits; largest difference {difference:.1e}"
    )
    if model["comparison"]["verdict"] != "better":
        raise NotAsPromised("the adapter is not shown to be better than its base model")
    console.print(f"  The adapter is in {folder}")
    return [loaded.ask(scene.system_prompt, question) for question in scene.questions]


def require_change(answers: Sequence[Answers]) -> None:
    """Return if the adapter answers otherwise than its base, and better where that can be counted.

    Raises:
        NotAsPromised: it does not.
    """
    if all(each.base == each.adapter for each in answers):
        raise NotAsPromised("base model and adapter give the same answers")
    base, adapter, lines = lines_right(answers)
    if lines and adapter <= base:
        raise NotAsPromised(f"the adapter has {adapter} of {lines} lines right, its base {base}")


def chosen_scene(settings: LocalSettings, console: Console, name: str) -> Scene:
    """Return the scene of that name, or the toy's where its model cannot be had, said so."""
    try:
        return SCENES[name](settings)
    except CannotHave as reason:
        console.print(f"  [yellow]{name} cannot be had, so the toy model is trained[/]: {reason}")
        return SCENES[TOY](settings)


def run(settings: LocalSettings, console: Console, name: str) -> None:
    """Start what is missing, run the demo, and stop what was started."""
    was_running = all(stack.status(settings).values())
    console.rule("0  A stack on this machine", align="left")
    scene = chosen_scene(settings, console, name)
    entry = scene.base_model.entry
    console.print(f"  base model {entry['id']}, {entry['parameters']:,} parameters")
    try:
        running = stack.up(settings, [scene.base_model], leashed=not was_running)
        console.print(f"  {settings.front_url}, deployed from template.yaml")
        console.print(f"  sign in there as {ADMIN_EMAIL} with {running.credentials.password}")
        pipeline = Pipeline(settings.front_url, running.credentials.api_key or "")
        with tempfile.TemporaryDirectory(prefix="brightrun-demo-") as folder:
            model = train(pipeline, console, scene, Path(folder))
        answers = checked(pipeline, console, scene, model, settings.home / "adapters")
        show_answers(console, answers)
        require_change(answers)
        pipeline.close()
    finally:
        if not was_running:
            stack.down(settings)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m local.demo", description=__doc__)
    parser.add_argument("model", nargs="?", choices=tuple(SCENES), default=TOY)
    name: str = parser.parse_args().model
    console, began = Console(highlight=False), time.monotonic()
    try:
        run(read_settings(), console, name)
    except (BuildFailed, DeployFailed, NotAsPromised, NotReady, stack.CannotStart) as error:
        console.print(f"[red]{type(error).__name__}[/]: {error}", markup=True)
        sys.exit(1)
    except KeyboardInterrupt:
        console.print("stopped")
        sys.exit(130)
    console.print(f"[green]Done[/] in {time.monotonic() - began:.0f} s.")


if __name__ == "__main__":
    main()
