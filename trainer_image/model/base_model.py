"""The frozen model on its device: checked, loaded, quantised on CUDA, with our attention."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import torch
from huggingface_hub.errors import StrictDataclassError
from safetensors import SafetensorError
from torch import Tensor, nn
from transformers import AutoConfig, AutoModelForCausalLM, BitsAndBytesConfig

from brightrun.training.failure_codes import FailureCode
from brightrun.training.model_dimensions import Shape
from trainer_image.ipc.failures import RunFailed, means_out_of_memory
from trainer_image.machine.gpu import Gpus
from trainer_image.machine.host_memory import available_bytes
from trainer_image.model import moe_quantization
from trainer_image.model.architectures import architecture_of, require_supported
from trainer_image.model.kernels import attention, liger
from trainer_image.model.kernels.cross_entropy import HeadRule
from trainer_image.model.weights import stored_bytes

OLDEST_CAPABILITY = (8, 0)


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


def placement(
    local_rank: int = 0,
    gpus: Gpus = Gpus(),  # noqa: B008 - frozen
    *,
    cuda: str | None = torch.version.cuda,
) -> Placement:
    """Return NF4 with bf16 on the rank's GPU, or fp32 on the CPU where there is none.

    Args:
        gpus: what the driver lists.
        cuda: the CUDA that torch was built for; None is a build for CPUs, which trains on them.

    Raises:
        RunFailed: `TRAINER_CRASHED`: there is a GPU and torch cannot use it. Another machine may
            do, and nobody waits weeks, at a GPU's price, for a CPU. `BAD_CONFIGURATION`: too old.
    """
    if torch.cuda.is_available():
        capability = torch.cuda.get_device_capability(local_rank)
        require_bf16(torch.cuda.get_device_name(local_rank), capability)
        # sums of products stay in fp32 on their way through a matrix product, too
        torch.backends.cuda.matmul.allow_bf16_reduced_precision_reduction = False
        return Placement(torch.device("cuda", local_rank), torch.bfloat16, quantised=True)
    if gpus.count and cuda:
        raise RunFailed(
            FailureCode.TRAINER_CRASHED,
            f"the driver lists {gpus.count} x {gpus.name} and torch, built for CUDA {cuda}, cannot"
            " use it: the host's driver is too old, or the GPU was not handed to the container",
        )
    return Placement(torch.device("cpu"), torch.float32, quantised=False)


def require_bf16(name: str, capability: tuple[int, int]) -> None:
    """Refuse GPUs before Ampere (V100): no bf16, and no kernels for attention by document.

    Raises:
        RunFailed: `BAD_CONFIGURATION`.
    """
    if capability < OLDEST_CAPABILITY:
        raise RunFailed(
            FailureCode.BAD_CONFIGURATION,
            f"{name} cannot compute in bf16: choose an A100, H100 or newer GPU",
        )


def read_config(folder: Path, opened: frozenset[str] = frozenset()) -> dict[str, Any]:
    """Return the decoder's configuration, defaults filled in, if this trainer can train it.

    Args:
        opened: gated model types that this worker was told to train.

    Raises:
        RunFailed: `BASE_MODEL_UNAVAILABLE` (unreadable) or `BASE_MODEL_UNSUPPORTED`.
    """
    try:
        config = json.loads((folder / "config.json").read_bytes())
        require_supported(str(config.get("model_type")), opened)
        whole = AutoConfig.from_pretrained(folder, local_files_only=True)
    except (
        OSError,
        ValueError,
        TypeError,
        LookupError,
        AttributeError,
        StrictDataclassError,
    ) as error:
        raise RunFailed(
            FailureCode.BASE_MODEL_UNAVAILABLE, f"the base model's config.json is no use: {error}"
        ) from error
    text = whole.get_text_config()
    architecture_of(text)
    described = cast("dict[str, Any]", text.to_dict())
    try:
        Shape.from_config(described)
    except KeyError as error:
        raise RunFailed(
            FailureCode.BASE_MODEL_UNSUPPORTED,
            f"this model of type {text.model_type} differs from all others in {error}, and what it"
            " needs cannot be told: choose another base model",
        ) from error
    return described


def require_memory(stored: int, where: Placement) -> None:
    """Refuse weights that cannot fit, before they are fetched; activations come on top of it.

    Args:
        stored: the bytes of the files with weights.

    Raises:
        RunFailed: `OUT_OF_MEMORY`, with both figures.
    """
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
    liger.give_back()  # of a model that is made from now on no part is Liger's
    try:
        config = AutoConfig.from_pretrained(folder, local_files_only=True).get_text_config()
        architecture = architecture_of(config)
        if where.quantised and architecture.experts:
            require_host_memory(folder)
            model = _from_files(folder, where, implementation, device_map={"": "cpu"})
            moe_quantization.quantise(model, architecture, where.device, where.compute)
        else:
            model = _from_files(
                folder, where, implementation, device_map={"": where.device}, **_four_bit(where)
            )
    except (RuntimeError, MemoryError) as error:
        if not means_out_of_memory(error):
            raise
        raise RunFailed(
            FailureCode.OUT_OF_MEMORY, "the base model's weights do not fit into memory"
        ) from error
    except (OSError, ValueError, SafetensorError) as error:
        raise RunFailed(
            FailureCode.BASE_MODEL_UNAVAILABLE, f"the base model cannot be loaded: {error}"
        ) from error
    model.requires_grad_(requires_grad=False)
    model.config.use_cache = False
    switch_off_dropout(model)
    keep_cpu_gradients(model)
    return model


def require_host_memory(folder: Path) -> None:
    """Refuse a mixture of experts that the host cannot hold while it is quantised.

    Raises:
        RunFailed: `OUT_OF_MEMORY`, with both figures.
    """
    need, free = int(stored_bytes(folder) * 1.05), available_bytes()
    if need > free:
        raise RunFailed(
            FailureCode.OUT_OF_MEMORY,
            f"the experts pass through {need / 1e9:.1f} GB of host memory on their way to 4 bits"
            f" and {free / 1e9:.1f} GB are free: take a machine with more memory",
        )


def _from_files(folder: Path, where: Placement, implementation: str, **options: Any) -> Any:  # noqa: ANN401
    return AutoModelForCausalLM.from_pretrained(
        folder,
        dtype=where.compute,
        attn_implementation=implementation,
        local_files_only=True,
        **options,
    )


def _four_bit(where: Placement) -> dict[str, Any]:
    if not where.quantised:
        return {}
    return {
        "quantization_config": BitsAndBytesConfig(
            load_in_4bit=True,
            bnb_4bit_quant_type="nf4",
            bnb_4bit_use_double_quant=True,
            bnb_4bit_compute_dtype=where.compute,
        )
    }


def keep_cpu_gradients(model: nn.Module) -> int:
    """Switch off bitsandbytes' CPU repacking, whose kernel has no gradient; count the layers.

    On AVX512-BF16 CPUs bitsandbytes 0.50 repacks a 4-bit layer at its first `eval()` forward and
    never unpacks it; training then runs on, with gradients wrong by 96 % and a normal loss.
    """
    found = [m for m in model.modules() if hasattr(m, "support_avx512bf16_for_cpu")]
    for module in found:
        cast("Any", module).support_avx512bf16_for_cpu = False
    return len(found)


def switch_off_dropout(model: nn.Module) -> None:
    """Let nothing be dropped from the frozen model: the asked dropout is the adapter's alone."""
    for module in model.modules():
        for name in ("attention_dropout", "residual_dropout"):
            if hasattr(module, name):
                setattr(module, name, 0.0)
        if isinstance(module, nn.Dropout):
            module.p = 0.0


def head_weight(model: Any) -> Tensor:  # noqa: ANN401 - a transformers model
    """Return the LM head `(vocabulary, width)`, tied or not."""
    return cast("Tensor", model.get_output_embeddings().weight)


def head_rule(model: Any) -> HeadRule:  # noqa: ANN401 - as above
    """Return what the model does to the logits that its head gives."""
    return architecture_of(model.config).head(model.config)


def decoder(model: Any) -> nn.Module:  # noqa: ANN401 - as above
    """Return the part of the model below the head."""
    return cast("nn.Module", model.get_decoder())
