"""Row 1: the fused arithmetic on real widths, against the same written out in fp32."""

from collections.abc import Callable, Iterator
from itertools import accumulate
from typing import Any

import torch
from peft import LoraConfig, get_peft_model
from torch import Tensor, nn
from torch.nn import functional

from trainer_image.bench_gpu.base import four_bit
from trainer_image.bench_gpu.report import Figures, Promise, no_more
from trainer_image.bench_gpu.scenes import Scene
from trainer_image.bench_gpu.workbench import TUNE, Workbench, unfuse
from trainer_image.data.batches import Documents
from trainer_image.model.base_model import Placement, keep_cpu_gradients
from trainer_image.model.flat_adapter import FlatAdapter
from trainer_image.model.kernels.attention import document_attention
from trainer_image.model.kernels.cross_entropy import summed_loss

FP32_ERROR = 1e-5
BF16_ERROR = 2e-2
DOCUMENTS = (700, 12, 300, 1036)
TINY_DOCUMENTS = (20, 3, 30)
LORA_TOKENS = 2048
"""Above 1,536 bitsandbytes unpacks and multiplies, as it does for a micro-step."""
HEAD_TOKENS = 600


def kernel_errors(bench: Workbench) -> Iterator[tuple[str, Figures] | Promise]:
    """Yield relative errors of outputs and gradients, per kernel and type."""
    scene = bench.scene
    compute = scene.where.compute
    types = {torch.float32: FP32_ERROR, compute: _bound(compute)}
    errors = _attention_errors(scene)
    yield f"attention_{_name(compute)}", errors
    yield _promise("attention by document", errors, compute)
    for dtype in types:
        errors = _head_errors(scene, dtype)
        yield f"head_{_name(dtype)}", errors
        yield _promise("head and loss", errors, dtype)
    for dtype in types:
        found = _lora_errors(scene, dtype)
        yield f"lora_{_name(dtype)}", found
        worst = {name: errors["ours"] for name, errors in found.items()}
        yield _promise("fused LoRA against PEFT's Linear4bit", worst, dtype)


def _promise(what: str, errors: Figures, dtype: torch.dtype) -> Promise:
    bound = _bound(dtype)
    says = f"{what}, {_name(dtype)}: forward and backward within {bound:g}"
    return no_more(says, max(errors.values()), bound)


def _bound(dtype: torch.dtype) -> float:
    return FP32_ERROR if dtype is torch.float32 else BF16_ERROR


def _name(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")


def _attention_errors(scene: Scene) -> Figures:
    shape, device = scene.shape, scene.where.device
    head = shape.hidden // scene.config["num_attention_heads"]
    lengths = DOCUMENTS if scene.on_gpu else TINY_DOCUMENTS
    starts = [0, *accumulate(lengths)]
    boundaries = torch.tensor(starts, dtype=torch.int32, device=device)
    documents = Documents(lengths, boundaries)
    torch.manual_seed(0)
    inputs = [
        torch.randn(1, width // head, sum(lengths), head, device=device)
        for width in (shape.queries, shape.keys, shape.keys)
    ]
    upstream = torch.randn(1, sum(lengths), shape.queries // head, head, device=device)

    def ours(query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        return document_attention(
            nn.Module(), query, key, value, None, scaling=head**-0.5, documents=documents
        )[0]

    def written_out(query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        pieces = (part.split(list(lengths), dim=2) for part in (query, key, value))
        alone = [_plain_attention(*one) for one in zip(*pieces, strict=True)]
        return torch.cat(alone, dim=2).transpose(1, 2)

    names = ("output", "query_gradient", "key_gradient", "value_gradient")
    return _compared(names, ours, written_out, inputs, upstream, scene.where.compute)


def _plain_attention(query: Tensor, key: Tensor, value: Tensor) -> Tensor:
    """Softmax written out, no kernel of torch's attention: one document."""
    groups = query.shape[1] // key.shape[1]
    key, value = (part.repeat_interleave(groups, dim=1) for part in (key, value))
    length = query.shape[2]
    ahead = torch.ones(length, length, dtype=torch.bool, device=query.device).triu(1)
    scores = query @ key.transpose(2, 3) * float(query.shape[3]) ** -0.5
    shares: Tensor = scores.masked_fill(ahead, float("-inf")).softmax(dim=-1)
    return shares @ value


def _head_errors(scene: Scene, dtype: torch.dtype) -> Figures:
    shape, device = scene.shape, scene.where.device
    torch.manual_seed(0)
    weight = (torch.randn(shape.vocabulary, shape.hidden, device=device) * 0.02).to(dtype)
    hidden = torch.randn(HEAD_TOKENS, shape.hidden, device=device)
    targets = torch.randint(0, shape.vocabulary, (HEAD_TOKENS,), device=device)

    def ours(states: Tensor) -> Tensor:
        return summed_loss(states, weight, targets)

    def written_out(states: Tensor) -> Tensor:
        return functional.cross_entropy(states @ weight.float().T, targets, reduction="sum")

    one = torch.ones((), device=device)
    return _compared(("loss", "gradient"), ours, written_out, [hidden], one, dtype)


def _lora_errors(scene: Scene, dtype: torch.dtype) -> Figures:
    """Return ours and PEFT's errors for each width, worst of output and the three gradients."""
    widths = sorted(set(scene.shape.projections.values()))
    return {f"{wide}_to_{high}": _lora_error(scene, wide, high, dtype) for wide, high in widths}


def _lora_error(scene: Scene, wide: int, high: int, dtype: torch.dtype) -> Figures:
    device = scene.where.device
    torch.manual_seed(0)
    linear = nn.Linear(wide, high, bias=False, device=device, dtype=dtype)
    model: Any = nn.Module()
    model.up_proj = four_bit(linear, Placement(device, dtype, quantised=True))
    model.is_loaded_in_4bit = True
    keep_cpu_gradients(model)
    options = LoraConfig(r=TUNE.rank, lora_alpha=TUNE.alpha, target_modules=["up_proj"])
    adapted = get_peft_model(model, options)
    layer: Any = adapted.base_model.model.up_proj
    nn.init.normal_(layer.lora_B["default"].weight, std=0.02)
    inputs = torch.randn(LORA_TOKENS if scene.on_gpu else 64, wide, device=device).to(dtype)
    upstream = torch.randn(len(inputs), high, device=device)

    def measured(compute: torch.dtype) -> list[Tensor]:
        layer.base_layer.compute_dtype = compute  # bitsandbytes casts its input to it
        x = inputs.to(compute, copy=True).requires_grad_()
        adapted.zero_grad(set_to_none=False)
        output = layer.forward(x)
        output.backward(upstream.to(compute))
        pair = (layer.lora_A["default"].weight, layer.lora_B["default"].weight)
        gradients = [part.grad.clone() for part in (x, *pair) if part.grad is not None]
        return [output.detach(), *gradients]

    wanted = measured(torch.float32)  # PEFT's own forward
    unfuse(adapted, dtype)
    stock = measured(dtype)
    FlatAdapter(adapted, dtype)
    fused = measured(dtype)
    return {"ours": _worst(fused, wanted), "peft": _worst(stock, wanted)}


def _compared(
    names: tuple[str, ...],
    ours: Callable[..., Tensor],
    written_out: Callable[..., Tensor],
    inputs: list[Tensor],
    upstream: Tensor,
    dtype: torch.dtype,
) -> Figures:
    """Return relative errors in `dtype` against fp32 of the very same (rounded) inputs."""
    answers = []
    for function, compute in ((ours, dtype), (written_out, torch.float32)):
        leaves = [part.to(dtype).to(compute, copy=True).requires_grad_() for part in inputs]
        output = function(*leaves)
        output.backward(upstream.to(dtype).to(output.dtype))
        answers.append([output.detach(), *(leaf.grad for leaf in leaves if leaf.grad is not None)])
    found, wanted = answers
    pairs = zip(names, found, wanted, strict=True)
    return {name: relative_error(first, second) for name, first, second in pairs}


def _worst(found: list[Tensor], wanted: list[Tensor]) -> float:
    return max(relative_error(*pair) for pair in zip(found, wanted, strict=True))


def relative_error(found: Tensor, wanted: Tensor) -> float:
    """Return the length of the difference over the length of `wanted`."""
    return float((found.float() - wanted).norm() / wanted.norm())
