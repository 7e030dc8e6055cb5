"""Row 2: rows packed into one, and the same rows each alone; and the machine's own roof."""

from collections.abc import Iterator

import numpy as np
import torch

from trainer_image.bench_gpu.base import BaseKind
from trainer_image.bench_gpu.clock import Stopwatch
from trainer_image.bench_gpu.kernels import relative_error
from trainer_image.bench_gpu.report import Figures, Promise, no_less, no_more
from trainer_image.bench_gpu.scenes import one_batch
from trainer_image.bench_gpu.workbench import TUNE, Trial, Workbench
from trainer_image.data.batches import NO_LOSS, TokenRow

LAYERS = 4
SAME = 1e-3
SAME_IN_BF16 = 2e-2
"""Gradients in bf16 differ by rounding alone: products of other heights use other kernels."""
ROOF_WIDTH = 8192
ROOF_TFLOPS = 750.0
_UNCLIPPED = TUNE.model_copy(update={"max_gradient_norm": 100.0})


def packed_against_separate(bench: Workbench) -> Iterator[tuple[str, Figures] | Promise]:
    """Yield relative differences of loss and adapter gradients, in fp32 and as runs compute.

    `if_leaked` is what the gradients would differ by were the documents not kept apart: a
    difference near it would be no rounding.
    """
    layers = min(LAYERS, bench.scene.shape.layers)
    plain = bench.usual(layers=layers, compute=torch.float32, quantised=False, fused_layers=False)
    kinds = {"float32": plain, "as_run": bench.usual(layers=layers)}
    for name, kind in kinds.items():
        found = _differences(bench, kind)
        yield name, found
        bound = SAME if kind.compute is torch.float32 else SAME_IN_BF16
        yield no_more(f"{name}: packed loss within {SAME:g}", found["loss"], SAME)
        yield no_more(f"{name}: packed gradients within {bound:g}", found["gradient"], bound)


def _differences(bench: Workbench, kind: BaseKind) -> Figures:
    rows = one_batch(bench.scene)
    together = bench.scene.micro_step_tokens
    loss, gradient = _one_step(bench, rows, kind, together)
    loss_alone, gradient_alone = _one_step(bench, rows, kind, 1)
    _, leaked = _one_step(bench, (_without_boundaries(rows),), kind, together)
    return {
        "rows": len(rows),
        "loss": abs(loss - loss_alone) / loss_alone,
        "gradient": relative_error(gradient, gradient_alone),
        "if_leaked": relative_error(leaked, gradient_alone),
    }


def _one_step(
    bench: Workbench, rows: tuple[TokenRow, ...], kind: BaseKind, budget_tokens: int
) -> tuple[float, torch.Tensor]:
    trial = Trial(len(rows), budget_tokens, base=kind, tune=_UNCLIPPED)
    with bench.learner(rows, trial) as learner:
        torch.manual_seed(11)
        with torch.no_grad():
            # PEFT starts B at zero, which leaves A without a gradient
            learner.adapter.values.add_(torch.randn_like(learner.adapter.values), alpha=0.02)
        loss = learner.gradients(learner.plan.step(0)).loss
        return loss, learner.adapter.gradients.clone()


def _without_boundaries(rows: tuple[TokenRow, ...]) -> TokenRow:
    labels = [row.labels.copy() for row in rows]
    for part in labels:
        part[0] = NO_LOSS
    return TokenRow(np.concatenate([row.ids for row in rows]), np.concatenate(labels))


def gemm_roof(bench: Workbench) -> Iterator[tuple[str, Figures] | Promise]:
    """Yield what one large matrix product reaches: the practical limit of everything else."""
    where = bench.scene.where
    width = ROOF_WIDTH if bench.scene.on_gpu else 512
    torch.manual_seed(0)
    left, right = (
        torch.randn(width, width, device=where.device, dtype=where.compute) for _ in range(2)
    )
    watch = Stopwatch(where.device)
    for _ in range(3):
        left @ right
    watch.mark()
    for _ in range(10):
        left @ right
    watch.mark()
    tflops = 2 * width**3 * 10 / sum(watch.seconds()) / 1e12
    yield "product", {"width": width, "tflops": round(tflops, 2)}
    yield no_less(
        "a large bf16 product reaches 750 TFLOP/s (an H200 gives 750 to 800)",
        tflops,
        ROOF_TFLOPS,
        judged=bench.scene.judged,
    )
