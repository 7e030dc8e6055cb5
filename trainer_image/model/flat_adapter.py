"""The adapter's weights as one buffer while training, its gradients as another."""

from collections.abc import Iterator, Sequence
from enum import IntEnum

import torch
from torch import Tensor, nn

from trainer_image.model.kernels.frozen_fp8 import rounder
from trainer_image.model.kernels.lora import Group, Pairs, groups_of

ORDER = "adapter tensors by group, A before B"
"""Of the weights in a checkpoint; part of what decides whether a checkpoint is of the same run."""


class Slot(IntEnum):
    """What travels behind the gradients with the all-reduce, counted from the buffer's end."""

    PADDING_TOKENS = -3
    LOSS = -2
    STOP_WISHES = -1


class FlatAdapter:
    """All adapter weights as views of one fp32 buffer, all gradients as views of another.

    One optimizer kernel, one norm, one all-reduce, one tensor in a checkpoint, and one cast a step
    to the type that is computed in. A group's A matrices lie side by side, so that one product
    takes them all. The gradient buffer ends in the slots.

    Attributes:
        anchor: see `lora.Buffer`.
        layout: names and shapes, in the buffers' order.
        reduced: the gradients and the slots: what is summed over all ranks.
    """

    def __init__(self, model: nn.Module, compute: torch.dtype | None = None) -> None:
        self.groups = groups_of(model)
        parameters = list(_in_order(self.groups))
        names = {id(parameter): name for name, parameter in model.named_parameters()}
        count = sum(parameter.numel() for parameter in parameters)
        device = parameters[0].device
        self.layout = tuple((names[id(each)], tuple(each.shape)) for each in parameters)
        self.values = nn.Parameter(torch.empty(count, dtype=torch.float32, device=device))
        self.reduced = torch.zeros(count + len(Slot), dtype=torch.float32, device=device)
        self.gradients = self.reduced[:count]
        self.values.grad = self.gradients
        places = zip(
            parameters,
            _views(self.values.data, parameters),
            _views(self.gradients, parameters),
            strict=True,
        )
        for parameter, value, gradient in places:
            value.copy_(parameter.data)
            parameter.data, parameter.grad = value, gradient
        self.anchor: Tensor = self.values
        self._compute = compute or _compute_type(model)
        narrow = self._compute is not torch.float32
        self._mirror = self.values.data.to(self._compute) if narrow else None
        self._exact = _pairs(self.values.data, self.groups)
        self._narrow = self._exact if self._mirror is None else _pairs(self._mirror, self.groups)
        self._sums = _pairs(self.gradients, self.groups)
        for group in self.groups:
            group.fuse(self)

    def pairs_of(self, group: Group, dtype: torch.dtype) -> Pairs:
        """Return the weights of `group` in `dtype`, as they were at the last `refresh`."""
        return (self._narrow if dtype is self._compute else self._exact)[group]

    def gradients_of(self, group: Group) -> Pairs:
        """Return where the gradients of `group` are summed."""
        return self._sums[group]

    def draw_in_products(self) -> None:
        """Draw dropout inside the products; `drawn_dropout.find` has said that it can be done."""
        for group in self.groups:
            group.draw_in_products()

    def round_products(self) -> None:
        """Multiply by the frozen weights in FP8 while training."""
        rounded = rounder(self._compute)
        for group in self.groups:
            group.frozen = tuple(rounded(frozen) for frozen in group.frozen)

    def keep_unpacked(self) -> None:
        """Hold the frozen 4-bit weights in the type that is computed in, too."""
        for group in self.groups:
            for frozen in group.frozen:
                frozen.keep(self._compute)

    def release_unpacked(self) -> bool:
        """Hold 4-bit weights alone; return whether that frees anything."""
        held = [frozen.release() for group in self.groups for frozen in group.frozen]
        return any(held)

    def forget_outputs(self) -> None:
        """Release what a pass that broke off has left in the groups."""
        for group in self.groups:
            group.forget()

    def clear_gradients(self) -> None:
        """Zero the gradients and the slots in place: the views must stay."""
        self.reduced.zero_()

    @torch.no_grad()
    def refresh(self) -> None:
        """Have what is computed with follow the weights: needed after every change of them."""
        if self._mirror is not None:
            self._mirror.copy_(self.values.data)

    @torch.no_grad()
    def load(self, values: Tensor) -> None:
        """Overwrite the weights in place."""
        self.values.data.copy_(values)
        self.refresh()

    def copy(self) -> Tensor:
        """Return the weights as they are now, on the CPU."""
        return self.values.detach().to("cpu", copy=True)

    @torch.no_grad()
    def round_to(self, dtype: torch.dtype) -> None:
        """Round the weights to what will be delivered, so that what is scored is what is sent."""
        self.values.data.copy_(self.values.data.to(dtype).float())
        self.refresh()


def _in_order(groups: Sequence[Group]) -> Iterator[nn.Parameter]:
    for group in groups:
        yield from group.downs
        yield from group.ups


def _views(flat: Tensor, parameters: Sequence[nn.Parameter]) -> Iterator[Tensor]:
    start = 0
    for parameter in parameters:
        yield flat[start : start + parameter.numel()].view(parameter.shape)
        start += parameter.numel()


def _pairs(flat: Tensor, groups: Sequence[Group]) -> dict[Group, Pairs]:
    found = {}
    views = _views(flat, list(_in_order(groups)))
    for group in groups:
        first, *_ = [next(views) for _ in group.downs]
        # the others follow it, so that all of them are one matrix
        down = first.as_strided((group.spans[-1].stop, first.shape[1]), first.stride())
        found[group] = Pairs(down, tuple(next(views) for _ in group.ups))
    return found


def _compute_type(model: nn.Module) -> torch.dtype:
    """Return the type of the frozen weights that are not packed, embeddings before all."""
    frozen = (each.dtype for each in model.parameters() if not each.requires_grad)
    return next((dtype for dtype in frozen if dtype.is_floating_point), torch.float32)
