"""Which conversations are held out for validation, and how many. Pure.

The one rule: validator, estimate and trainer all ask it, so that what is announced is what happens.
"""

import hashlib
from collections.abc import Iterable

DEFAULT_FRACTION = 0.1
FEWEST_FOR_A_VERDICT = 10
"""Of fewer, none may have been of the kind that goes wrong: no interval can know of it."""
ENOUGH_CONVERSATIONS = 12
"""Held out where a tenth would be fewer: a verdict needs ten, and not every one can be judged."""
LARGEST_DEFAULT_SHARE = 3
"""One in so many at the most goes to reach that."""


def held_out(conversation_ids: Iterable[str], *, seed: int, fraction: float) -> frozenset[str]:
    """Return the conversations to keep out of training, whole, the same for the same seed.

    The order of the file plays no part: ids are ranked by SHA-256 of `seed:id`.
    """
    ranked = sorted(set(conversation_ids), key=lambda name: split_rank(name, seed=seed))
    return frozenset(ranked[: held_out_count(len(ranked), fraction=fraction)])


def held_out_count(conversations: int, *, fraction: float = DEFAULT_FRACTION) -> int:
    """Return how many of that many conversations are held out.

    `fraction` of them, but at least twelve as long as those are no more than a third. Who asks for
    less than a tenth gets what was asked for. With a fraction above 0 and at least two
    conversations, at least one is held out and at least one remains.
    """
    if fraction <= 0 or conversations < 2:  # noqa: PLR2004 - one conversation cannot be split
        return 0
    wanted = max(round(conversations * fraction), 1)
    if fraction >= DEFAULT_FRACTION:
        enough = min(ENOUGH_CONVERSATIONS, conversations // LARGEST_DEFAULT_SHARE)
        wanted = max(wanted, enough)
    return min(wanted, conversations - 1)


def split_rank(conversation_id: str, *, seed: int) -> bytes:
    """Return the sort key that decides who is held out first."""
    return hashlib.sha256(f"{seed}:{conversation_id}".encode()).digest()
