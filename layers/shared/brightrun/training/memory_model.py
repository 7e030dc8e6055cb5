"""How much memory a run needs and how fast it can be on a GPU, from the model's shape. Pure.

The control plane uses it to say "will it fit", the worker to choose its settings. No figure can
beat the chip: speed is the peak times an efficiency of at most 1, and every other cost only adds.

Formulas and what they were checked against: `docs/trainer-memory.md`. Predicted memory is held
against a count of every tensor of a real step (`integration/trainer/model/test_cuda_path.py`),
predicted speed against published figures; no GPU run of ours has confirmed either yet.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from brightrun.training.configuration import DECODER_PROJECTIONS
from brightrun.training.layer_kinds import Recurrence
from brightrun.training.model_dimensions import Shape

NF4_BYTES = 0.516
"""Bytes per weight of NF4 with double quantisation: 4.127 bits."""
SIXTEEN_BIT_BYTES = 2.0
_ADAPTER_BYTES = 18
"""fp32 weight, gradient and two moments, and the 16 bits that are computed with."""
CHUNK_TOKENS = 512
"""Supervised positions whose logits exist at once: 512 x 128,256 in fp32 are 263 MB."""
_LOGIT_BYTES = 6
"""Per logit of a chunk: once in fp32, and in 16 bits as it comes from, or goes to, a product."""
_READERS: tuple[tuple[str, ...], ...] = (
    ("q_proj", "k_proj", "v_proj"),
    ("o_proj",),
    ("gate_proj", "up_proj"),
    ("down_proj",),
)
"""Projections that read the same tensor: it is kept once, and so is its dropout mask."""
LARGEST_MICRO_STEP = 8192
SMALLEST_MICRO_STEP = 4096
"""Below this a run is slow enough that another GPU type is the better answer."""
LARGEST_SHARE_READ = 0.9
"""Supervised share of a pass up to which its last layer is computed where it is read: beyond it,
taking out the few tokens that nobody reads costs more than it spares."""
_FIXED_BYTES = 1.2e9
"""CUDA context, kernels and allocator bookkeeping."""
_USABLE_SHARE = 0.90


@dataclass(frozen=True, slots=True)
class Chip:
    """One GPU: dense 16-bit peak, bandwidth and size, and the share of peak that is reached.

    Attributes:
        link_bytes: per second that an all-reduce moves between two of them; the default is PCIe
            through the host's memory, which takes 15 to 30 ms for the adapter of an 8B.

    Raises:
        ValueError: an efficiency outside of (0, 1]: such a figure would beat the chip.
    """

    peak_flops: float
    bandwidth_bytes: float
    memory_bytes: float
    efficiency: float = 0.45
    link_bytes: float = 10e9

    def __post_init__(self) -> None:
        if not 0.0 < self.efficiency <= 1.0:
            raise ValueError(f"efficiency {self.efficiency} is not in (0, 1]")


CHIPS: Mapping[str, Chip] = MappingProxyType(
    {
        "A100-80GB": Chip(312e12, 2.0e12, 80e9, link_bytes=20e9),
        "A100-40GB": Chip(312e12, 1.55e12, 40e9, link_bytes=20e9),
        "H100": Chip(989e12, 3.35e12, 80e9, link_bytes=200e9),
        "H200": Chip(989e12, 4.8e12, 141e9, link_bytes=200e9),
        "L40S": Chip(362e12, 0.86e12, 48e9),
        "RTX4090": Chip(165e12, 1.0e12, 24e9, efficiency=0.60),
        "V100-32GB": Chip(125e12, 0.9e12, 32e9, efficiency=0.30),
    }
)
"""Data sheets; efficiencies as others reached them, to be replaced by our own measurements. Links:
NVLink for H100 and H200, PCIe 4 from card to card for A100, whose PCIe form is the common one."""


@dataclass(frozen=True, slots=True)
class Workload:
    """What is asked of the model.

    Attributes:
        document_tokens: mean length of a row: attention costs grow with it.
        supervised_share: tokens that carry loss; the head runs only there.
        longest_row_tokens: a micro-step holds at least one row.
        dropout: of the adapters; its masks are kept for the backward pass.
    """

    rank: int = 16
    targets: tuple[str, ...] = DECODER_PROJECTIONS
    document_tokens: float = 2048.0
    supervised_share: float = 1.0
    longest_row_tokens: int = 4096
    quantised: bool = True
    dropout: float = 0.0


@dataclass(frozen=True, slots=True)
class Setting:
    """How a run is laid out: tokens per micro-step, layers whose activations are recomputed.

    Attributes:
        unpacked: 4-bit weights are kept in 16 bits beside, so that no use of them unpacks them.
    """

    micro_step_tokens: int
    checkpointed_layers: int
    unpacked: bool = False


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes on one GPU, by what they hold; `peak` is what the allocator reaches."""

    weights: float
    adapter: float
    activations: float
    working: float

    @property
    def peak(self) -> float:
        return self.weights + self.adapter + self.activations + self.working

    @property
    def needed(self) -> float:
        """What a GPU must have, with the driver's share and room for fragmentation."""
        return (self.peak + _FIXED_BYTES) / _USABLE_SHARE


def adapter_weights(shape: Shape, rank: int, targets: tuple[str, ...]) -> int:
    """Return how many weights the adapter has."""
    attention, wide = DECODER_PROJECTIONS[:4], DECODER_PROJECTIONS[4:]
    count = shape.attending_layers * sum(
        sum(shape.projections[name]) for name in targets if name in attention
    )
    count += shape.layers * sum(sum(shape.projections[name]) for name in targets if name in wide)
    if shape.recurrence:
        count += shape.recurrence.layers * shape.recurrence.adapter_width(shape.hidden, targets)
    return rank * count


def flops_per_token(shape: Shape, work: Workload, checkpointed_share: float) -> float:
    """Return floating-point operations per token of one forward and backward pass.

    Frozen weights need no weight gradient: forward 2, input gradient 2, recomputation 2 for the
    checkpointed share. Flash attention's backward costs 2.5 forwards. Experts are recomputed once
    more than their layer, see `memory`.
    """
    share = checkpointed_share
    linear = 2 * shape.used_weights * (2 + share)
    if not (shape.mixture or shape.recurrence):
        where_read = shape.hidden * (shape.queries + 3 * shape.intermediate)
        linear -= 2 * where_read * (1 - share_read(work)) * (2 + share)
    if shape.mixture:
        linear += 2 * shape.layers * shape.mixture.used_weights(shape.hidden)
    attention = 2 * shape.queries * work.document_tokens * shape.attending_layers * (3.5 + share)
    if shape.recurrence:
        attention += shape.recurrence.layers * shape.recurrence.flops() * (3 + share)
    head = 4 * shape.vocabulary * shape.hidden * work.supervised_share
    adapter = 2 * adapter_weights(shape, work.rank, work.targets) * (3 + share)
    return linear + attention + head + adapter


def share_read(work: Workload) -> float:
    """Return for which share of its tokens the last layer computes what follows its attention."""
    return work.supervised_share if work.supervised_share <= LARGEST_SHARE_READ else 1.0


def layer_bytes(shape: Shape, work: Workload) -> float:
    """Return what a layer with attention keeps per token until its backward pass.

    Both norms keep their input and flash attention its four tensors; Liger's SwiGLU keeps gate and
    up, its rotary embedding works in place. A LoRA pair keeps the tensor it reads, its product with
    A, and with dropout one byte per element.
    """
    read = [shape.projections[group[0]][0] for group in _READERS if {*group} & {*work.targets}]
    values = 2 * shape.hidden + 2 * shape.queries + 2 * shape.keys + _wide_values(shape)
    values += shape.queries + shape.keys if shape.normed_heads else 0
    values += 3 * shape.queries if shape.recurrence else 0  # the output's gate, and both products
    # the output projection reads what attention has kept already
    values += sum(read) - (shape.queries if "o_proj" in work.targets else 0)
    masks = sum(read) if work.dropout else 0
    return 2.0 * (values + work.rank * len(work.targets)) + masks


def recurrent_layer_bytes(shape: Shape, recurrence: Recurrence, work: Workload) -> float:
    """Return what a recurrent layer keeps per token until its backward pass."""
    masks = (2 * shape.hidden + recurrence.values) * (3.0 if work.dropout else 2.0)
    values = 2 * shape.hidden + recurrence.values + _wide_values(shape)
    return recurrence.kept_bytes() + 2.0 * (values + work.rank * len(work.targets)) + masks


def _wide_values(shape: Shape) -> int:
    return shape.mixture.kept_values(shape.hidden) if shape.mixture else 2 * shape.intermediate


def memory(shape: Shape, work: Workload, setting: Setting) -> Memory:
    """Return what one GPU holds at the peak of a step.

    Experts are unpacked from 4 bits again in the backward pass, whatever else is recomputed: kept
    unpacked they would be four times the model. The peak is the head's, when everything is kept, or
    the first recomputed layer's, when its activations exist again beside the gradients that pass
    through its down projection.
    """
    tokens, recomputed = setting.micro_step_tokens, setting.checkpointed_layers
    per_weight = NF4_BYTES if work.quantised else SIXTEEN_BIT_BYTES
    per_weight += SIXTEEN_BIT_BYTES if work.quantised and setting.unpacked else 0.0
    layer, largest = _layers_bytes(shape, work, tokens)
    spared = tokens * _unread_bytes(shape, work)
    boundary = 2.0 * tokens * shape.hidden
    states = boundary * work.supervised_share
    chunk = min(tokens * work.supervised_share, CHUNK_TOKENS)
    head = boundary + 2 * states + chunk * shape.vocabulary * _LOGIT_BYTES
    # the last layer's own, if it is the larger; else that of the one before, when it has gone
    gradients = states + boundary + _passing_bytes(shape, work, setting)
    again = largest - boundary if recomputed == shape.layers else 0.0
    if recomputed < shape.layers and spared:
        gradients -= min(layer - spared, gradients)
    routers = shape.layers * shape.mixture.router_weights(shape.hidden) if shape.mixture else 0
    kept = recomputed * boundary + (shape.layers - recomputed) * layer
    return Memory(
        weights=per_weight * shape.linear_weights + 2 * (shape.embedding_weights + routers),
        adapter=_ADAPTER_BYTES * adapter_weights(shape, work.rank, work.targets),
        activations=kept - (spared if recomputed < shape.layers else 0.0),
        working=max(head, gradients + again),
    )


def _unread_bytes(shape: Shape, work: Workload) -> float:
    """Return what the last layer does not keep, per token of a pass: see `share_read`."""
    read = share_read(work)
    if read == 1.0 or shape.mixture or shape.recurrence:
        return 0.0
    parts = (("o_proj",), ("gate_proj", "up_proj"), ("down_proj",))
    inputs = {part: shape.projections[part[0]][0] for part in parts if {*part} & {*work.targets}}
    pairs = work.rank * len({*work.targets} & {name for part in parts for name in part})
    values = 2 * shape.intermediate + pairs + sum(inputs.values())
    masks = sum(inputs.values()) if work.dropout else 0
    # attention keeps its output whole, beside what the output projection reads of it
    whole = shape.queries if ("o_proj",) in inputs else 0
    return (1 - read) * (2.0 * values + masks) - 2.0 * whole


def _layers_bytes(shape: Shape, work: Workload, tokens: int) -> tuple[float, float]:
    """Return what a layer keeps, the mean and the most."""
    attending = tokens * layer_bytes(shape, work)
    if shape.recurrence is None:
        return attending, attending
    recurrent = tokens * recurrent_layer_bytes(shape, shape.recurrence, work)
    share = shape.recurrence.layers / shape.layers
    return share * recurrent + (1 - share) * attending, max(recurrent, attending)


def _passing_bytes(shape: Shape, work: Workload, setting: Setting) -> float:
    """Return what the feed-forward part of one layer needs beside what is kept."""
    tokens = setting.micro_step_tokens
    if shape.mixture:
        return shape.mixture.working_bytes(shape.hidden, tokens)
    unpacked = 2 * max(wide * high for wide, high in shape.projections.values())
    again = work.quantised and not setting.unpacked
    return 2.0 * tokens * shape.intermediate + (unpacked if again else 0)


def choose_setting(
    shape: Shape, work: Workload, memory_bytes: float, *, largest: int = LARGEST_MICRO_STEP
) -> Setting | None:
    """Return the fastest setting that fits, or None when nothing does.

    Recomputing a layer costs more than unpacking all of them, so weights are kept unpacked where
    room is left; experts never are.

    The micro-step is halved only when recomputing every layer does not suffice, because small
    micro-steps read the weights more often; a row is never cut, so it is at least one row long.

    Args:
        largest: more than a step has, or more than was asked for, would be memory for nothing.
    """
    tokens = max(largest, work.longest_row_tokens)
    floor = max(min(SMALLEST_MICRO_STEP, largest), work.longest_row_tokens)
    while tokens >= floor:
        for layers in range(shape.layers + 1):
            setting = Setting(tokens, layers)
            if memory(shape, work, setting).needed <= memory_bytes:
                roomy = replace(setting, unpacked=work.quantised and shape.mixture is None)
                fits = memory(shape, work, roomy).needed <= memory_bytes
                return roomy if fits else setting
        tokens = tokens // 2 if tokens // 2 >= floor or tokens == floor else floor
    return None


def flops_utilization(tokens: float, seconds: float, flops: float, peak_flops: float) -> float:
    """Return the share of the peak that was used, by the formula of `flops_per_token`."""
    return tokens * flops / (seconds * peak_flops)
