"""Is the adapter better than its base? The same held-out rows, an interval, a verdict. Pure.

Lower loss alone is not enough: an adapter trained on shuffled answers learns how answers sound and
lowers the loss of held-out answers that have nothing to do with their questions. So two things
are asked, each with a 95 % interval that must exclude zero:

- the adapter's loss on held-out rows is below the base model's;
- the adapter finds an answer likelier after its own prompt than after another row's prompt.
"""

from collections.abc import Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt

from brightrun.training.protocol import Comparison
from trainer_image.interval import Interval, mean_per_token
from trainer_image.packed import NO_LOSS, TokenRow
from trainer_image.scoring import RowLosses

FEWEST_CONVERSATIONS = 10
"""Of fewer, none may have been of the kind that goes wrong: no interval can know of it."""

Verdict = Literal["better", "not_shown_better", "worse"]


def swap_prompts(rows: Sequence[TokenRow]) -> tuple[list[TokenRow], list[TokenRow]]:
    """Return for each row its last answer after its own prompt, and after another's.

    Only the last answer carries loss in both, so the same tokens are scored twice. The other
    prompt comes from the next conversation with which the row is no longer than the longest of
    `rows`: that much fits into memory and the model's context. Rows without one are left out.
    """
    starts = [answer_start(row) for row in rows]
    longest = max((len(row.ids) for row in rows), default=0)
    own, swapped = [], []
    for place, (row, start) in enumerate(zip(rows, starts, strict=True)):
        room = longest - (len(row.ids) - start)
        other = _next_conversation(rows, starts, place, room) if start else None
        if other is None:
            continue
        answer, labels = row.ids[start:], row.labels[start:]
        own.append(_after(row.ids[:start], answer, labels, row.conversation))
        prompt = rows[other].ids[: starts[other]]
        swapped.append(_after(prompt, answer, labels, row.conversation))
    return own, swapped


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
    swap_conversations: Sequence[str],
    *,
    seed: int,
) -> Comparison:
    """Return the verdict with its evidence; conversations are resampled whole."""
    gain = mean_per_token(adapter.sums - base.sums, base.tokens, conversations, seed=seed)
    grasp = mean_per_token(swapped.sums - own.sums, own.tokens, swap_conversations, seed=seed)
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
    if gain.conversations < FEWEST_CONVERSATIONS:
        return "not_shown_better"
    if gain.low > 0:
        return "worse"
    shown = gain.high < 0 and grasp.low > 0 and grasp.conversations >= FEWEST_CONVERSATIONS
    return "better" if shown else "not_shown_better"


def reason(gain: Interval, grasp: Interval) -> str:
    """Return why the verdict is what it is, in the order in which it is found."""
    if gain.conversations < FEWEST_CONVERSATIONS:
        return f"{gain.conversations} held-out conversations are too few to tell."
    if gain.low > 0:
        return "It predicts the held-out answers worse than its base model."
    if not gain.high < 0:
        return "The difference on the held-out answers may be chance."
    if grasp.conversations < FEWEST_CONVERSATIONS:
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


def _next_conversation(
    rows: Sequence[TokenRow], starts: Sequence[int], place: int, room_tokens: int
) -> int | None:
    """Return where the next row of another conversation is whose prompt fits."""
    turned = ((place + step) % len(rows) for step in range(1, len(rows)))
    name = rows[place].conversation
    return next(
        (at for at in turned if rows[at].conversation != name and 0 < starts[at] <= room_tokens),
        None,
    )


def _after(
    prompt: npt.NDArray[np.int32],
    answer: npt.NDArray[np.int32],
    labels: npt.NDArray[np.int32],
    conversation: str,
) -> TokenRow:
    silent = np.full(len(prompt), NO_LOSS, dtype=np.int32)
    return TokenRow(
        np.concatenate([prompt, answer]), np.concatenate([silent, labels]), conversation
    )
