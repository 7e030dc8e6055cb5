"""Measure the trainer on this machine's GPU, in one command and under ten minutes, as JSON.

    python -m trainer_image.bench_gpu [--tiny] [--only SECTION]

`--tiny` runs the same code on the CPU with a toy shape: it proves the script, not the speed.
Sections run in order of worth and each is caught on its own, so that what was measured before a
failure is still printed. Nothing is downloaded; weights are random.
"""

import argparse
import gc
import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from typing import Any

import torch

from brightrun.training.estimator import Setting, Workload, flops_per_token, memory
from trainer_image.bench_kernels import gemm_roof, kernel_errors, packed_against_separate
from trainer_image.bench_others import trl_baseline
from trainer_image.bench_scenes import (
    Scene,
    a_learner,
    full_scene,
    long_rows,
    mixed_rows,
    tiny_scene,
)
from trainer_image.layout import this_chip
from trainer_image.learner import Learner
from trainer_image.packed import TokenRow
from trainer_image.versions import installed_versions

Figures = dict[str, Any]


def main() -> int:
    """Print every section's figures; the exit status is 1 when one of them failed."""
    arguments = _arguments()
    scene = tiny_scene() if arguments.tiny else full_scene()
    report: Figures = {"device": _device_name(), "versions": installed_versions()}
    for name, section in SECTIONS.items():
        if arguments.only not in (None, name):
            continue
        began = time.monotonic()
        try:
            with redirect_stdout(sys.stderr):  # trainers print
                report[name] = section(scene)
        except Exception as error:  # noqa: BLE001 - what was measured before must still be printed
            report[name] = {"failed": f"{type(error).__name__}: {error}"[:500]}
        report[name]["section_seconds"] = round(time.monotonic() - began, 1)
        _free()
        sys.stderr.write(f"{name}: {json.dumps(report[name])}\n")
    sys.stdout.write(json.dumps(report, indent=2) + "\n")
    return 1 if any("failed" in part for part in report.values() if isinstance(part, dict)) else 0


def ours_mixed(scene: Scene) -> Figures:
    """Return the speed on chats of mixed length, with and without recomputation."""
    rows = mixed_rows(scene, tokens=scene.micro_step_tokens * 8)
    layers = scene.shape.layers
    return {
        f"recomputed_{count}": measure(scene, rows, len(rows) // 4, recomputed_layers=count)
        for count in (layers, 0)
    }


def ours_long(scene: Scene) -> Figures:
    """Return the speed on rows of full length: the setting of NVIDIA's 12,473 tokens/s."""
    rows = long_rows(scene, 8)
    found = {}
    for factor in (1, 2):
        tokens = scene.micro_step_tokens * factor
        found[f"{tokens}_tokens"] = measure(scene, rows, 4, micro_step_tokens=tokens)
    if scene.where.quantised:
        found["dense_base"] = measure(scene, rows, 4, quantised=False)
    return found


def memory_against_estimate(scene: Scene) -> Figures:
    """Return measured over predicted peak for several settings; CUDA alone can measure it."""
    if scene.where.device.type != "cuda":
        return {"skipped": "peak memory is read from the CUDA allocator"}
    layers = scene.shape.layers
    found = {}
    for tokens in (scene.micro_step_tokens // 2, scene.micro_step_tokens):
        for recomputed in (0, layers // 2, layers):
            rows = long_rows(scene, 4)
            figures = measure(
                scene, rows, 2, recomputed_layers=recomputed, micro_step_tokens=tokens
            )
            work = Workload(document_tokens=scene.longest_tokens, quantised=scene.where.quantised)
            predicted = memory(scene.shape, work, Setting(tokens, recomputed)).peak
            name = f"{tokens}_tokens_recomputed_{recomputed}"
            found[name] = {
                "predicted_gb": round(predicted / 1e9, 2),
                "measured_gb": figures["peak_gb"],
                "measured_over_predicted": round(figures["peak_gb"] * 1e9 / predicted, 3),
            }
    return found


def resume(scene: Scene) -> Figures:
    """Return how far three and three steps are from six."""
    rows = mixed_rows(scene, tokens=scene.micro_step_tokens * 2)
    whole = a_learner(scene, rows, rows_per_step=max(1, len(rows) // 4))
    losses = [_step(whole, number) for number in range(6)]
    del whole
    _free()
    first = a_learner(scene, rows, rows_per_step=max(1, len(rows) // 4))
    for number in range(3):
        _step(first, number)
    state = first.state()
    del first
    _free()
    second = a_learner(scene, rows, rows_per_step=max(1, len(rows) // 4))
    second.restore(state, 3)
    again = [_step(second, number) for number in range(3, 6)]
    return {
        "largest_loss_difference": max(abs(a - b) for a, b in zip(losses[3:], again, strict=True))
    }


def measure(
    scene: Scene,
    rows: tuple[TokenRow, ...],
    rows_per_step: int,
    **layout: Any,  # noqa: ANN401
) -> Figures:
    """Return tokens per second over whole optimizer steps, utilisation, and peak memory."""
    learner = a_learner(scene, rows, rows_per_step=max(1, rows_per_step), **layout)
    on_gpu = scene.where.device.type == "cuda"
    if on_gpu:
        torch.cuda.reset_peak_memory_stats()
    seconds, tokens = 0.0, 0
    for number in range(scene.warm_up + scene.steps):
        with _timed() as took:
            _step(learner, number)
        if number >= scene.warm_up:
            seconds += took()
            tokens += learner.plan.step(number).tokens
    figures: Figures = {"tokens_per_second": round(tokens / seconds, 1)}
    chip = this_chip(scene.where)
    if chip:
        work = _workload(scene, rows)
        share = learner.checkpointed_layers / scene.shape.layers
        flops = tokens * flops_per_token(scene.shape, work, share)
        figures["flops_utilization"] = round(flops / seconds / chip.peak_flops, 3)
    if on_gpu:
        figures["peak_gb"] = round(torch.cuda.max_memory_allocated() / 1e9, 2)
    del learner
    _free()
    return figures


SECTIONS: dict[str, Callable[[Scene], Figures]] = {
    "kernels": kernel_errors,
    "packed_against_separate": packed_against_separate,
    "gemm_roof": gemm_roof,
    "ours_mixed": ours_mixed,
    "ours_long": ours_long,
    "memory": memory_against_estimate,
    "resume": resume,
    "trl": trl_baseline,
}


def _workload(scene: Scene, rows: tuple[TokenRow, ...]) -> Workload:
    sizes = [row.size for row in rows]
    tokens = sum(size.tokens for size in sizes)
    return Workload(
        document_tokens=tokens / len(rows),
        supervised_share=sum(size.supervised_tokens for size in sizes) / tokens,
        quantised=scene.where.quantised,
    )


def _step(learner: Learner, number: int) -> float:
    loss = learner.gradients(learner.plan.step(number)).loss
    learner.apply(0.0001)
    return loss


@contextmanager
def _timed() -> Iterator[Callable[[], float]]:
    """Yield a function that returns the seconds between entry and exit, the GPU's work included."""
    _wait()
    marks = [time.perf_counter()]
    yield lambda: marks[1] - marks[0]
    _wait()
    marks.append(time.perf_counter())


def _wait() -> None:
    if torch.cuda.is_available():
        torch.cuda.synchronize()


def _free() -> None:
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def _device_name() -> str:
    return torch.cuda.get_device_name() if torch.cuda.is_available() else "cpu"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tiny", action="store_true", help="a toy shape on the CPU")
    parser.add_argument("--only", choices=list(SECTIONS))
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
