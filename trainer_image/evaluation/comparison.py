"""Is the adapter better than its base? The same held-out rows, an interval, a verdict. Pure.

Lower loss alone is not enough: an adapter trained on shuffled answers learns how answers sound and
lowers the loss of held-out answers that have nothing to do with their questions. So two things
are asked, each with a 95 % interval that must exclude zero:

- the adapter's loss on held-out rows is below the base model's;
- the adapter finds an answer likelier after its own prompt than after another row's prompt.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from brightrun.training.holdout import FEWEST_FOR_A_VERDICT
from brightrun.training.protocol import Comparison
from trainer_image.data.batches import NO_LOSS, Ints, TokenRow
from trainer_image.evaluation.confidence_interval import Interval, mean_per_token
from trainer_image.training.losses import RowLosses

OTHER_PROMPTS = 8
SWAPPED_ROWS = 2000
"""Of many rows one other prompt each is enough; of few, several cost next to nothing."""

Verdict = Literal["better", "not_shown_better", "worse"]


@dataclass(frozen=True, slots=True)
class Swaps:
    """Last answers after their own prompts, and each after those of other conversations.

    Attributes:
        owners: which of `own` each of `swapped` has the answer of.
    """

    own: tuple[TokenRow, ...]
    swapped: tuple[TokenRow, ...]
    owners: tuple[int, ...]


def swap_prompts(rows: Sequence[TokenRow]) -> Swaps:
    """Return each row's last answer after its own prompt, and after others'.

    Only the last answer carries loss in both, so the same tokens are scored. Other prompts come
    from the next conversations with which the row is no longer than the longest of `rows`: that
    much fits into memory and the model's context. Few rows get several of them, because one prompt
    may fit another's answer by chance. Rows without any are left out.
    """
    starts = [answer_start(row) for row in rows]
    longest = max((len(row.ids) for row in rows), default=0)
    most = max(1, min(OTHER_PROMPTS, SWAPPED_ROWS // max(1, len(rows))))
    own: list[TokenRow] = []
    swapped: list[TokenRow] = []
    owners: list[int] = []
    for place, (row, start) in enumerate(zip(rows, starts, strict=True)):
        room = longest - (len(row.ids) - start)
        others = _other_prompts(rows, starts, place, room, most) if start else []
        if not others:
            continue
        answer, labels = row.ids[start:], row.labels[start:]
        for prompt in others:
            swapped.append(_after(prompt, answer, labels, row.conversation))
            owners.append(len(own))
        own.append(_after(row.ids[:start], answer, labels, row.conversation))
    return Swaps(tuple(own), tuple(swapped), tuple(owners))


def answer_start(row: TokenRow) -> int:
    """Return where the row's last run of supervised tokens begins."""
    (supervised,) = np.nonzero(row.labels != NO_LOSS)
    breaks = np.nonzero(np.diff(supervised) > 1)[0]
    return int(supervised[breaks[-1] + 1] if len(breaks) else supervised[0])


def compare(  # noqa: PLR0913 - four measurements of the same rows
    base: RowLosses,
    adapter: RowLosses,
    own: RowLosses,
    swapped: RowLosses,
    conversations: Sequence[str],
    swaps: Swaps,
    *,
    seed: int,
) -> Comparison:
    """Return the verdict with its evidence; conversations are resampled whole."""
    owners = np.asarray(swaps.owners, dtype=np.int64)
    gain = mean_per_token(adapter.sums - base.sums, base.tokens, conversations, seed=seed)
    grasp = mean_per_token(
        swapped.sums - own.sums[owners],
        swapped.tokens,
        [row.conversation for row in swaps.swapped],
        seed=seed,
    )
    return Comparison(
        rows=len(base.sums),
        tokens=int(base.tokens.sum()),
        base_loss=base.mean,
        adapter_loss=adapter.mean,
        difference=gain.value,
        difference_low=gain.low,
        difference_high=gain.high,
        prompt_gain=grasp.value,
        prompt_gain_low=grasp.low,
        prompt_gain_high=grasp.high,
        verdict=verdict(gain, grasp),
        reason=reason(gain, grasp),
    )


def verdict(gain: Interval, grasp: Interval) -> Verdict:
    """Return the word for what both intervals say."""
    if gain.conversations < FEWEST_FOR_A_VERDICT:
        return "not_shown_better"
    if gain.low > 0:
        return "worse"
    shown = gain.high < 0 and grasp.low > 0 and grasp.conversations >= FEWEST_FOR_A_VERDICT
    return "better" if shown else "not_shown_better"


def reason(gain: Interval, grasp: Interval) -> str:
    """Return why the verdict is what it is, in the order in which it is found."""
    if gain.conversations < FEWEST_FOR_A_VERDICT:
        return f"{gain.conversations} held-out conversations are too few to tell."
    if gain.low > 0:
        return "It predicts the held-out answers worse than its base model."
    if not gain.high < 0:
        return "The difference on the held-out answers may be chance."
    if grasp.conversations < FEWEST_FOR_A_VERDICT:
        return (
            "It predicts the held-out answers better, but only"
            f" {grasp.conversations} conversations could be tried with another's prompt."
        )
    if not grasp.low > 0:
        return (
            "It predicts the held-out answers better, but not after their own prompts rather than "
            "after others': it may have learned how answers sound and not what they answer."
        )
    return "It predicts the held-out answers better, and more so after their own prompts."


def _other_prompts(
    rows: Sequence[TokenRow], starts: Sequence[int], place: int, room_tokens: int, most: int
) -> list[Ints]:
    """Return the prompts, one of each, of the next conversations that have one that fits."""
    chosen: dict[str, Ints] = {}
    for step in range(1, len(rows)):
        at = (place + step) % len(rows)
        name = rows[at].conversation
        if name != rows[place].conversation and 0 < starts[at] <= room_tokens:
            chosen.setdefault(name, rows[at].ids[: starts[at]])
        if len(chosen) == most:
            break
    return list(chosen.values())


def _after(prompt: Ints, answer: Ints, labels: Ints, conversation: str) -> TokenRow:
    silent = np.full(len(prompt), NO_LOSS, dtype=np.int32)
    return TokenRow(
        np.concatenate([prompt, answer]), np.concatenate([silent, labels]), conversation
    )
