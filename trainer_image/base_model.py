"""The frozen model on its device: checked, loaded, quantised on CUDA, with our attention."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import torch
from safetensors import SafetensorError
from torch import Tensor, nn
from transformers import AutoModelForCausalLM, BitsAndBytesConfig

from brightrun.training.protocol import FailureCode
from trainer_image.failures import RunFailed
from trainer_image.kernels import attention
from trainer_image.memory import available_bytes

PACKED_TYPES = frozenset({"llama", "mistral", "qwen2", "qwen3"})
"""Attention-only decoders whose head is one plain matrix: packing is exact, the head fused."""

OLDEST_CAPABILITY = (8, 0)

REFUSED_TYPES = {
    "qwen3_next": "its recurrent layers and 4-bit experts are not supported yet",
    "qwen3_moe": "experts stay unquantised in 4-bit loading and would not fit",
    "mixtral": "experts stay unquantised in 4-bit loading and would not fit",
    "gpt_oss": "experts stay unquantised in 4-bit loading and would not fit",
}


@dataclass(frozen=True, slots=True)
class Placement:
    """Where the model computes, and in which types.

    Attributes:
        compute: type of activations and of the delivered adapter.
        quantised: NF4 base weights (CUDA); fp32 and dense otherwise.
    """

    device: torch.device
    compute: torch.dtype
    quantised: bool


def placement(local_rank: int = 0) -> Placement:
    """Return NF4 with bf16 on the rank's GPU, or fp32 on the CPU where there is none."""
    if torch.cuda.is_available():
        _require_bf16(local_rank)
        return Placement(torch.device("cuda", local_rank), torch.bfloat16, quantised=True)
    return Placement(torch.device("cpu"), torch.float32, quantised=False)


def _require_bf16(local_rank: int) -> None:
    """GPUs before Ampere (V100) have neither bf16 nor kernels for attention by document."""
    if torch.cuda.get_device_capability(local_rank) < OLDEST_CAPABILITY:
        raise RunFailed(
            FailureCode.BAD_CONFIGURATION,
            f"{torch.cuda.get_device_name(local_rank)} cannot compute in bf16:"
            " choose an A100, H100 or newer GPU",
        )


def read_config(folder: Path) -> dict[str, Any]:
    """Return the model's `config.json`, refused when this trainer cannot train such a model.

    Raises:
        RunFailed: `BASE_MODEL_UNAVAILABLE` (unreadable) or `BASE_MODEL_UNSUPPORTED`.
    """
    try:
        config = json.loads((folder / "config.json").read_bytes())
    except (OSError, ValueError) as error:
        raise RunFailed(
            FailureCode.BASE_MODEL_UNAVAILABLE, "the base model's config.json cannot be read"
        ) from error
    kind = str(config.get("model_type"))
    if kind not in PACKED_TYPES:
        why = REFUSED_TYPES.get(kind, "it has not been checked with this trainer")
        known = ", ".join(sorted(PACKED_TYPES))
        raise RunFailed(
            FailureCode.BASE_MODEL_UNSUPPORTED,
            f"model type {kind} cannot be trained: {why}; choose one of type {known}",
        )
    return cast("dict[str, Any]", config)


def require_memory(folder: Path, where: Placement) -> None:
    """Refuse weights that cannot fit, before they are read; activations come on top of it.

    Raises:
        RunFailed: `OUT_OF_MEMORY`, with both figures.
    """
    stored = sum(path.stat().st_size for path in folder.glob("*.safetensors"))
    if where.quantised:
        # stored in two bytes per weight, kept in about half a byte
        need, free = int(stored * 0.27), torch.cuda.mem_get_info(where.device)[0]
    else:
        # a fp32 copy of weights that are usually stored in 16 bits
        need, free = int(stored * 2.2), available_bytes()
    if need > free:
        raise RunFailed(
            FailureCode.OUT_OF_MEMORY,
            f"the base model needs {need / 1e9:.1f} GB and {free / 1e9:.1f} GB are free:"
            " take a GPU with more memory or a smaller base model",
        )


def load(folder: Path, where: Placement, *, implementation: str = attention.NAME) -> Any:  # noqa: ANN401
    """Return the causal language model, frozen, ready for an adapter.

    Raises:
        RunFailed: `OUT_OF_MEMORY` while loading, `BASE_MODEL_UNAVAILABLE` for damaged files.
    """
    attention.register()
    options: dict[str, Any] = {"device_map": {"": where.device}}
    if where.quantised:
        options["quantization_config"] = BitsAndBytesConfig(
            load_in_4bit=True,
            bnb_4bit_quant_type="nf4",
            bnb_4bit_use_double_quant=True,
            bnb_4bit_compute_dtype=where.compute,
        )
    try:
        model = AutoModelForCausalLM.from_pretrained(
            folder,
            dtype=where.compute,
            attn_implementation=implementation,
            local_files_only=True,
            **options,
        )
    except (torch.OutOfMemoryError, MemoryError) as error:
        raise RunFailed(
            FailureCode.OUT_OF_MEMORY, "the base model's weights do not fit into memory"
        ) from error
    except (OSError, ValueError, SafetensorError) as error:
        raise RunFailed(
            FailureCode.BASE_MODEL_UNAVAILABLE, f"the base model cannot be loaded: {error}"
        ) from error
    model.requires_grad_(requires_grad=False)
    model.config.use_cache = False
    keep_cpu_gradients(model)
    return model


def keep_cpu_gradients(model: nn.Module) -> int:
    """Switch off bitsandbytes' CPU repacking, whose kernel has no gradient; count the layers.

    On AVX512-BF16 CPUs bitsandbytes 0.50 repacks a 4-bit layer at its first `eval()` forward and
    never unpacks it; training then runs on, with gradients wrong by 96 % and a normal loss.
    """
    found = [m for m in model.modules() if hasattr(m, "support_avx512bf16_for_cpu")]
    for module in found:
        cast("Any", module).support_avx512bf16_for_cpu = False
    return len(found)


def head_weight(model: Any) -> Tensor:  # noqa: ANN401 - a transformers model
    """Return the LM head `(vocabulary, width)`, tied or not."""
    return cast("Tensor", model.get_output_embeddings().weight)


def decoder(model: Any) -> nn.Module:  # noqa: ANN401 - as above
    """Return the part of the model below the head."""
    return cast("nn.Module", model.get_decoder())
