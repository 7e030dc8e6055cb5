"""`make demo`: one job, from a file on disk to a downloaded adapter that answers differently.

Everything is asked over HTTP with an API key, as a user would. The exit status is 0 only if every
promise held: files verified, probe logits reproduced, the adapter better than its base.
"""

import logging
import sys
import tempfile
import time
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from local import stack
from local.build import BuildFailed
from local.demo.client import Json, NotAsPromised, Pipeline, download, upload
from local.demo.data.build import FILE_NAME, SYSTEM_PROMPT, write_dataset
from local.demo.view import (
    Dashboard,
    show_answers,
    show_estimate,
    show_files,
    show_model,
    show_verdict,
)
from local.deploy import DeployFailed
from local.processes.children import NotReady
from local.settings import LocalSettings, read_settings

if TYPE_CHECKING:
    from local.demo.check import Answers

# What a model of a few million parameters needs to change its voice in about a minute.
# Of 77 conversations twelve are held out: a verdict needs ten.
HYPERPARAMETERS = {
    "learning_rate": 0.001,
    "batch_size": 4,
    "epochs": 3,
    "rank": 16,
    "validation_fraction": 0.15,
}
GPU = {"type": "A100-80GB", "count": 1}
QUESTION = "My sourdough sells out by nine and I am too tired to bake more. What should I do?"


def train(pipeline: Pipeline, console: Console, folder: Path) -> Json:
    """Take a file through the pipeline and return the published model."""
    console.rule("1  A file of conversations", align="left")
    file = write_dataset(folder / FILE_NAME)
    console.print(f"  {file.name}, {file.stat().st_size:,} bytes")
    dataset_id = upload(pipeline, file, "Hanne, bakery adviser")
    show_verdict(console, validated(pipeline, dataset_id))
    console.rule("2  What it would cost", align="left")
    wish = {"dataset_id": dataset_id, "gpu_config": GPU, "hyperparameters": HYPERPARAMETERS}
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
    pipeline: Pipeline, console: Console, model: Json, base_model: Path, adapters: Path
) -> "Answers":
    """Download the model, check it in every way a user could, and ask it something."""
    # bitsandbytes, which peft brings, complains of a kernel that only 4-bit weights would need.
    logging.getLogger("bitsandbytes").setLevel(logging.CRITICAL)
    from local.demo.check import Loaded  # noqa: PLC0415 - torch takes seconds; needed only here

    console.rule("4  The model", align="left")
    show_model(console, model)
    folder = adapters / model["id"]
    show_files(console, download(pipeline, model, folder))
    console.rule("5  Loaded with stock transformers and PEFT", align="left")
    loaded = Loaded(base_model, folder)
    count, difference = loaded.probe_difference(folder / "probes.json")
    console.print(
        f"  {count} probes reproduce the worker's logits; largest difference {difference:.1e}"
    )
    if model["comparison"]["verdict"] != "better":
        raise NotAsPromised("the adapter is not shown to be better than its base model")
    answers = loaded.ask(
        [{"role": "system", "content": SYSTEM_PROMPT}, {"role": "user", "content": QUESTION}]
    )
    if answers.base == answers.adapter:
        raise NotAsPromised("base model and adapter give the same answer")
    console.print(f"  The adapter is in {folder}")
    return answers


def run(settings: LocalSettings, console: Console) -> None:
    """Start what is missing, run the demo, and stop what was started."""
    was_running = all(stack.status(settings).values())
    console.rule("0  A stack on this machine", align="left")
    base_model = stack.demo_base_model(settings)
    console.print(
        f"  base model {base_model.entry['id']}, {base_model.entry['parameters']:,} parameters"
    )
    try:
        running = stack.up(settings, [base_model], leashed=not was_running)
        console.print(f"  {settings.front_url}, deployed from template.yaml")
        pipeline = Pipeline(settings.front_url, running.credentials.api_key or "")
        with tempfile.TemporaryDirectory(prefix="brightrun-demo-") as folder:
            model = train(pipeline, console, Path(folder))
        adapters = settings.home / "adapters"
        show_answers(console, checked(pipeline, console, model, base_model.folder, adapters))
        pipeline.close()
    finally:
        if not was_running:
            stack.down(settings)


def main() -> None:
    console, began = Console(highlight=False), time.monotonic()
    try:
        run(read_settings(), console)
    except (BuildFailed, DeployFailed, NotAsPromised, NotReady, stack.CannotStart) as error:
        console.print(f"[red]{type(error).__name__}[/]: {error}", markup=True)
        sys.exit(1)
    except KeyboardInterrupt:
        console.print("stopped")
        sys.exit(130)
    console.print(f"[green]Done[/] in {time.monotonic() - began:.0f} s.")


if __name__ == "__main__":
    main()
