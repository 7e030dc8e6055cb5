"""How good a run was, judged from its loss curve (spec: section 7). Pure.

It reads the training curve only; whether the adapter beats its base is `Comparison`'s question.
"""

import math
from collections.abc import Sequence
from typing import Literal

from brightrun.records import Record
from brightrun.training.protocol import Point

Convergence = Literal["excellent", "good", "fair", "poor", "overfitting detected", "unknown"]

OVERFITTING_GAP = 0.5
_RULES: tuple[tuple[float, float, Convergence, int], ...] = (
    (0.5, 50.0, "excellent", 5),
    (1.0, 30.0, "good", 4),
    (2.0, 10.0, "fair", 3),
)


class Quality(Record):
    """Stars and the evidence for them; a number that was not measured is null."""

    overall_score: int
    convergence_quality: Convergence
    final_training_loss: float | None = None
    final_validation_loss: float | None = None
    perplexity: float | None = None
    loss_improvement: float | None = None
    points: int = 0
    reason: str


def judge(points: Sequence[Point]) -> Quality:
    """Return stars for a run from its metric points in time order.

    Losses are mean negative log-likelihood per trained token, in nats.
    """
    training = [p.training_loss for p in points if p.training_loss is not None]
    validation = [p.validation_loss for p in points if p.validation_loss is not None]
    if not training:
        return Quality(
            overall_score=3,
            convergence_quality="unknown",
            points=len(points),
            reason="No training loss was recorded, so the curve says nothing.",
        )
    final, held_out = training[-1], validation[-1] if validation else None
    improvement = _improvement(training[0], final)
    convergence, score, reason = _converged(final, improvement)
    if held_out is not None and held_out - final > OVERFITTING_GAP:
        convergence, score = "overfitting detected", max(1, score - 1)
        reason += f" Held-out loss is {held_out - final:.2f} above it: it learned by heart."
    return Quality(
        overall_score=score,
        convergence_quality=convergence,
        final_training_loss=final,
        final_validation_loss=held_out,
        perplexity=_perplexity(held_out),
        loss_improvement=improvement,
        points=len(points),
        reason=reason,
    )


def _improvement(initial: float, final: float) -> float | None:
    """Percent by which the loss fell; unknown from an initial loss of 0."""
    return None if initial == 0 else (initial - final) / initial * 100


def _converged(final: float, improvement: float | None) -> tuple[Convergence, int, str]:
    fell = "unknown" if improvement is None else f"{improvement:.0f} %"
    reason = f"Training loss ended at {final:.2f}; it fell by {fell}."
    for limit, needed, name, score in _RULES:
        if final < limit and improvement is not None and improvement > needed:
            return name, score, reason
    return "poor", 2, reason


def _perplexity(loss: float | None) -> float | None:
    if loss is None:
        return None
    try:
        return math.exp(loss)
    except OverflowError:
        return math.inf
