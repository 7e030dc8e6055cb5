"""Rows 3 and 6: TRL on the same weights and rows, in a process that can be ended when it hangs."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from trainer_image.bench_gpu.report import Figures, Promise, no_less, no_more
from trainer_image.bench_gpu.scenes import one_batch
from trainer_image.bench_gpu.trl_runs import COMPARED_LOSSES, LAYOUTS, LOSSES
from trainer_image.bench_gpu.workbench import Trial, Workbench, train_step

LONGEST_SECONDS = 240.0
SAVED_SECONDS = 5.0
"""Left for the report when the time of the whole measurement is up."""
SAME_LOSS = 2e-2
FACTOR = 1.3
_ROOT = Path(__file__).parents[2]


def trl_baseline(bench: Workbench) -> Iterator[tuple[str, Figures] | Promise]:
    """Yield TRL's useful tokens per second in each layout, ours over its best, and both losses."""
    if not (find_spec("trl") and find_spec("datasets")):
        yield "absent", {"why": "trl and datasets are not installed: they are no part of the image"}
        return
    ours = _our_losses(bench)
    bench.forget()  # its own process needs the GPU's memory
    answers = _answers(bench)
    yield from answers.items()
    theirs = answers.get(LOSSES, {}).get("losses")
    gap = max(abs(a - b) for a, b in zip(ours, theirs, strict=True)) if theirs else None
    yield "first_losses_ours", {"losses": ours, "largest_difference": gap}
    yield no_more("the first three losses are TRL's within 0.02", gap, SAME_LOSS)
    speeds = [part["tokens_per_second"] for part in answers.values() if "tokens_per_second" in part]
    best, mine = max(speeds, default=None), bench.best_tokens_per_second
    factor = mine / best if mine and best else None
    # a layout that was not measured may be the best one; one that does not fit is none
    told = {"tokens_per_second", "out_of_memory"}
    known = all(told & set(answers.get(name, {})) for name in LAYOUTS)
    says = "1.3 times the useful tokens per second of the best TRL layout, same rows"
    yield no_less(says, factor, FACTOR, judged=bench.scene.on_gpu and known)


def _our_losses(bench: Workbench) -> list[float]:
    rows = one_batch(bench.scene)
    with bench.learner(rows, Trial(len(rows), bench.scene.micro_step_tokens)) as learner:
        return [train_step(learner, number) for number in range(COMPARED_LOSSES)]


def _answers(bench: Workbench) -> dict[str, Figures]:
    """Return what the child wrote down before it ended or its time was up."""
    seconds = min(LONGEST_SECONDS, bench.seconds_left - SAVED_SECONDS)
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "answers.jsonl"
        path.touch()
        command = [sys.executable, "-m", "trainer_image.bench_gpu.trl_runs"]
        command += [f"--without={part}" for part in bench.unusable]
        ended: Figures = {}
        try:
            subprocess.run(
                [*command, "--config", bench.scene.name, "--answers", str(path)],
                cwd=_ROOT,
                env={**os.environ, "HF_HUB_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1"},
                stdout=sys.stderr,
                timeout=seconds,
                check=True,
            )
        except subprocess.TimeoutExpired:
            ended = {"process": {"failed": f"ended after {seconds:.0f} s"}}
        except subprocess.CalledProcessError as error:
            ended = {"process": {"failed": f"ended with status {error.returncode}"}}
        lines = path.read_text(encoding="utf-8").splitlines()
    return {**dict(json.loads(line) for line in lines), **ended}
