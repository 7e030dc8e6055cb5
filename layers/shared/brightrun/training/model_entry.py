"""A base model's entry for the catalogue, made from its `config.json` and what the Hub says. Pure.

What only a person can say is left to one: a name, and whether the trainer knows the model's type.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from brightrun.training.catalog import TrainableModel
from brightrun.training.configuration import DECODER_PROJECTIONS, Hyperparameters
from brightrun.training.gpu_fit import least_gpu_memory_gb
from brightrun.training.model_dimensions import NORMED_HEADS, Shape

_NUMBERS = (
    "hidden_size",
    "num_hidden_layers",
    "intermediate_size",
    "num_attention_heads",
    "num_key_value_heads",
    "head_dim",
    "vocab_size",
    "tie_word_embeddings",
    "full_attention_interval",
    "linear_num_key_heads",
    "linear_num_value_heads",
    "linear_key_head_dim",
    "linear_value_head_dim",
    "num_experts",
    "num_local_experts",
    "num_experts_per_tok",
    "moe_intermediate_size",
    "shared_expert_intermediate_size",
)
_ATTENTION = tuple(name for name in DECODER_PROJECTIONS if name in {"q_proj", "k_proj", "v_proj"})


class NoEntry(ValueError):
    """Nothing can be said of the model; the message says what is missing."""


@dataclass(frozen=True)
class HubFacts:
    """What the Hub says of a model at one revision.

    Attributes:
        revision: the commit, whatever name was asked for.
        parameters: weights, as its files' headers count them.
    """

    model_id: str
    revision: str
    parameters: int
    license: str


def entry_of(facts: HubFacts, config: Mapping[str, Any]) -> TrainableModel:
    """Return the entry of a model whose memory can be reckoned.

    Mixtures and recurrent layers are marked experimental: the trainer has them behind a switch.

    Raises:
        NoEntry: it is of a kind of which nothing can be told.
    """
    numbers = {name: int(config[name]) for name in _NUMBERS if _is_number(config.get(name))}
    if config.get("model_type") in NORMED_HEADS:
        numbers["use_qk_norm"] = 1
    try:
        shape = Shape.from_config(config)
        context_tokens = int(config["max_position_embeddings"])
    except (KeyError, TypeError) as error:
        kind = config.get("model_type", "unknown")
        raise NoEntry(f"a model of type {kind} cannot be reckoned: no {error}") from error
    gated = shape.mixture is not None or shape.recurrence is not None
    entry = TrainableModel(
        id=facts.model_id,
        revision=facts.revision,
        name=facts.model_id.rpartition("/")[2].replace("-", " "),
        parameters=facts.parameters,
        context_tokens=context_tokens,
        needs_gpu_memory_gb=1,
        license=facts.license,
        shape=numbers,
        experimental=gated,
        target_modules=(*_ATTENTION, "o_proj") if gated else DECODER_PROJECTIONS,
    )
    needed = least_gpu_memory_gb(entry, Hyperparameters(target_modules=entry.target_modules))
    if needed is None:
        raise NoEntry("no GPU is large enough for it")
    return entry.model_copy(update={"needs_gpu_memory_gb": needed})


def _is_number(value: object) -> bool:
    return isinstance(value, int)  # a truth value is 0 or 1 in a shape
