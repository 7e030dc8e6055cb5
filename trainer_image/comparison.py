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
import numpy.typing as npt

from brightrun.training.protocol import Comparison
from trainer_image.packed import NO_LOSS, TokenRow
from trainer_image.scoring import RowLosses

RESAMPLES = 4000
FEWEST_CONVERSATIONS = 5
"""With fewer, the bootstrap's interval is too narrow to say "better"."""
_INTERVAL = (2.5, 97.5)

Verdict = Literal["better", "not_shown_better", "worse"]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with its 95 % bootstrap bounds."""

    value: float
    low: float
    high: float


def swap_prompts(rows: Sequence[TokenRow]) -> tuple[list[TokenRow], list[TokenRow]]:
    """Return for each row its last answer after its own prompt, and after another's.

    Only the last answer carries loss in both, so the same tokens are scored twice. The other
    prompt comes from the next conversation; rows whose conversation is alone are left out.
    """
    own, swapped = [], []
    for place, row in enumerate(rows):
        other = _next_conversation(rows, place)
        if other is None:
            continue
        start = answer_start(row)
        answer, labels = row.ids[start:], row.labels[start:]
        own.append(_after(row.ids[:start], answer, labels, row.conversation))
        swapped.append(_after(other.ids[: answer_start(other)], answer, labels, row.conversation))
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
    gain = bootstrap(adapter.sums - base.sums, base.tokens, conversations, seed=seed)
    grasp = bootstrap(swapped.sums - own.sums, own.tokens, swap_conversations, seed=seed)
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
        verdict=verdict(gain, grasp, len(set(conversations))),
        reason=reason(gain, grasp, len(set(conversations))),
    )


def verdict(gain: Interval, grasp: Interval, conversations: int) -> Verdict:
    """Return the word for what both intervals say."""
    if conversations < FEWEST_CONVERSATIONS:
        return "not_shown_better"
    if gain.low > 0:
        return "worse"
    return "better" if gain.high < 0 and grasp.low > 0 else "not_shown_better"


def reason(gain: Interval, grasp: Interval, conversations: int) -> str:
    """Return why the verdict is what it is, in the order in which it is found."""
    if conversations < FEWEST_CONVERSATIONS:
        return f"{conversations} held-out conversations are too few to tell."
    if gain.low > 0:
        return "It predicts the held-out answers worse than its base model."
    if gain.high >= 0:
        return "The difference on the held-out answers may be chance."
    if grasp.low <= 0:
        return (
            "It predicts the held-out answers better, but not after their own prompts rather than "
            "after others': it may have learned how answers sound and not what they answer."
        )
    return "It predicts the held-out answers better, and more so after their own prompts."


def bootstrap(
    differences: Floats, tokens: Floats, conversations: Sequence[str], *, seed: int
) -> Interval:
    """Return the mean difference per token; whole conversations are drawn with replacement.

    Rows of one conversation overlap, so drawing rows would make the interval too narrow.
    """
    if not len(differences):
        return Interval(0.0, 0.0, 0.0)
    _, owner = np.unique(np.asarray(conversations), return_inverse=True)
    sums = np.bincount(owner, weights=differences)
    weights = np.bincount(owner, weights=tokens)
    generator = np.random.default_rng(seed)
    draws = generator.integers(0, len(sums), size=(RESAMPLES, len(sums)))
    means = sums[draws].sum(axis=1) / weights[draws].sum(axis=1)
    low, high = np.percentile(means, _INTERVAL)
    return Interval(float(sums.sum() / weights.sum()), float(low), float(high))


def _next_conversation(rows: Sequence[TokenRow], place: int) -> TokenRow | None:
    turned = (rows[(place + step) % len(rows)] for step in range(1, len(rows)))
    return next((row for row in turned if row.conversation != rows[place].conversation), None)


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
