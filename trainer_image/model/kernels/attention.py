"""Causal attention that never crosses a document boundary of a packed row.

On CUDA one `varlen_attn` call (FlashAttention-2 kernels inside torch); elsewhere its twin, which
walks the documents. Both are registered with transformers under one name, for which it makes no
mask: the boundaries arrive as `documents` beside the tokens.
"""

import inspect
from collections.abc import Callable
from functools import cache
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from transformers import AttentionInterface
from transformers.integrations.sdpa_attention import sdpa_attention_forward

from trainer_image.data.batches import Documents

NAME = "brightrun_documents"
LARGEST_HEAD = 256
HEAD_STEP = 8
"""FlashAttention-2 kernels take heads of up to 256 in steps of 8."""


def register() -> None:
    """Make `attn_implementation=NAME` known to transformers. Repeating it changes nothing.

    No mask is registered under the name, so transformers makes none. With one that returns None it
    would look for documents in the positions first: a wait for the device in each forward pass.
    """
    AttentionInterface.register(NAME, document_attention)


def document_attention(
    module: torch.nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    **options: Any,  # noqa: ANN401 - transformers decides what it passes
) -> tuple[Tensor, None]:
    """Return `(1, tokens, heads, head_dim)` from `(1, heads, tokens, head_dim)` inputs.

    Without `documents` (an answer is generated, or each document has a row of its own) it is
    causal attention within the window, over all rows.
    """
    documents: Documents | None = options.pop("documents", None)
    window: int | None = options.get("sliding_window")
    if documents is None:
        mask = _window_mask(query, key, window) if attention_mask is None else attention_mask
        output, _ = sdpa_attention_forward(module, query, key, value, mask, **options)
        return output, None
    scale: float = options["scaling"]
    if query.is_cuda and fits_flash(query):
        return _flash(query, key, value, documents, scale=scale, window=window), None
    return _by_document(query, key, value, documents, scale=scale, window=window), None


def fits_flash(query: Tensor) -> bool:
    """Return whether the flash kernels take heads of this width and type."""
    width = query.shape[-1]
    return query.dtype != torch.float32 and width <= LARGEST_HEAD and width % HEAD_STEP == 0


def _flash(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    documents: Documents,
    *,
    scale: float,
    window: int | None,
) -> Tensor:
    from torch.nn.attention.varlen import varlen_attn  # noqa: PLC0415 - CUDA builds alone use it

    options: dict[str, Any] = {}
    # a torch older than this keyword accepts fewer key heads as they are
    if key.shape[1] != query.shape[1] and "enable_gqa" in _parameters(varlen_attn):
        options["enable_gqa"] = True
    # not `query[0]`: its gradient is zeros of the full size and a copy
    output = varlen_attn(
        query.squeeze(0).transpose(0, 1),
        key.squeeze(0).transpose(0, 1),
        value.squeeze(0).transpose(0, 1),
        documents.boundaries,
        documents.boundaries,
        documents.longest,
        documents.longest,
        scale=scale,
        window_size=(-1 if window is None else window - 1, 0),
        **options,
    )
    assert isinstance(output, Tensor)  # noqa: S101 - a tuple only when asked for
    return output.unsqueeze(0)


@cache
def _parameters(function: Callable[..., Any]) -> frozenset[str]:
    return frozenset(inspect.signature(function).parameters)


def _by_document(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    documents: Documents,
    *,
    scale: float,
    window: int | None,
) -> Tensor:
    grouped = key.shape[1] != query.shape[1]
    outputs = []
    lengths = documents.lengths
    pieces = (torch.split(part, list(lengths), dim=2) for part in (query, key, value))
    for one_query, one_key, one_value in zip(*pieces, strict=True):
        mask = _window_mask(one_query, one_key, window)
        outputs.append(
            functional.scaled_dot_product_attention(
                one_query,
                one_key,
                one_value,
                attn_mask=mask,
                is_causal=mask is None,
                scale=scale,
                enable_gqa=grouped,
            )
        )
    return torch.cat(outputs, dim=2).transpose(1, 2)


def _window_mask(query: Tensor, key: Tensor, window: int | None) -> Tensor | None:
    """A document no longer than the window needs none: plain causal attention is the same.

    With a cache there are more keys than queries; the last query stands at the last key.
    """
    length = key.shape[2]
    if window is None or length <= window:
        return None
    places = torch.arange(length, device=query.device)
    behind = places[length - query.shape[2] :, None] - places[None, :]
    return (behind >= 0) & (behind < window)
