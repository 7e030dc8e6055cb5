"""The default preset's step: what it takes of the host's time, and of the device's."""

import time
from collections.abc import Iterator
from dataclasses import replace

from torch.profiler import ProfilerActivity, profile

from trainer_image.bench_gpu.ours import chosen_trial, compile_kernels, measure
from trainer_image.bench_gpu.report import Figures, Promise
from trainer_image.bench_gpu.scenes import short_rows
from trainer_image.bench_gpu.workbench import TUNE, Trial, Workbench, train_step
from trainer_image.data.batches import TokenRow
from trainer_image.model.kernels import drawn_dropout

DEFAULT_ROWS = 4
_TIMED_STEPS = 2
_WAITS = frozenset({"cudaStreamSynchronize", "cudaDeviceSynchronize", "cudaEventSynchronize"})
"""Calls in which the host's processor turns idly."""


def ours_default(bench: Workbench) -> Iterator[tuple[str, Figures] | Promise]:
    """Yield what the form asks for when nobody changes it, the host's time and the device's apart.

    Four rows of about 200 tokens are bound by Python and the calls of kernels, not by the chip.
    """
    rows = short_rows(bench.scene, DEFAULT_ROWS * 5)
    tune = TUNE.model_copy(update={"dropout": 0.1})
    chosen = replace(chosen_trial(bench, rows), rows_per_step=DEFAULT_ROWS, tune=tune)
    compile_kernels(bench, chosen)
    trials = {
        "unpacked_at_each_use": replace(chosen, unpacked=False),
        "kept_unpacked": replace(chosen, unpacked=True),
        "kept_unpacked_dropout_in_products": replace(chosen, unpacked=True, masks=False),
        "without_dropout": replace(chosen, unpacked=True, tune=TUNE),
    }
    if drawn_dropout.find(bench.scene.where.device, bench.scene.where.compute):
        del trials["kept_unpacked_dropout_in_products"]
    for name, trial in trials.items():
        found = measure(bench, rows, trial)
        yield name, {**found.figures, **host_and_device(bench, rows, trial)}


def host_and_device(bench: Workbench, rows: tuple[TokenRow, ...], trial: Trial) -> Figures:
    """Return seconds per step: of the host until all is asked for, and of the device's kernels.

    The host's are those of its processor, less what it waits for the device; where the device has
    less to do than that, it idles.
    """
    on_gpu = bench.scene.on_gpu
    kinds = [ProfilerActivity.CPU] + ([ProfilerActivity.CUDA] if on_gpu else [])
    steps = _TIMED_STEPS
    with bench.learner(rows, trial) as learner:
        train_step(learner, 0)
        with profile(activities=kinds) as watched:
            for number in range(1, steps + 1):
                train_step(learner, number)
        began = time.perf_counter()
        cpu_began = time.process_time()
        for number in range(1, steps + 1):
            train_step(learner, number)
        seconds = time.perf_counter() - began
        cpu_seconds = time.process_time() - cpu_began
    events = watched.key_averages()
    device = sum(each.self_device_time_total for each in events) / 1e6 if on_gpu else None
    launches = sum(each.count for each in events if "LaunchKernel" in each.key)
    waited = sum(each.self_cpu_time_total for each in events if each.key in _WAITS) / 1e6
    layers = bench.scene.shape.layers
    return {
        "host_seconds_per_step": round(max(0.0, cpu_seconds - waited) / steps, 4),
        "wall_seconds_per_step": round(seconds / steps, 4),
        "device_seconds_per_step": None if device is None else round(device / steps, 4),
        "launches_per_layer": round(launches / steps / layers, 1) if on_gpu else None,
    }
