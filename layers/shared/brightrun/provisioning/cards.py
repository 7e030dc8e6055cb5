"""Which of the provider's cards one of our GPU types stands for, and how to ask for them. Pure.

RunPod is asked for pools of cards, not for a card; what a pool has too much is excluded by name.
Source: https://docs.runpod.io/references/gpu-types, https://docs.runpod.io/api-reference-v2
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

CARDS: Mapping[str, frozenset[str]] = {
    "A100-80GB": frozenset({"NVIDIA A100 80GB PCIe", "NVIDIA A100-SXM4-80GB"}),
    "H100": frozenset({"NVIDIA H100 80GB HBM3", "NVIDIA H100 PCIe", "NVIDIA H100 NVL"}),
    "H200": frozenset({"NVIDIA H200"}),
    "B200": frozenset({"NVIDIA B200"}),
    "L40S": frozenset({"NVIDIA L40S"}),
    "RTX4090": frozenset({"NVIDIA GeForce RTX 4090"}),
}
"""What has no entry is offered in no serverless pool: A100 of 40 GB, V100."""


@dataclass(frozen=True)
class ProviderGpu:
    """A card of the provider's catalogue.

    Attributes:
        pool: the serverless pool it is in; None where it is in none.
        hourly_usd: what a worker with one of them costs; None where it is not said.
    """

    id: str
    pool: str | None
    hourly_usd: float | None = None


@dataclass(frozen=True)
class Selection:
    """How to ask for the cards of one type: pools, less what else is in them."""

    pools: tuple[str, ...]
    excluded: tuple[str, ...]
    hourly_usd: float | None


class NotOffered(ValueError):
    """The provider has no serverless GPU of that type; the message says what it was asked for."""


def select_cards(
    gpu_type: str, catalogue: Collection[ProviderGpu], cards: Collection[str] = ()
) -> Selection:
    """Return how to ask for a GPU type.

    Args:
        cards: the provider's own names of the cards that will do; empty: those of `CARDS`.

    Raises:
        NotOffered: none of them is in a serverless pool.
    """
    wanted = frozenset(cards) or CARDS.get(gpu_type, frozenset())
    found = [gpu for gpu in catalogue if gpu.id in wanted and gpu.pool]
    if not found:
        asked = ", ".join(sorted(wanted)) or "no card that we know of"
        raise NotOffered(f"{gpu_type} is in no serverless pool ({asked})")
    pools = {gpu.pool for gpu in found if gpu.pool}
    others = {gpu.id for gpu in catalogue if gpu.pool in pools and gpu.id not in wanted}
    prices = [gpu.hourly_usd for gpu in found if gpu.hourly_usd is not None]
    return Selection(tuple(sorted(pools)), tuple(sorted(others)), max(prices, default=None))
