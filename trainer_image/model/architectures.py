"""Which model types train here, and how: one table. Pure but for the tensors it arranges.

An entry is made when the tests have shown its loss, gradients and saved adapter equal to what
transformers and PEFT make of each document alone (`test_architectures.py` walks this table).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Any

from brightrun.training.configuration import DECODER_PROJECTIONS
from brightrun.training.failure_codes import FailureCode
from trainer_image.data.batches import PACKED, PADDED, BatchLayout
from trainer_image.data.sampling import pack_apart
from trainer_image.ipc.failures import RunFailed
from trainer_image.model.kernels.cross_entropy import HeadRule

Modules = Mapping[str, tuple[str, ...]]
Config = Any
"""A transformers configuration: its fields differ from type to type."""


@dataclass(frozen=True, slots=True)
class Architecture:
    """How models of one `model_type` train. Everything but the adapter is frozen in all of them.

    Attributes:
        modules: asked projection → the ends of the names of the modules it means; none: it cannot
            be asked for.
        arrangement: packed, or one document per row where a state runs through the whole row.
        head: what the model does to its logits after the head.
        experts: the fused, three-dimensional parameters of a mixture; frozen, and 4-bit on CUDA.
        gate: why it trains only where the worker was told to; None: everywhere.
    """

    modules: Modules
    arrangement: BatchLayout = PACKED
    head: Callable[[Config], HeadRule] = lambda _config: HeadRule()
    experts: tuple[str, ...] = ()
    gate: str | None = None


def _modules(**other: tuple[str, ...]) -> Modules:
    return MappingProxyType({name: (name,) for name in DECODER_PROJECTIONS} | other)


_EXPERTS = ("gate_up_proj", "down_proj")
_FUSED_GATE = _modules(gate_proj=("gate_up_proj",), up_proj=("gate_up_proj",))
_FUSED_ALL = _modules(
    **dict.fromkeys(("q_proj", "k_proj", "v_proj"), ("qkv_proj",)),
    **dict.fromkeys(("gate_proj", "up_proj"), ("gate_up_proj",)),
)
# PEFT 0.21 turns these names into the experts' parameters for these types, those of Qwen3-Next's
# shared expert too; a later PEFT may allow the latter
_TAKEN_FOR_EXPERTS: Modules = dict.fromkeys(("gate_proj", "up_proj", "down_proj"), ())
_NO_FEED_FORWARD = _modules(**_TAKEN_FOR_EXPERTS)
# a recurrent layer reads its queries, keys and values, and how much to forget, through these
_QWEN3_NEXT = _modules(
    **{name: (name, "in_proj_qkvz", "in_proj_ba") for name in ("q_proj", "k_proj", "v_proj")},
    o_proj=("o_proj", "out_proj"),
    **_TAKEN_FOR_EXPERTS,
)
_QWEN3_5 = _modules(
    **{
        name: (name, "in_proj_qkv", "in_proj_z", "in_proj_b", "in_proj_a")
        for name in ("q_proj", "k_proj", "v_proj")
    },
    o_proj=("o_proj", "out_proj"),
)
# 4-bit experts have modules of their own that are called `down_proj` and `gate_up_proj`
_QWEN3_5_MOE: Modules = MappingProxyType(
    {**_QWEN3_5}
    | {name: (f"shared_expert.{name}",) for name in ("gate_proj", "up_proj", "down_proj")}
)
_RECURRENT = "its recurrent layers take one document per row, through slow code without a kernel"
_MIXTURE = "all its experts are unpacked from 4 bits at every use, and no GPU has measured that"
_PLAIN = Architecture(_modules())


def _capped(config: Config) -> HeadRule:
    return HeadRule(cap=config.final_logit_softcapping)


def _divided(config: Config) -> HeadRule:
    return HeadRule(scale=1 / config.logits_scaling)


def _multiplied(config: Config) -> HeadRule:
    return HeadRule(scale=config.logit_scale)


ARCHITECTURES: Mapping[str, Architecture] = MappingProxyType(
    {
        "llama": _PLAIN,
        "mistral": _PLAIN,
        "ministral": _PLAIN,
        "ministral3": _PLAIN,
        "qwen2": _PLAIN,
        "qwen3": _PLAIN,
        "gemma": _PLAIN,
        "gemma3_text": Architecture(_modules(), head=_capped),
        "phi3": Architecture(_FUSED_ALL),
        "granite": Architecture(_modules(), head=_divided),
        "olmo2": _PLAIN,
        "olmo3": _PLAIN,
        "smollm3": _PLAIN,
        "glm4": Architecture(_FUSED_GATE),
        "ernie4_5": _PLAIN,
        "exaone4": _PLAIN,
        "hunyuan_v1_dense": _PLAIN,
        "cohere2": Architecture(_modules(), head=_multiplied),
        "seed_oss": _PLAIN,
        "qwen3_5_text": Architecture(_QWEN3_5, PADDED, gate=_RECURRENT),
        "qwen3_5_moe_text": Architecture(
            _QWEN3_5_MOE, PADDED, experts=_EXPERTS, gate=f"{_RECURRENT}, and {_MIXTURE}"
        ),
        "qwen3_next": Architecture(
            _QWEN3_NEXT, PADDED, experts=_EXPERTS, gate=f"{_RECURRENT}, and {_MIXTURE}"
        ),
        "qwen3_moe": Architecture(_NO_FEED_FORWARD, experts=_EXPERTS, gate=_MIXTURE),
        "mixtral": Architecture(_NO_FEED_FORWARD, experts=_EXPERTS, gate=_MIXTURE),
    }
)

_TEXT_OF = {"qwen3_5": "qwen3_5_text", "qwen3_5_moe": "qwen3_5_moe_text"}
"""Published with a vision tower that transformers leaves out of the causal language model."""

REFUSED: Mapping[str, str] = MappingProxyType(
    {
        "gemma2": "its attention caps its scores, which no kernel by document does",
        "gemma3": "it has a vision tower; take a text model such as gemma-3-1b",
        "gpt_oss": "its attention has sinks, which no kernel by document has",
    }
)


def architecture_of(config: Config) -> Architecture:
    """Return how the model with this transformers configuration trains.

    Raises:
        RunFailed: `BASE_MODEL_UNSUPPORTED`.
    """
    kind = str(config.model_type)
    require_supported(kind, opened=frozenset(ARCHITECTURES))
    return ARCHITECTURES[kind]


def require_supported(model_type: str, opened: frozenset[str]) -> None:
    """Refuse a model type that is not in the table, or gated and not among `opened`.

    Raises:
        RunFailed: `BASE_MODEL_UNSUPPORTED`, with the reason and what to do.
    """
    entry = ARCHITECTURES.get(_TEXT_OF.get(model_type, model_type))
    if entry is None:
        why = REFUSED.get(model_type, "it has not been checked with this trainer")
        raise _unsupported(model_type, f"cannot be trained: {why}")
    if entry.gate and not opened & {model_type, _TEXT_OF.get(model_type, model_type)}:
        raise _unsupported(
            model_type,
            f"is experimental and closed on this worker: {entry.gate}; to open it, set"
            f" BRIGHTRUN_GATED_MODEL_TYPES={model_type} on the endpoint",
        )


def means(path: str, modules: Iterable[str]) -> bool:
    """Return whether one of `modules` means the module at `path`, as PEFT reads such names."""
    return any(path == module or path.endswith(f".{module}") for module in modules)


def require_projections(model_type: str, asked: Iterable[str]) -> None:
    """Refuse target modules that mean the experts of a mixture.

    PEFT matches nothing in 4-bit experts and does not complain; the run would train less than
    what was asked.

    Raises:
        RunFailed: `BAD_CONFIGURATION`, with what can be asked for.
    """
    modules = ARCHITECTURES[model_type].modules
    lacking = sorted(name for name in asked if not modules[name])
    if lacking:
        rest = ", ".join(name for name in DECODER_PROJECTIONS if modules[name])
        raise RunFailed(
            FailureCode.BAD_CONFIGURATION,
            f"target_modules {', '.join(lacking)}: in a model of type {model_type} PEFT takes these"
            f" names for the 4-bit experts, where LoRA would train nothing; ask for {rest}",
        )


def arrangement_of(config: Config) -> BatchLayout:
    """Return how rows share a forward pass of the model with this configuration.

    LongRoPE chooses its frequencies by the longest row of a pass, for all of them: rows on either
    side of the border never share one.
    """
    usual = architecture_of(config).arrangement
    rope = getattr(config, "rope_parameters", None) or {}
    if rope.get("rope_type") != "longrope":
        return usual
    border = int(rope["original_max_position_embeddings"])
    return BatchLayout(partial(pack_apart, border), usual.lay_out)


def _unsupported(model_type: str, why: str) -> RunFailed:
    known = ", ".join(kind for kind, entry in ARCHITECTURES.items() if not entry.gate)
    return RunFailed(
        FailureCode.BASE_MODEL_UNSUPPORTED,
        f"model type {model_type} {why}; or choose a base model of type {known}",
    )
