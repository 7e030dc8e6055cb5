"""Liger's kernels on every dense model type of the table, in Triton's interpreter.

    TRITON_INTERPRET=1 python -m tests.bench.bench_families [KIND ...]

In an environment that has triton and liger-kernel beside the development requirements. Prints the
relative difference of logits and of their gradient with Liger's kernels against without: what they
compute, not how fast. The interpreter has no `tanh` of CUDA, so Gemma's gate is left as it is.
"""

import os
import sys
from importlib import import_module
from typing import Any

import torch
from torch import Tensor

from tests.support.trainer.families import a_family
from tests.support.trainer.rows import relative_error
from trainer_image.model.architectures import ARCHITECTURES

TOKENS = 20
NOT_INTERPRETED = {"gemma": {"geglu": False}, "gemma3_text": {"geglu": False}}


def main(asked: list[str]) -> None:
    """Print one line per model type."""
    if os.environ.get("TRITON_INTERPRET") != "1":
        sys.exit("set TRITON_INTERPRET=1: there is no GPU to compile for")
    kinds = asked or [kind for kind, entry in ARCHITECTURES.items() if not entry.experts]
    # all of them before: Liger also changes functions of whole modules
    plain = {kind: _step(a_family(kind, "sdpa")) for kind in kinds}
    liger = import_module("liger_kernel.transformers")
    for kind in kinds:
        model = a_family(kind, "sdpa")
        liger._apply_liger_kernel_to_instance(
            model,
            fused_linear_cross_entropy=False,
            cross_entropy=False,
            **NOT_INTERPRETED.get(kind, {}),
        )
        replaced = sum("Liger" in str(getattr(m.forward, "__func__", "")) for m in model.modules())
        pairs = zip(_step(model), plain[kind], strict=True)
        errors = ", ".join(f"{relative_error(found, wanted):.1e}" for found, wanted in pairs)
        sys.stdout.write(f"{kind}: {errors}; {replaced} modules replaced\n")


def _step(model: Any) -> tuple[Tensor, Tensor]:
    """Return logits, and the gradient with respect to the embeddings."""
    torch.manual_seed(0)
    ids = torch.randint(3, 300, (1, TOKENS))
    given = model.get_input_embeddings()(ids).detach().requires_grad_()
    logits = model(inputs_embeds=given).logits
    (logits * torch.linspace(-1, 1, logits.numel()).view_as(logits)).sum().backward()
    return logits.detach(), given.grad


if __name__ == "__main__":
    main(sys.argv[1:])
