"""What the recurrent layers of transformers keep for the backward pass, against the estimator."""

from typing import Any

import pytest
import torch
from transformers import AutoConfig
from transformers.models.qwen3_5.modeling_qwen3_5 import Qwen3_5GatedDeltaNet
from transformers.models.qwen3_next.modeling_qwen3_next import Qwen3NextGatedDeltaNet

from brightrun.training.layer_kinds import Recurrence

TOKENS = 1024
LAYERS = {"qwen3_next": Qwen3NextGatedDeltaNet, "qwen3_5_text": Qwen3_5GatedDeltaNet}


def kept_bytes(kind: str, shape: dict[str, int]) -> float:
    """Return the bytes per token of all that autograd saves in one layer, in bf16."""
    config = AutoConfig.for_model(
        kind, hidden_size=256, num_hidden_layers=1, layer_types=["linear_attention"], **shape
    )
    layer: Any = LAYERS[kind](config, 0)
    layer = layer.to(torch.bfloat16).requires_grad_(requires_grad=False)
    saved: dict[int, torch.UntypedStorage] = {}

    def keep(tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        saved[storage.data_ptr()] = storage
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        layer(torch.randn(1, TOKENS, 256, dtype=torch.bfloat16, requires_grad=True))
    frozen = {p.untyped_storage().data_ptr() for p in layer.parameters()}
    return sum(one.nbytes() for place, one in saved.items() if place not in frozen) / TOKENS


@pytest.mark.parametrize("kind", list(LAYERS))
@pytest.mark.parametrize(
    ("value_heads", "key_heads", "key_width", "value_width"), [(4, 4, 32, 32), (8, 2, 64, 128)]
)
def test_a_recurrent_layer_keeps_what_is_reckoned(
    kind: str, value_heads: int, key_heads: int, key_width: int, value_width: int
) -> None:
    found = Recurrence(1, key_heads, value_heads, key_width, value_width)
    shape = {
        "linear_num_value_heads": value_heads,
        "linear_num_key_heads": key_heads,
        "linear_key_head_dim": key_width,
        "linear_value_head_dim": value_width,
    }

    assert kept_bytes(kind, shape) == pytest.approx(found.kept_bytes(), rel=0.02)
