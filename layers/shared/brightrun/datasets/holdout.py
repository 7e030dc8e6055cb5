"""Which conversations are held out for validation. Pure."""

import hashlib
from collections.abc import Iterable

SUGGESTED_FRACTION = 0.1


def held_out(conversation_ids: Iterable[str], *, seed: int, fraction: float) -> frozenset[str]:
    """Return the conversations to keep out of training, whole, the same for the same seed.

    The order of the file plays no part: ids are ranked by SHA-256 of `seed:id`. With a fraction
    above 0 and at least two conversations, at least one is held out and at least one remains.
    """
    ranked = sorted(set(conversation_ids), key=lambda name: split_rank(name, seed=seed))
    return frozenset(ranked[: held_out_count(len(ranked), fraction=fraction)])


def held_out_count(conversations: int, *, fraction: float) -> int:
    """Return how many of that many conversations are held out."""
    if fraction <= 0 or conversations < 2:  # noqa: PLR2004 - one conversation cannot be split
        return 0
    return min(max(round(conversations * fraction), 1), conversations - 1)


def split_rank(conversation_id: str, *, seed: int) -> bytes:
    """Return the sort key that decides who is held out first."""
    return hashlib.sha256(f"{seed}:{conversation_id}".encode()).digest()
