"""Row 8: the highest use of memory against the estimator, and where a step's time goes."""

from collections.abc import Iterator
from typing import Any

import torch
from torch.profiler import ProfilerActivity, profile

from brightrun.training.memory_model import Setting, memory
from trainer_image.bench_gpu.clock import GIB, Stopwatch
from trainer_image.bench_gpu.ours import measure, rows_per_step, training_rows, workload
from trainer_image.bench_gpu.report import Figures, Promise, no_more
from trainer_image.bench_gpu.scenes import Scene, long_rows
from trainer_image.bench_gpu.workbench import TUNE, Trial, Workbench, train_step

WITHIN = 0.12
DROPOUT = 0.1
"""Presets train with it, and its masks take memory."""
KERNELS = 12


def memory_against_estimate(bench: Workbench) -> Iterator[tuple[str, Figures] | Promise]:
    """Yield measured and predicted peaks for several settings; a CPU has the prediction alone."""
    ratios = []
    settings = _settings(bench.scene)
    for setting, dropout in (*((each, 0.0) for each in settings), (settings[-1], DROPOUT)):
        found = _compared(bench, setting, dropout)
        name = f"{setting.micro_step_tokens}_tokens_{setting.checkpointed_layers}_recomputed"
        yield f"{name}_dropout_{dropout:g}", found
        ratios.append(found["measured_over_predicted"])
    known = [abs(ratio - 1) for ratio in ratios if ratio is not None]
    worst = max(known) if known else None
    yield no_more("the estimator is within 12 % of every peak", worst, WITHIN)


def _settings(scene: Scene) -> list[Setting]:
    tokens, layers = scene.micro_step_tokens, scene.shape.layers
    if layers > 64:  # noqa: PLR2004 - a 70B keeps a tenth of its layers' activations at most
        return [Setting(tokens, layers)]
    return [
        Setting(tokens // 2, 0),
        Setting(tokens * 2, 0),
        Setting(tokens * 2, layers),
        Setting(tokens, layers),
        Setting(tokens, layers // 2),
        Setting(tokens, 0),
    ]


def _compared(bench: Workbench, setting: Setting, dropout: float) -> Figures:
    scene = bench.scene
    tokens = setting.micro_step_tokens
    rows = long_rows(scene, tokens // scene.longest_tokens)
    tune = TUNE.model_copy(update={"dropout": dropout})
    trial = Trial(len(rows), tokens, setting.checkpointed_layers, tune=tune)
    found = measure(bench, rows, trial, steps=2)
    work = workload(rows, quantised=bench.usual().quantised, dropout=dropout)
    predicted = memory(scene.shape, work, setting).peak / GIB
    # a learner that ran out of memory has gone on with another setting
    known = found.peak_gib is not None and not found.warnings
    ratio = round((found.peak_gib or 0) / predicted, 3) if known else None
    return {
        "predicted_gib": round(predicted, 4),
        "measured_gib": found.peak_gib,
        "measured_over_predicted": ratio,
        "warnings": found.warnings,
    }


def slowest_kernels(bench: Workbench) -> Iterator[tuple[str, Figures] | Promise]:
    """Yield the kernels that a step on mixed rows spends most of its time in."""
    scene = bench.scene
    rows = training_rows(scene)
    trial = Trial(rows_per_step(rows), scene.micro_step_tokens)
    kind = ProfilerActivity.CUDA if scene.on_gpu else ProfilerActivity.CPU
    with bench.learner(rows, trial) as learner:
        for number in range(2):
            train_step(learner, number)
        watch = Stopwatch(scene.where.device)
        with profile(activities=[kind]) as watched:
            watch.mark()
            train_step(learner, 2)
            watch.mark()
            seconds = sum(watch.seconds())
    spent = {event.key: (_microseconds(event), event.count) for event in watched.key_averages()}
    total = sum(micro for micro, _ in spent.values())
    top = sorted(spent.items(), key=lambda item: -item[1][0])[:KERNELS]
    yield "step", {"milliseconds": round(seconds * 1000, 1), "in_kernels": round(total / 1000, 1)}
    yield (
        "kernels",
        {
            name[:120]: {
                "milliseconds": round(micro / 1000, 2),
                "share": round(micro / max(total, 1e-9), 3),
                "calls": calls,
            }
            for name, (micro, calls) in top
        },
    )


def _microseconds(event: Any) -> float:  # noqa: ANN401 - the profiler's, without public types
    if torch.cuda.is_available():
        return float(event.self_device_time_total)
    return float(event.self_cpu_time_total)
