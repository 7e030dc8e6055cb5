"""The Triton kernels of `drawn_dropout`, and how they are called. Nothing else imports this."""

import triton  # type: ignore[import-not-found]
import triton.language as tl  # type: ignore[import-not-found]
from torch import Tensor

_TOKENS = 32
_WIDTH = 64
_NARROW = 32
"""Columns per program of the gradients: each goes over all tokens, so there must be many."""


@triton.jit  # type: ignore[untyped-decorator]
def _is_read(seed, row, first_column, width, least, BLOCK: tl.constexpr):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202, N803
    """Return which of the `BLOCK` elements from `first_column` on are read, for each row."""
    fours = first_column // 4 + tl.arange(0, BLOCK // 4)
    place = row[:, None] * tl.cdiv(width, 4) + fours[None, :]
    one, two, three, four = tl.randint4x(seed, place)
    bits = tl.join(tl.join(one, three), tl.join(two, four))
    return tl.reshape(bits, (row.shape[0], BLOCK)).to(tl.int32, bitcast=True) >= least


@triton.jit(do_not_specialize=["seed", "tokens", "least"])  # type: ignore[untyped-decorator]
def _product(  # type: ignore[no-untyped-def]  # noqa: ANN202, PLR0913, PLR0917
    x,  # noqa: ANN001
    down,  # noqa: ANN001
    inner,  # noqa: ANN001
    seed,  # noqa: ANN001
    least,  # noqa: ANN001
    tokens,  # noqa: ANN001
    width,  # noqa: ANN001
    ranks,  # noqa: ANN001
    RANKS: tl.constexpr,  # noqa: N803
    TOKENS: tl.constexpr,  # noqa: N803
    WIDTH: tl.constexpr,  # noqa: N803
):
    row = tl.program_id(0) * TOKENS + tl.arange(0, TOKENS)
    rank = tl.arange(0, RANKS)
    total = tl.zeros((TOKENS, RANKS), dtype=tl.float32)
    for start in range(0, width, WIDTH):
        column = start + tl.arange(0, WIDTH)
        inside = (row[:, None] < tokens) & (column[None, :] < width)
        inside &= _is_read(seed, row, start, width, least, WIDTH)
        values = tl.load(x + row[:, None] * width + column[None, :], mask=inside, other=0.0)
        there = (rank[None, :] < ranks) & (column[:, None] < width)
        factors = tl.load(down + rank[None, :] * width + column[:, None], mask=there, other=0.0)
        total = tl.dot(values, factors, total)
    there = (row[:, None] < tokens) & (rank[None, :] < ranks)
    place = inner + row[:, None] * ranks + rank[None, :]
    tl.store(place, total.to(inner.dtype.element_ty), mask=there)


@triton.jit(do_not_specialize=["seed", "tokens", "least"])  # type: ignore[untyped-decorator]
def _gradients(  # type: ignore[no-untyped-def]  # noqa: ANN202, PLR0913, PLR0917
    x,  # noqa: ANN001
    down,  # noqa: ANN001
    inner_gradient,  # noqa: ANN001
    sums,  # noqa: ANN001
    x_gradient,  # noqa: ANN001
    seed,  # noqa: ANN001
    least,  # noqa: ANN001
    tokens,  # noqa: ANN001
    width,  # noqa: ANN001
    ranks,  # noqa: ANN001
    WANTED: tl.constexpr,  # noqa: N803
    RANKS: tl.constexpr,  # noqa: N803
    TOKENS: tl.constexpr,  # noqa: N803
    WIDTH: tl.constexpr,  # noqa: N803
):
    first = tl.program_id(0) * WIDTH
    column = first + tl.arange(0, WIDTH)
    rank = tl.arange(0, RANKS)
    there = (rank[:, None] < ranks) & (column[None, :] < width)
    place = rank[:, None] * width + column[None, :]
    factors = tl.load(down + place, mask=there, other=0.0)
    total = tl.zeros((RANKS, WIDTH), dtype=tl.float32)
    for start in range(0, tokens, TOKENS):
        row = start + tl.arange(0, TOKENS)
        inside = (row[:, None] < tokens) & (column[None, :] < width)
        read = _is_read(seed, row, first, width, least, WIDTH)
        here = row[:, None] * width + column[None, :]
        values = tl.load(x + here, mask=inside & read, other=0.0)
        known = (row[:, None] < tokens) & (rank[None, :] < ranks)
        narrow = row[:, None] * ranks + rank[None, :]
        passed = tl.load(inner_gradient + narrow, mask=known, other=0.0)
        total = tl.dot(tl.trans(passed), values, total)
        if WANTED:
            back = tl.where(read, tl.dot(passed, factors), 0.0)
            tl.store(x_gradient + here, back.to(x_gradient.dtype.element_ty), mask=inside)
    # no other program has these columns: no atomics, the same sum each time
    before = tl.load(sums + place, mask=there, other=0.0)
    tl.store(sums + place, before + total, mask=there)


def product(x: Tensor, down: Tensor, inner: Tensor, seed: int, rate: float) -> None:
    """Write the product of what is read of `x` with `down` into `inner`."""
    tokens, width = x.shape
    grid = (triton.cdiv(tokens, _TOKENS),)
    _product[grid](
        x.contiguous(),
        down,
        inner,
        seed,
        _least(rate),
        tokens,
        width,
        len(down),
        RANKS=_padded(len(down)),
        TOKENS=_TOKENS,
        WIDTH=_WIDTH,
    )


def gradients(
    x: Tensor,
    pair: tuple[Tensor, Tensor],
    sums: Tensor,
    x_gradient: Tensor | None,
    seed: int,
    rate: float,
) -> None:
    """Add the gradient of the A matrices to `sums`, and write that of what was read."""
    tokens, width = x.shape
    inner_gradient, down = pair
    _gradients[(triton.cdiv(width, _NARROW),)](
        x.contiguous(),
        down,
        inner_gradient.contiguous(),
        sums,
        x if x_gradient is None else x_gradient,
        seed,
        _least(rate),
        tokens,
        width,
        len(down),
        WANTED=x_gradient is not None,
        RANKS=_padded(len(down)),
        TOKENS=_TOKENS,
        WIDTH=_NARROW,
    )


def _least(rate: float) -> int:
    """Return the smallest of 32 random bits, read as a number, with which an element is read."""
    return round(rate * 2**32) - 2**31


def _padded(ranks: int) -> int:
    return max(16, int(triton.next_power_of_2(ranks)))
