"""Errors of the fused arithmetic on real widths, and the machine's own roof."""

import time
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from trainer_image.bench_scenes import Scene, mixed_rows, random_model
from trainer_image.kernels.attention import document_attention
from trainer_image.kernels.head import summed_loss
from trainer_image.packed import Documents
from trainer_image.scoring import row_losses

ROOF_WIDTH = 8192
DOCUMENTS = (700, 12, 300, 1036)


def kernel_errors(scene: Scene) -> dict[str, Any]:
    """Return relative errors of attention and head in the compute type against fp32."""
    return {"attention": _attention_error(scene), "head_gradient": _head_error(scene)}


def packed_against_separate(scene: Scene) -> dict[str, Any]:
    """Return the relative difference of the mean loss: rows packed, and each alone."""
    model = random_model(scene.with_layers(min(4, scene.shape.layers)))
    rows = mixed_rows(scene, tokens=scene.micro_step_tokens)
    device = scene.where.device
    together = row_losses(model, rows, device=device, budget_tokens=scene.micro_step_tokens).mean
    alone = row_losses(model, rows, device=device, budget_tokens=1).mean
    return {"relative_difference": abs(together - alone) / alone}


def gemm_roof(scene: Scene) -> dict[str, Any]:
    """Return what one large matrix product reaches: the practical limit of everything else."""
    width = ROOF_WIDTH if scene.where.device.type == "cuda" else 512
    left, right = (
        torch.randn(width, width, device=scene.where.device, dtype=scene.where.compute)
        for _ in range(2)
    )
    for _ in range(3):
        left @ right
    _wait()
    began = time.perf_counter()
    for _ in range(10):
        left @ right
    _wait()
    seconds = (time.perf_counter() - began) / 10
    return {"tflops": round(2 * width**3 / seconds / 1e12, 2)}


def _attention_error(scene: Scene) -> float:
    shape = scene.shape
    head = shape.hidden // scene.config["num_attention_heads"]
    lengths = DOCUMENTS if scene.where.device.type == "cuda" else (20, 3, 30)
    ends = torch.tensor([0, *lengths], dtype=torch.int32).cumsum(0, dtype=torch.int32)
    documents = Documents(lengths, ends.to(scene.where.device))
    torch.manual_seed(0)
    wide = [
        torch.randn(1, width // head, sum(lengths), head, device=scene.where.device)
        for width in (shape.queries, shape.keys, shape.keys)
    ]
    outputs = []
    for dtype in (torch.float32, scene.where.compute):
        query, key, value = (tensor.to(dtype).requires_grad_() for tensor in wide)
        output, _ = document_attention(
            nn.Module(), query, key, value, None, scaling=head**-0.5, documents=documents
        )
        output.float().square().sum().backward()
        assert query.grad is not None  # noqa: S101 - backward has just made it
        outputs.append((output.detach().float(), query.grad.float()))
    return max(_relative(found, wanted) for wanted, found in zip(*outputs, strict=True))


def _head_error(scene: Scene) -> float:
    torch.manual_seed(0)
    shape, device = scene.shape, scene.where.device
    weight = torch.randn(shape.vocabulary, shape.hidden, device=device) * 0.02
    hidden = torch.randn(600, shape.hidden, device=device)
    targets = torch.randint(0, shape.vocabulary, (600,), device=device)
    wanted = hidden.clone().requires_grad_()
    functional.cross_entropy(wanted @ weight.T, targets, reduction="sum").backward()
    found = hidden.to(scene.where.compute).requires_grad_()
    summed_loss(found, weight.to(scene.where.compute), targets).backward()
    assert wanted.grad is not None  # noqa: S101 - as above
    assert found.grad is not None  # noqa: S101
    return _relative(found.grad.float(), wanted.grad)


def _relative(found: Tensor, wanted: Tensor) -> float:
    return float((found - wanted).norm() / wanted.norm())


def _wait() -> None:
    if torch.cuda.is_available():
        torch.cuda.synchronize()
