"""One optimizer step: gradients over all micro-steps, clipped, applied. Owns memory back-off."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from brightrun.training.configuration import Hyperparameters
from brightrun.training.failure_codes import FailureCode
from brightrun.training.memory_model import LARGEST_MICRO_STEP, Setting
from trainer_image.data.batches import TokenRow
from trainer_image.data.sampling import Plan, Step
from trainer_image.ipc.failures import RunFailed, means_out_of_memory
from trainer_image.model.architectures import arrangement_of
from trainer_image.model.base_model import decoder, head_rule, head_weight
from trainer_image.model.flat_adapter import FlatAdapter, Slot
from trainer_image.model.kernels.cross_entropy import summed_loss
from trainer_image.model.last_layer import compute_where_read
from trainer_image.training.distributed import Ranks
from trainer_image.training.losses import supervised_states

SMALLEST_BUDGET_TOKENS = 256
"""Below this a GPU spends its time on reading weights; more layers are recomputed instead."""


@dataclass(frozen=True, slots=True)
class StepResult:
    """What one step amounted to, over all ranks.

    Attributes:
        loss: mean negative log-likelihood per supervised token, before the update.
        gradient_norm: before clipping.
        stop_wanted: a rank was told to stop; the step was given up and is not to be applied.
        padding_tokens: computed beside the step's own tokens, where rows are not packed.
    """

    loss: float
    gradient_norm: float
    stop_wanted: bool
    padding_tokens: int = 0

    @property
    def is_finite(self) -> bool:
        return math.isfinite(self.loss) and math.isfinite(self.gradient_norm)


class TrainStep:
    """A model with its adapter and optimizer; `gradients` then `apply` make one step."""

    def __init__(  # noqa: PLR0913 - the one place where they meet
        self,
        model: nn.Module,
        rows: Sequence[TokenRow],
        plan: Plan,
        hyperparameters: Hyperparameters,
        *,
        budget_tokens: int,
        ranks: Ranks = Ranks(),  # noqa: B008 - frozen
        warn: Callable[[str], None] = lambda _message: None,
    ) -> None:
        self.model, self.rows, self.plan = model, rows, plan
        self.hyperparameters, self.ranks, self.warn = hyperparameters, ranks, warn
        self.budget_tokens = budget_tokens
        self.arrangement = arrangement_of(cast("Any", model).config)
        self.head_rule = head_rule(model)
        self.checkpointed_layers = 0
        self.unpacked = False
        self.adapter = FlatAdapter(model)
        compute_where_read(model)
        self.optimizer = torch.optim.AdamW(
            [self.adapter.values],
            lr=hyperparameters.learning_rate,
            betas=(0.9, 0.999),
            eps=1e-8,
            weight_decay=hyperparameters.weight_decay,
            fused=True,
        )
        # now, and not in the first step: what does not fit is better known before anything is paid
        zeros = torch.zeros_like(self.adapter.values.data)
        self._set_moments(0, zeros, zeros.clone())
        model.train()

    @property
    def device(self) -> torch.device:
        return self.adapter.values.device

    @property
    def scoring_tokens(self) -> int:
        """Tokens per pass without gradients: nothing is kept, so a GPU takes a full one."""
        if self.device.type != "cuda":
            return self.budget_tokens
        return max(self.budget_tokens, LARGEST_MICRO_STEP)

    def gradients(
        self, step: Step, *, stop_wanted: Callable[[], bool] = lambda: False
    ) -> StepResult:
        """Compute the step's clipped gradients; out of memory, use less and start it again.

        Args:
            stop_wanted: asked before each micro-step; once any rank is told to stop, all of them
                give the step up, and nothing of it is to be applied.

        Raises:
            RunFailed: `OUT_OF_MEMORY` when the smallest setting does not fit either.
        """
        while True:
            try:
                self._sum_gradients(step, stop_wanted)
                break
            except (RuntimeError, MemoryError) as error:
                if not means_out_of_memory(error):
                    raise
            # outside of `except`, so that the failed step's tensors are released first
            self.use_less_memory(step)
        # not tried again: a rank that repeats the step alone is a rank the others wait for
        return self._exchange(step)

    def apply(self, rate: float) -> None:
        """Update the adapter with the gradients that are there, at learning rate `rate`."""
        self.optimizer.param_groups[0]["lr"] = rate
        self.optimizer.step()
        self.adapter.refresh()

    def use_less_memory(self, step: Step) -> None:
        """Unpack weights at each use; then halve the micro-step; then recompute more layers."""
        self.adapter.forget_outputs()
        if self._unpack_at_each_use():
            self.warn("out of memory: 4-bit weights are unpacked again for each use")
            return
        longest = max(self.plan.sizes[row].tokens for row in step.rows)
        layers = len(cast("Any", decoder(self.model)).layers)
        if self.budget_tokens // 2 >= max(longest, SMALLEST_BUDGET_TOKENS):
            self.budget_tokens //= 2
            self.warn(f"out of memory: micro-steps now hold {self.budget_tokens} tokens")
        elif self.checkpointed_layers < layers:
            self.checkpoint_layers(min(layers, max(1, self.checkpointed_layers * 2)))
            self.warn(f"out of memory: {self.checkpointed_layers} of {layers} layers recomputed")
        else:
            raise RunFailed(
                FailureCode.OUT_OF_MEMORY,
                f"a row of {longest} tokens does not fit with every layer recomputed:"
                " lower max_sequence_tokens or take a GPU with more memory",
            )

    def lay_out(self, setting: Setting, *, masks: bool, fp8: bool = False) -> None:
        """Hold and recompute what `setting` says; without `masks` dropout is in the products.

        FP8 copies of the weights take the room of the unpacked ones, and their place.
        """
        self.checkpoint_layers(setting.checkpointed_layers)
        if fp8:
            self.adapter.round_products()
        elif setting.unpacked:
            self.keep_unpacked()
        if not masks:
            self.adapter.draw_in_products()

    def checkpoint_layers(self, count: int) -> None:
        """Recompute the activations of the first `count` decoder layers in the backward pass."""
        self.checkpointed_layers = count
        for place, layer in enumerate(cast("Any", decoder(self.model)).layers):
            layer.gradient_checkpointing = place < count
            layer._gradient_checkpointing_func = partial(checkpoint, use_reentrant=False)  # noqa: SLF001

    def keep_unpacked(self) -> None:
        """Hold 4-bit weights unpacked as well, as long as memory allows it."""
        try:
            self.adapter.keep_unpacked()
        except (RuntimeError, MemoryError) as error:
            if not means_out_of_memory(error):
                raise
            self._unpack_at_each_use()
            self.warn("out of memory: 4-bit weights are unpacked for each use")
        else:
            self.unpacked = True

    def _unpack_at_each_use(self) -> bool:
        self.unpacked = False
        freed = self.adapter.release_unpacked()
        if self.device.type == "cuda":
            torch.cuda.empty_cache()
        return freed

    def take_peak_gb(self) -> float | None:
        """Return the most memory torch held at once since the last call; None off CUDA."""
        if self.device.type != "cuda":
            return None
        peak = torch.cuda.max_memory_allocated(self.device)
        torch.cuda.reset_peak_memory_stats(self.device)
        return peak / 1e9

    def state(self) -> dict[str, Tensor]:
        """Return copies of what the next step depends on."""
        moments = self.optimizer.state[self.adapter.values]
        return {
            "adapter": self.adapter.copy(),
            "first_moment": moments["exp_avg"].to("cpu", copy=True),
            "second_moment": moments["exp_avg_sq"].to("cpu", copy=True),
        }

    def restore(self, tensors: dict[str, Tensor], steps_done: int) -> None:
        """Become what `state` described, after `steps_done` updates."""
        self.adapter.load(tensors["adapter"])
        moments = (tensors[name] for name in ("first_moment", "second_moment"))
        self._set_moments(steps_done, *(each.to(self.device, copy=True) for each in moments))

    def _set_moments(self, steps_done: int, first: Tensor, second: Tensor) -> None:
        self.optimizer.state[self.adapter.values] = {
            "step": torch.tensor(float(steps_done), device=self.device),
            "exp_avg": first,
            "exp_avg_sq": second,
        }

    def _sum_gradients(self, step: Step, stop_wanted: Callable[[], bool]) -> None:
        """Leave this rank's sums in the flat buffer."""
        flat = self.adapter
        flat.clear_gradients()
        micro_steps = self.plan.micro_steps(
            step,
            budget_tokens=self.budget_tokens,
            rank=self.ranks.rank,
            ranks=self.ranks.count,
            group=self.arrangement.group,
        )
        for number, group in enumerate(micro_steps):
            if stop_wanted():
                flat.reduced[Slot.STOP_WISHES] = 1.0
                break
            seed = self._micro_step_seed(step.number, number)
            torch.manual_seed(seed)
            batch = self.arrangement.lay_out([self.rows[row] for row in group], self.device)
            states = supervised_states(self.model, batch)
            weight = head_weight(self.model)
            loss = summed_loss(states, weight, batch.targets, self.head_rule)
            loss.backward()
            flat.reduced[Slot.LOSS] += loss.detach()
            flat.reduced[Slot.PADDING_TOKENS] += batch.padding_tokens

    def _exchange(self, step: Step) -> StepResult:
        """Sum over all ranks, and clip."""
        flat = self.adapter
        self.ranks.add_up(flat.reduced)
        # By the whole step's tokens, on all ranks, so that micro-steps of any size weigh the same;
        # and here, in fp32: in 16 bits the factor itself would be rounded.
        flat.gradients.div_(step.supervised_tokens)
        norm = torch.linalg.vector_norm(flat.gradients)
        flat.gradients.mul_((self.hyperparameters.max_gradient_norm / (norm + 1e-6)).clamp(max=1.0))
        # the step's one wait for the device
        *slots, length = torch.cat([flat.reduced[-len(Slot) :], norm[None]]).tolist()
        padding, summed, wishes = (slots[slot] for slot in sorted(Slot))
        counted = int(padding) if math.isfinite(padding) else 0
        return StepResult(summed / step.supervised_tokens, length, wishes > 0, counted)

    def _micro_step_seed(self, step: int, micro_step: int) -> int:
        """Dropout depends on place alone, so a resumed or replayed step draws the same masks."""
        place = (step * 64 + self.ranks.rank) * 4096 + micro_step
        return (self.hyperparameters.seed * 0x9E3779B97F4A7C15 + place) % 2**63
