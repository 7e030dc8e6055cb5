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

from brightrun.cli.live_job import LiveJob, watch
from brightrun.client import BrightRun, BrightRunError, JobChoices
from brightrun.datasets.record import DatasetStatus
from brightrun.datasets.view import DatasetDetail
from brightrun.models.view import ModelDetail
from brightrun.training.configuration import Preset
from local import stack
from local.build import BuildFailed
from local.demo.scenes import SCENES, TOY, Answers, NotAsPromised, Scene
from local.demo.view import (
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

GPU_TYPE = "A100-80GB"
FAILURES = (BrightRunError, BuildFailed, DeployFailed, NotAsPromised, NotReady)


def train(api: BrightRun, console: Console, scene: Scene, folder: Path) -> ModelDetail:
    """Take a file through the pipeline and return the published model."""
    console.rule("1  A file of conversations", align="left")
    file = scene.write_dataset(folder / scene.file_name)
    console.print(f"  {file.name}, {file.stat().st_size:,} bytes")
    dataset = validated(api, file, scene)
    show_verdict(console, dataset)
    console.rule("2  What it would cost", align="left")
    choices = JobChoices(
        dataset_id=dataset.id,
        gpu_type=GPU_TYPE,
        preset=Preset.CUSTOM,
        base_model=scene.base_model.entry["id"],
        hyperparameters=dict(scene.hyperparameters),
    )
    show_estimate(console, api.jobs.estimate(choices))
    console.rule("3  Training", align="left")
    job = api.jobs.create(choices, name="demo", idempotency_key=str(uuid.uuid4()))
    return api.models.read(followed(api, console, job.id))


def validated(api: BrightRun, file: Path, scene: Scene) -> DatasetDetail:
    """Return the dataset once it has been read."""
    sent = api.upload(file, name=scene.dataset_name, again=True)
    dataset = api.validated(sent.dataset)
    if dataset.status is not DatasetStatus.READY:
        raise NotAsPromised(f"the demo's dataset has errors: {dataset.error_message}")
    return dataset


def followed(api: BrightRun, console: Console, job_id: str) -> str:
    """Show a job until its model exists, and return the model's id."""
    job = watch(api, job_id, LiveJob(console, lambda: datetime.now(UTC)), every_seconds=1.0)
    if job.artifact_id is None:
        raise NotAsPromised(f"{job.status}: {job.error_code}: {job.error_message}")
    return job.artifact_id


def checked(
    api: BrightRun, console: Console, scene: Scene, model: ModelDetail, adapters: Path
) -> list[Answers]:
    """Download the model, check it in every way a user could, and ask it something."""
    # bitsandbytes, which peft brings, complains of a kernel that only 4-bit weights would need.
    logging.getLogger("bitsandbytes").setLevel(logging.CRITICAL)
    from local.demo.check import Loaded  # noqa: PLC0415 - torch takes seconds; needed only here

    console.rule("4  The model", align="left")
    show_model(console, model, scene.remark)
    folder = adapters / model.id
    show_files(console, api.download(model, folder))
    console.rule("5  Loaded with stock transformers and PEFT", align="left")
    loaded = Loaded(scene.base_model.folder, folder)
    count, difference = loaded.probe_difference(folder / "probes.json")
    console.print(
        f"  {count} probes reproduce the worker's logits; largest difference {difference:.1e}"
    )
    if model.comparison is None or model.comparison.verdict != "better":
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
        with (
            BrightRun(settings.front_url, running.credentials.api_key) as api,
            tempfile.TemporaryDirectory(prefix="brightrun-demo-") as folder,
        ):
            model = train(api, console, scene, Path(folder))
            answers = checked(api, console, scene, model, settings.home / "adapters")
        show_answers(console, answers)
        require_change(answers)
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
    except (*FAILURES, stack.CannotStart) as error:
        console.print(f"[red]{type(error).__name__}[/]: {error}", markup=True)
        sys.exit(1)
    except KeyboardInterrupt:
        console.print("stopped")
        sys.exit(130)
    console.print(f"[green]Done[/] in {time.monotonic() - began:.0f} s.")


if __name__ == "__main__":
    main()
