"""Frozen linear layers that read one tensor, and their LoRA pairs, as one autograd function.

PEFT owns the modules, their names, initialisation and files; only the arithmetic of `forward` is
replaced while training. Query, key and value are one group, gate and up another, every other
projection a group of its own: one product with their A matrices, one gradient of their input, one
call from autograd. Weights are views of the flat adapter, in the type that is computed in, and
gradients are added to the flat buffer's views where they arise: autograd never holds one.
"""

import weakref
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol, cast

import torch
from peft.tuners.lora.layer import LoraLayer
from torch import Tensor, nn
from torch.autograd import Function

from trainer_image.model.kernels import drawn_dropout, dropout
from trainer_image.model.kernels.frozen import FrozenLinear

_READERS = (
    ("q_proj", "k_proj", "v_proj"),
    ("gate_proj", "up_proj"),
    ("in_proj_qkvz", "in_proj_ba"),
    ("in_proj_qkv", "in_proj_z", "in_proj_b", "in_proj_a"),
)
"""Children of one module that read the same tensor, in every model type of the table."""


@dataclass(frozen=True, slots=True)
class Pairs:
    """A group's LoRA matrices, or their gradients, as views of a flat buffer.

    Attributes:
        down: the A matrices below each other, `(ranks together, in)`.
        ups: the B matrices, each `(out, rank)`.
    """

    down: Tensor
    ups: tuple[Tensor, ...]


class Buffer(Protocol):
    """Where a group's weights and gradients lie: the flat adapter."""

    anchor: Tensor
    """Requires a gradient, so that a group's outputs do, whatever it reads."""

    def pairs_of(self, group: "Group", dtype: torch.dtype) -> Pairs:
        """Return the weights of `group` in `dtype`."""

    def gradients_of(self, group: "Group") -> Pairs:
        """Return where the gradients of `group` are summed, in fp32."""


class Group:
    """LoRA layers that read one tensor; the first that is called computes for all.

    Attributes:
        layers: PEFT's.
        spans: of each layer in the products with the A matrices.
        strengths: alpha over rank.
    """

    def __init__(self, layers: Sequence[Any]) -> None:
        self.layers = tuple(layers)
        self.frozen = tuple(FrozenLinear(layer.base_layer) for layer in layers)
        names = [layer.active_adapters[0] for layer in layers]
        named = tuple(zip(layers, names, strict=True))
        self.downs = tuple(cast("nn.Parameter", one.lora_A[name].weight) for one, name in named)
        self.ups = tuple(cast("nn.Parameter", one.lora_B[name].weight) for one, name in named)
        self.strengths = tuple(float(one.scaling[name]) for one, name in named)
        self.spans = _spans(len(down) for down in self.downs)
        self._drop = layers[0].lora_dropout[names[0]]
        self._drawn = False
        self._buffer: Buffer | None = None
        self._waiting: dict[int, Tensor] = {}
        self._read: Any = None

    @property
    def rate(self) -> float:
        """Share of the input that the adapters do not read now."""
        return float(getattr(self._drop, "p", 0.0)) if self._drop.training else 0.0

    def fuse(self, buffer: Buffer) -> None:
        """Compute with the weights in `buffer` from now on."""
        self._buffer = buffer
        for place, layer in enumerate(self.layers):
            layer.forward = partial(self._forward, place)

    def draw_in_products(self) -> None:
        """Draw dropout inside the products from now on, where their kernels take so many ranks."""
        self._drawn = self.spans[-1].stop <= drawn_dropout.MOST_RANKS

    def read(self, x: Tensor) -> "dropout.Masked | drawn_dropout.Drawn":
        """Return what the adapters read of `x` in this pass."""
        rate, flat = self.rate, x.reshape(-1, x.shape[-1])
        if rate and self._drawn:
            return drawn_dropout.Drawn(flat, drawn_dropout.draw_seed(), rate)
        return dropout.Masked(flat, dropout.mask(x, rate).view(flat.shape) if rate else None)

    def forget(self) -> None:
        """Drop outputs that nobody came for: a pass broke off between two layers of the group."""
        self._waiting, self._read = {}, None

    def pairs(self, dtype: torch.dtype) -> Pairs:
        """Return the weights in `dtype`."""
        return cast("Buffer", self._buffer).pairs_of(self, dtype)

    def gradients(self) -> Pairs:
        """Return where gradients are added."""
        return cast("Buffer", self._buffer).gradients_of(self)

    def _forward(self, place: int, x: Tensor, *_args: Any, **_kwargs: Any) -> Tensor:  # noqa: ANN401
        layer = self.layers[place]
        if layer.disable_adapters:
            return cast("Tensor", layer.base_layer(x))
        if place not in self._waiting or self._read is None or self._read() is not x:
            # weakly: outputs would hold their own input, and it them
            self._waiting, self._read = dict(enumerate(self._outputs(x))), weakref.ref(x)
        return self._waiting.pop(place)

    def _outputs(self, x: Tensor) -> tuple[Tensor, ...]:
        if not torch.is_grad_enabled():
            pairs = self.pairs(x.dtype)
            inner = x.reshape(-1, x.shape[-1]) @ pairs.down.T
            return self.add_adapters([one.answer(x) for one in self.frozen], inner, pairs)
        anchor = cast("Buffer", self._buffer).anchor
        return cast("tuple[Tensor, ...]", _Linears.apply(x, anchor, self))  # type: ignore[no-untyped-call]

    def add_adapters(
        self, outputs: Sequence[Tensor], inner: Tensor, pairs: Pairs, kept: float = 1.0
    ) -> tuple[Tensor, ...]:
        """Add to each frozen layer's output what its pair makes of `inner`, in place."""
        for place, output in enumerate(outputs):
            narrow = inner[:, self.spans[place]]
            strength = self.strengths[place] / kept
            flat = output.view(-1, output.shape[-1])
            flat.addmm_(narrow, pairs.ups[place].T, alpha=strength)
        return tuple(outputs)


def groups_of(model: nn.Module) -> list[Group]:
    """Return the LoRA layers of `model` in groups, in the model's order."""
    found = []
    for parent in model.modules():
        layers = {
            name: child
            for name, child in parent.named_children()
            if isinstance(child, LoraLayer) and not child.lora_variant
        }
        together = [[name for name in readers if name in layers] for readers in _READERS]
        grouped = {name for names in together for name in names}
        apart = [[name] for name in layers if name not in grouped]
        found += [Group([layers[name] for name in names]) for names in (*together, *apart) if names]
    return found


def _spans(ranks: Iterable[int]) -> tuple[slice, ...]:
    spans, start = [], 0
    for rank in ranks:
        spans.append(slice(start, start + rank))
        start += rank
    return tuple(spans)


class _Linears(Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, _anchor: Tensor, group: Group) -> tuple[Any, ...]:  # noqa: ANN401
        pairs = group.pairs(x.dtype)
        read = group.read(x)
        inner = read.product(pairs.down)
        outputs = [one.output(x) for one in group.frozen]
        ctx.group, ctx.read, ctx.kept = group, read.again, 1.0 - group.rate
        ctx.save_for_backward(x, inner, read.mask)
        return group.add_adapters(outputs, inner, pairs, ctx.kept)

    @staticmethod
    def backward(ctx: Any, *upstream: Tensor) -> tuple[Tensor | None, None, None]:  # noqa: ANN401
        x, inner, mask = ctx.saved_tensors
        group: Group = ctx.group
        wanted: bool = ctx.needs_input_grad[0]
        pairs, sums = group.pairs(x.dtype), group.gradients()
        flat = [gradient.reshape(-1, gradient.shape[-1]) for gradient in upstream]
        inner_gradient = torch.empty_like(inner)
        for place, gradient in enumerate(flat):
            span, strength = group.spans[place], group.strengths[place] / ctx.kept
            # nothing is read of what is empty: with beta 0 it is not multiplied either
            inner_gradient[:, span].addmm_(gradient, pairs.ups[place], beta=0, alpha=strength)
            # the narrow product first: a third faster on a CPU than its transpose
            dropout.add_product(sums.ups[place].T, inner[:, span].T, gradient, strength)
        read = ctx.read(x.reshape(-1, x.shape[-1]), mask)
        x_gradient = read.add_gradients(inner_gradient, pairs.down, sums.down, wanted=wanted)
        if x_gradient is None:
            return None, None, None
        # the frozen layers' shares are added by their own products: no more tensors as wide as x
        for one, gradient in zip(group.frozen, flat, strict=True):
            one.add_input_gradient(x_gradient, gradient)
        return x_gradient.view(x.shape), None, None
