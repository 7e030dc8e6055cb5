"""Learners on a random base, as a run would have them; the base is built once and used again."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from types import MethodType
from typing import Any, cast

import torch
from peft.tuners.lora.layer import LoraLayer
from torch import Tensor, nn

from brightrun.training.configuration import Hyperparameters
from brightrun.training.protocol import BaseModelRef
from trainer_image.bench_gpu.base import BaseKind, random_base
from trainer_image.bench_gpu.clock import release
from trainer_image.bench_gpu.scenes import TINY, Scene, one_batch
from trainer_image.data.batches import TokenRow
from trainer_image.data.sampling import Plan
from trainer_image.model import adapter
from trainer_image.training.step import TrainStep

BASE = BaseModelRef(id="bench/random", revision="r1")
RATE = 0.0001
TUNE = Hyperparameters(rank=16, alpha=32, dropout=0.0, learning_rate=RATE, max_gradient_norm=1.0)
PLAN_SEED = 1
_EPOCHS = 20
"""More than any section trains."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One way to lay out training.

    Attributes:
        unpacked: 4-bit weights are kept in 16 bits too.
        masks: dropout is drawn beforehand, not inside the products.
        base: None is the scene's own, as a run would load it.
        fused_lora: our arithmetic; otherwise PEFT's own, under autocast as trainers run it.
    """

    rows_per_step: int
    micro_step_tokens: int
    recomputed_layers: int = 0
    unpacked: bool = False
    masks: bool = True
    base: BaseKind | None = None
    fused_lora: bool = True
    tune: Hyperparameters = TUNE


class Workbench:
    """The scene with the base model in use: only one exists at a time.

    Attributes:
        best_tokens_per_second: ours on mixed rows once measured, for others to be held against.
        seconds_left: of the whole measurement when the running section began.
        unusable: parts of a base (fields of `BaseKind`) that fail on this machine, and why.
    """

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.best_tokens_per_second: float | None = None
        self.seconds_left = float("inf")
        self.unusable: dict[str, str] = {}
        self.kind: BaseKind | None = None
        self.model: nn.Module | None = None

    def usual(self, **changes: Any) -> BaseKind:  # noqa: ANN401 - fields of BaseKind
        """Return the scene's base, or one that differs in `changes`, less what is unusable."""
        where = self.scene.where
        kind = BaseKind(self.scene.shape.layers, where.compute, where.quantised)
        return replace(kind, **{**changes, **dict.fromkeys(self.unusable, False)})

    def base(self, kind: BaseKind) -> nn.Module:
        """Return the base of that kind, without an adapter."""
        if self.model is None or self.kind != kind:
            self.forget()
            self.model = random_base(self.scene.config, kind, self.scene.where.device)
            self.kind = kind
        return self.model

    def forget(self) -> None:
        """Free the base."""
        self.model = self.kind = None
        release(self.scene.where.device)

    @contextmanager
    def learner(self, rows: tuple[TokenRow, ...], trial: Trial) -> Iterator[TrainStep]:
        """Yield a learner over `rows`; the base is as before when it is done, or freed."""
        try:
            base = self.base(trial.base or self.usual())
            adapted = adapter.attach(base, trial.tune, BASE)
            if not trial.fused_lora:
                unfuse(adapted, self.scene.where.compute)
            plan = Plan(tuple(row.size for row in rows), trial.rows_per_step, _EPOCHS, PLAN_SEED)
            learner = TrainStep(
                adapted, rows, plan, trial.tune, budget_tokens=trial.micro_step_tokens
            )
            learner.checkpoint_layers(trial.recomputed_layers)
            if trial.unpacked:
                learner.keep_unpacked()
            if not trial.masks:
                learner.adapter.draw_in_products()
            yield learner
            adapted.unload()
        except BaseException:
            self.model = self.kind = None  # half an adapter may hang on it
            raise
        finally:
            release(self.scene.where.device)


def find_unusable(scene: Scene) -> dict[str, str]:
    """Return which parts of a base fail here, each tried in one step of a toy, and how.

    A missing compiler or library should cost what needs it, not the whole measurement.
    """
    toy = replace(scene, config=TINY, longest_tokens=256, micro_step_tokens=512)
    plain = BaseKind(1, scene.where.compute, quantised=False, fused_layers=False)
    parts = {"quantised": replace(plain, quantised=True)} if scene.where.quantised else {}
    parts["fused_layers"] = replace(plain, fused_layers=True)
    found = {}
    for part, kind in parts.items():
        try:
            rows = one_batch(toy)
            with Workbench(toy).learner(rows, Trial(len(rows), 512, base=kind)) as learner:
                train_step(learner, 0)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is reported
            found[part] = f"{type(error).__name__}: {error}"[:300]
    return found


def train_step(learner: TrainStep, number: int) -> float:
    """Make one optimizer step and return its loss."""
    loss = learner.gradients(learner.plan.step(number)).loss
    learner.apply(RATE)
    return loss


def unfuse(model: nn.Module, compute: torch.dtype) -> None:
    """Give every LoRA layer PEFT's own arithmetic back, in the compute type where it is narrow."""

    def stock(self: Any, x: Tensor, *args: Any, **kwargs: Any) -> Tensor:  # noqa: ANN401 - PEFT's
        # outside of autocast PEFT multiplies in the adapter's fp32
        narrow = compute is not torch.float32
        with torch.autocast(x.device.type, compute, enabled=narrow):
            return cast("Tensor", type(self).forward(self, x, *args, **kwargs))

    for module in model.modules():
        if isinstance(module, LoraLayer):
            cast("Any", module).forward = MethodType(stock, module)
