"""A base model's widths, from its `config.json`: what memory and speed follow from. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from brightrun.training.configuration import DECODER_PROJECTIONS
from brightrun.training.layer_kinds import Mixture, Recurrence

NORMED_HEADS = frozenset(
    {
        "exaone4",
        "gemma3_text",
        "hunyuan_v1_dense",
        "olmo2",
        "olmo3",
        "qwen3",
        "qwen3_5_moe_text",
        "qwen3_5_text",
        "qwen3_moe",
        "qwen3_next",
    }
)
"""Model types with an RMSNorm on queries and keys, whose inputs are kept besides its outputs."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A decoder, as its `config.json` describes it; all widths in elements.

    Attributes:
        mixture: in place of `intermediate`, where feed-forward layers are experts.
        recurrence: of the layers that have it in place of attention; the others gate their output.
    """

    hidden: int
    layers: int
    intermediate: int
    queries: int
    keys: int
    vocabulary: int
    tied_head: bool
    normed_heads: bool = False
    mixture: Mixture | None = None
    recurrence: Recurrence | None = None

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> "Shape":
        """Return the shape of a configuration like Llama's, with experts or recurrent layers.

        Raises:
            KeyError: the configuration is of another kind, of which nothing can be told.
        """
        if config.get("kv_lora_rank"):
            raise KeyError("kv_lora_rank")
        hidden, heads = int(config["hidden_size"]), int(config["num_attention_heads"])
        head = int(config.get("head_dim") or hidden // heads)
        return cls(
            hidden=hidden,
            layers=int(config["num_hidden_layers"]),
            intermediate=int(config.get("intermediate_size") or config["moe_intermediate_size"]),
            queries=heads * head,
            keys=int(config.get("num_key_value_heads") or heads) * head,
            vocabulary=int(config["vocab_size"]),
            tied_head=bool(config.get("tie_word_embeddings", False)),
            normed_heads=bool(config.get("use_qk_norm"))
            or config.get("model_type") in NORMED_HEADS,
            mixture=Mixture.found_in(config),
            recurrence=Recurrence.found_in(config),
        )

    @property
    def attending_layers(self) -> int:
        """Layers with attention."""
        return self.layers - (self.recurrence.layers if self.recurrence else 0)

    @property
    def projections(self) -> Mapping[str, tuple[int, int]]:
        """In and out width of each projection of a layer with attention; 0 where it has none."""
        wide = self.mixture.shared if self.mixture else self.intermediate
        read = self.hidden if wide else 0
        gate = self.queries if self.recurrence else 0
        return dict(
            zip(
                DECODER_PROJECTIONS,
                (
                    (self.hidden, self.queries + gate),
                    (self.hidden, self.keys),
                    (self.hidden, self.keys),
                    (self.queries, self.hidden),
                    (read, wide),
                    (read, wide),
                    (wide, read),
                ),
                strict=True,
            )
        )

    @property
    def linear_weights(self) -> int:
        """Weights of all decoder projections and experts: what is quantised."""
        wide = self.mixture.weights(self.hidden) if self.mixture else self._dense_weights
        return self._attention_weights + self.layers * wide

    @property
    def used_weights(self) -> int:
        """Weights that a token is multiplied by: all of a dense model's, some of a mixture's."""
        wide = self.mixture.used_weights(self.hidden) if self.mixture else self._dense_weights
        return self._attention_weights + self.layers * wide

    @property
    def _dense_weights(self) -> int:
        return 3 * self.hidden * self.intermediate

    @property
    def _attention_weights(self) -> int:
        widths = [self.projections[name] for name in DECODER_PROJECTIONS[:4]]
        attending = self.attending_layers * sum(wide * high for wide, high in widths)
        recurrent = self.recurrence
        return attending + (recurrent.layers * recurrent.weights(self.hidden) if recurrent else 0)

    @property
    def embedding_weights(self) -> int:
        """Embedding and head."""
        return self.vocabulary * self.hidden * (1 if self.tied_head else 2)
