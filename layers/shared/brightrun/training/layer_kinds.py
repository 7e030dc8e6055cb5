"""Layers that are no plain attention and feed-forward: mixtures of experts, recurrent ones. Pure.

Fields are read from a `config.json` under the names that transformers gives them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_BYTES = 2
"""Activations are in 16 bits."""
_CHUNK_TOKENS = 64
"""The delta rule of transformers works through a row in pieces of this length."""


@dataclass(frozen=True, slots=True)
class Mixture:
    """A feed-forward layer of experts; widths in elements.

    Attributes:
        active: experts that one token passes.
        width: of one expert.
        shared: of the expert that every token passes; 0 without one.
    """

    experts: int
    active: int
    width: int
    shared: int

    @classmethod
    def found_in(cls, config: Mapping[str, Any]) -> "Mixture | None":
        """Return the mixture that every layer of the model has, or None.

        Raises:
            KeyError: only some layers have one; nothing is known of the others.
        """
        experts = int(config.get("num_experts") or config.get("num_local_experts") or 0)
        if not experts:
            return None
        if config.get("mlp_only_layers") or int(config.get("decoder_sparse_step") or 1) > 1:
            raise KeyError("mlp_only_layers")
        width = config.get("moe_intermediate_size") or config["intermediate_size"]
        return cls(
            experts=experts,
            active=int(config["num_experts_per_tok"]),
            width=int(width),
            shared=int(config.get("shared_expert_intermediate_size") or 0),
        )

    def weights(self, hidden: int) -> int:
        """Return the weights of a layer's experts."""
        return 3 * hidden * (self.experts * self.width + self.shared)

    def used_weights(self, hidden: int) -> int:
        """Return the weights that one token is multiplied by."""
        return 3 * hidden * (self.active * self.width + self.shared)

    def router_weights(self, hidden: int) -> int:
        """Return what decides on the experts of a layer; it stays in 16 bits."""
        return hidden * (self.experts + (1 if self.shared else 0))

    def kept_values(self, hidden: int) -> int:
        """Return the elements a layer keeps per token: what goes in, and the shared expert's."""
        return hidden + (2 * self.shared + hidden if self.shared else 0)

    def working_bytes(self, hidden: int, tokens: int) -> float:
        """Return what passing through one layer's experts takes, at its peak in the backward pass.

        All experts are unpacked; every token is there once for each expert it passes, as what they
        read, their gate, up and product, what they give, and gradients of two of these.
        """
        unpacked = _BYTES * 3 * hidden * self.experts * self.width
        return unpacked + _BYTES * tokens * self.active * (3.0 * hidden + 5.0 * self.width)


@dataclass(frozen=True, slots=True)
class Recurrence:
    """Gated delta-rule layers, as in Qwen3-Next and Qwen3.5; `layers` counts them."""

    layers: int
    key_heads: int
    value_heads: int
    key_width: int
    value_width: int

    @classmethod
    def found_in(cls, config: Mapping[str, Any]) -> "Recurrence | None":
        """Return what the model's recurrent layers are like, or None where it has none."""
        if not config.get("linear_num_value_heads"):
            return None
        kinds = config.get("layer_types")
        layers = int(config["num_hidden_layers"])
        full = layers // int(config.get("full_attention_interval") or 4)
        return cls(
            layers=kinds.count("linear_attention") if kinds else layers - full,
            key_heads=int(config["linear_num_key_heads"]),
            value_heads=int(config["linear_num_value_heads"]),
            key_width=int(config["linear_key_head_dim"]),
            value_width=int(config["linear_value_head_dim"]),
        )

    @property
    def values(self) -> int:
        return self.value_heads * self.value_width

    @property
    def inward(self) -> int:
        """Width of all projections into a layer: queries, keys, values, their gate, two rates."""
        return 2 * self.key_heads * self.key_width + 2 * self.values + 2 * self.value_heads

    def weights(self, hidden: int) -> int:
        """Return the weights of one layer's projections."""
        return hidden * self.inward + self.values * hidden

    def adapter_width(self, hidden: int, targets: tuple[str, ...]) -> int:
        """Return the summed in and out widths of what `targets` mean in a layer, at most."""
        reads = any(name in targets for name in ("q_proj", "k_proj", "v_proj"))
        inward = 4 * hidden + self.inward if reads else 0
        return inward + (self.values + hidden if "o_proj" in targets else 0)

    def kept_bytes(self) -> float:
        """Return what the delta rule keeps of a token, without a kernel: most of it in fp32.

        Counted of transformers 5.23 with every tensor that autograd saves
        (`tests/integration/trainer/training/test_kept_bytes.py`).
        """
        wide_keys = self.value_heads * self.key_width
        states = 4 * wide_keys * self.value_width / _CHUNK_TOKENS
        between = 5 * 4 * _CHUNK_TOKENS * self.value_heads
        rates = 35 * self.value_heads
        projected = 8 * self.key_heads * self.key_width
        return 32.0 * wide_keys + 30 * self.values + projected + between + rates + states

    def flops(self) -> int:
        """Return the operations of one token on a layer's state: read, correct, write."""
        return 6 * self.value_heads * self.key_width * self.value_width
