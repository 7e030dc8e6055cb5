"""Rows 4 and 5: useful tokens per second of our loop over whole optimizer steps."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

from brightrun.training.memory_model import Workload, flops_per_token, flops_utilization
from trainer_image.bench_gpu.clock import GIB, Stopwatch, forget_peak, peak_bytes
from trainer_image.bench_gpu.report import Figures, Promise, no_less
from trainer_image.bench_gpu.scenes import Scene, long_rows, mixed_rows
from trainer_image.bench_gpu.workbench import TUNE, Trial, Workbench, train_step
from trainer_image.data.batches import TokenRow
from trainer_image.data.sampling import Plan
from trainer_image.training.memory_plan import choose_layout, this_chip

MIXED_MICRO_STEPS = 8
MIXED_STEPS_PER_EPOCH = 4
ALL_RECOMPUTED_SPEED = 9_000.0
CHOSEN_SPEED = 12_000.0
LONG_SPEED = 12_500.0
"""NVIDIA's bf16 LoRA of an 8B on one H100: 12,473 tokens/s at 4,096 tokens."""
QUANTISED_SHARE = 0.95
SECOND_RUN_SPEED = 990.0
"""About 1,100 tokens/s are expected of a 70B: within a tenth of that."""


@dataclass(frozen=True, slots=True)
class Speed:
    """One measurement; `tokens` are those of rows, never padding.

    Attributes:
        flops_utilization: share of the chip's peak, recomputation counted; None off a known chip.
        warnings: what the learner said, such as that memory ran out and it used less.
    """

    tokens_per_second: float
    step_seconds: tuple[float, ...]
    timed_tokens: int
    flops_utilization: float | None
    peak_gib: float | None
    micro_step_tokens: int
    recomputed_layers: int
    warnings: tuple[str, ...]

    @property
    def figures(self) -> Figures:
        return {name: getattr(self, name) for name in self.__slots__}


def ours_mixed(bench: Workbench) -> Iterator[tuple[str, Figures] | Promise]:
    """Yield the speed on chats of mixed length, and what each change takes from it."""
    rows = training_rows(bench.scene)
    chosen = replace(chosen_trial(bench, rows), rows_per_step=rows_per_step(rows))
    judged = bench.scene.judged
    compile_kernels(bench, chosen)
    best = measure(bench, rows, chosen)
    yield "chosen_recomputation", best.figures
    bench.best_tokens_per_second = best.tokens_per_second
    says = "mixed rows, recomputation as chosen: 12,000 tokens/s"
    yield no_less(says, best.tokens_per_second, CHOSEN_SPEED, judged=judged)
    slow = measure(bench, rows, replace(chosen, recomputed_layers=bench.scene.shape.layers))
    yield "all_recomputed", slow.figures
    says = "mixed rows, every layer recomputed: 9,000 tokens/s"
    yield no_less(says, slow.tokens_per_second, ALL_RECOMPUTED_SPEED, judged=judged)
    changed = {
        "with_dropout": replace(chosen, tune=TUNE.model_copy(update={"dropout": 0.1})),
        "without_fused_lora": replace(chosen, fused_lora=False),
        "without_fused_layers": replace(chosen, base=bench.usual(fused_layers=False)),
    }
    for name, trial in changed.items():
        found = measure(bench, rows, trial)
        share = found.tokens_per_second / best.tokens_per_second
        yield name, {**found.figures, "share_of_chosen_speed": round(share, 3)}


def ours_long(bench: Workbench) -> Iterator[tuple[str, Figures] | Promise]:
    """Yield the speed on rows of full length, NF4 and 16-bit base, nothing recomputed."""
    scene = bench.scene
    rows = long_rows(scene, 8)
    compile_kernels(bench, Trial(1, scene.micro_step_tokens))
    speeds: dict[tuple[bool, int], Speed] = {}
    bases = {False: "dense", True: "nf4"} if "quantised" not in bench.unusable else {False: "dense"}
    sizes = (scene.micro_step_tokens, scene.micro_step_tokens * 2)
    for quantised, tokens in product(bases, sizes):
        kind = bench.usual(quantised=quantised)
        trial = Trial(scene.micro_step_tokens * 2 // scene.longest_tokens, tokens, base=kind)
        found = speeds[quantised, tokens] = measure(bench, rows, trial)
        yield f"{bases[quantised]}_{tokens}_tokens", found.figures
    rates = {place: speed.tokens_per_second for place, speed in speeds.items()}
    best = max((rate for (quantised, _), rate in rates.items() if quantised), default=None)
    says = "NF4, rows of 4,096 packed, nothing recomputed: 12,500 tokens/s"
    yield no_less(says, best, LONG_SPEED, judged=scene.judged)
    for tokens in sizes:
        share = rates[True, tokens] / rates[False, tokens] if best else None
        says = f"NF4 at {tokens} tokens has 95 % of the 16-bit base's speed"
        yield no_less(says, share, QUANTISED_SHARE, judged=scene.on_gpu)


def ours_chosen(bench: Workbench) -> Iterator[tuple[str, Figures] | Promise]:
    """Yield the speed of a large model on rows of full length, recomputation as chosen."""
    rows = long_rows(bench.scene, 4)
    found = measure(bench, rows, replace(chosen_trial(bench, rows), rows_per_step=2))
    yield "chosen_recomputation", found.figures
    says = "70B in NF4, recomputation as chosen: about 1,100 tokens/s"
    rate = found.tokens_per_second
    yield no_less(says, rate, SECOND_RUN_SPEED, judged=bench.scene.judged)


def training_rows(scene: Scene) -> tuple[TokenRow, ...]:
    """Return the mixed rows that ours and others are measured on."""
    return mixed_rows(scene, scene.micro_step_tokens * MIXED_MICRO_STEPS)


def rows_per_step(rows: tuple[TokenRow, ...]) -> int:
    """Return how many of them make one optimizer step."""
    return len(rows) // MIXED_STEPS_PER_EPOCH


def chosen_trial(bench: Workbench, rows: tuple[TokenRow, ...]) -> Trial:
    """Return what a run would choose for itself on this machine."""
    scene = bench.scene
    plan = Plan(tuple(row.size for row in rows), 1, 1, 1)
    layout = choose_layout(scene.config, plan, TUNE, scene.where, scene.micro_step_tokens)
    setting = layout.setting
    return Trial(
        1, setting.micro_step_tokens, setting.checkpointed_layers, unpacked=setting.unpacked
    )


def compile_kernels(bench: Workbench, trial: Trial) -> None:
    """Have Triton compile: once for multiples of 16 tokens, once for all others. It is no speed."""
    (row,) = long_rows(bench.scene, 1)
    lengths = (row.size.tokens // 2, row.size.tokens // 2 - 1)
    rows = tuple(TokenRow(row.ids[:length], row.labels[:length]) for length in lengths)
    with bench.learner(rows, replace(trial, rows_per_step=2, micro_step_tokens=1)) as learner:
        train_step(learner, 0)


def measure(
    bench: Workbench, rows: tuple[TokenRow, ...], trial: Trial, *, steps: int | None = None
) -> Speed:
    """Return the speed over the timed steps; the device is waited for once per step."""
    scene, device = bench.scene, bench.scene.where.device
    steps = steps or scene.steps
    warm_up = min(scene.warm_up, steps - 1)
    warnings: list[str] = []
    with bench.learner(rows, trial) as learner:
        learner.warn = warnings.append
        forget_peak(device)
        watch = Stopwatch(device)
        tokens = []
        watch.mark()
        for number in range(steps):
            train_step(learner, number)
            watch.mark()
            tokens.append(learner.plan.step(number).tokens)
        seconds = watch.seconds()[warm_up:]
        timed = sum(tokens[warm_up:])
        peak = peak_bytes(device)
        recomputed = learner.checkpointed_layers
        return Speed(
            tokens_per_second=round(timed / sum(seconds), 1),
            step_seconds=tuple(round(each, 4) for each in seconds),
            timed_tokens=timed,
            flops_utilization=_utilization(scene, rows, recomputed, timed, seconds),
            peak_gib=None if peak is None else round(peak / GIB, 2),
            micro_step_tokens=learner.budget_tokens,
            recomputed_layers=recomputed,
            warnings=tuple(warnings),
        )


def workload(rows: tuple[TokenRow, ...], **changes: Any) -> Workload:  # noqa: ANN401 - its fields
    """Return what the estimator is told of training on `rows`."""
    sizes = [row.size for row in rows]
    tokens = sum(size.tokens for size in sizes)
    described = Workload(
        rank=TUNE.rank,
        document_tokens=tokens / len(rows),
        supervised_share=sum(size.supervised_tokens for size in sizes) / tokens,
        longest_row_tokens=max(size.tokens for size in sizes),
    )
    return replace(described, **changes)


def _utilization(
    scene: Scene, rows: tuple[TokenRow, ...], recomputed: int, tokens: int, seconds: list[float]
) -> float | None:
    chip = this_chip(scene.where)
    if chip is None:
        return None
    flops = flops_per_token(scene.shape, workload(rows), recomputed / scene.shape.layers)
    return round(flops_utilization(tokens, sum(seconds), flops, chip.peak_flops), 3)
