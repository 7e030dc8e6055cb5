"""How good a run was, judged from its loss curve (spec: section 7). Pure.

It reads the training curve only; whether the adapter beats its base is `Comparison`'s question.
"""

import math
from collections.abc import Sequence
from typing import Literal

from brightrun.records import Record
from brightrun.training.protocol import Point

Convergence = Literal["excellent", "good", "fair", "poor", "overfitting detected", "unknown"]

STEPS_PER_END = 20
"""One in so many steps, a twentieth, makes up each end of the curve."""
OVERFITTING_GAP = 0.5
RISE = 0.01
"""Held-out loss within this share of its lowest is level: epochs differ by that much by chance."""
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

    Losses are mean negative log-likelihood per trained token, in nats. The first and the last
    training loss are means over a twentieth of the steps, because one step may be a few rows.
    """
    training = [point for point in points if point.training_loss is not None]
    validation = [p.validation_loss for p in points if p.validation_loss is not None]
    if not training:
        return Quality(
            overall_score=3,
            convergence_quality="unknown",
            points=len(points),
            reason="No training loss was recorded, so the curve says nothing.",
        )
    ends = max(1, len(training) // STEPS_PER_END)
    initial, final = _mean_loss(training[:ends]), _mean_loss(training[-ends:])
    held_out = validation[-1] if validation else None
    improvement = _improvement(initial, final)
    convergence, score = _converged(final, improvement)
    if held_out is not None and held_out - final > OVERFITTING_GAP:
        convergence, score = "overfitting detected", max(1, score - 1)
    return Quality(
        overall_score=score,
        convergence_quality=convergence,
        final_training_loss=final,
        final_validation_loss=held_out,
        perplexity=_perplexity(held_out),
        loss_improvement=improvement,
        points=len(points),
        reason=_reason(final, improvement, ends, validation),
    )


def _mean_loss(points: Sequence[Point]) -> float:
    """Return the loss per trained token; steps that do not say how many they had weigh the same."""
    counted = all(point.supervised_tokens for point in points)
    weights = [float(point.supervised_tokens or 0) if counted else 1.0 for point in points]
    losses = [point.training_loss or 0.0 for point in points]
    return sum(loss * weight for loss, weight in zip(losses, weights, strict=True)) / sum(weights)


def _improvement(initial: float, final: float) -> float | None:
    """Percent by which the loss fell; unknown from an initial loss of 0."""
    return None if initial == 0 else (initial - final) / initial * 100


def _converged(final: float, improvement: float | None) -> tuple[Convergence, int]:
    for limit, needed, name, score in _RULES:
        if final < limit and improvement is not None and improvement > needed:
            return name, score
    return "poor", 2


def _reason(final: float, improvement: float | None, ends: int, validation: Sequence[float]) -> str:
    """Return what was seen of the curve, and no more: a gap is a gap until the other side rises."""
    fell = "unknown" if improvement is None else f"{improvement:.0f} %"
    over = f" (mean of {ends} steps at each end)" if ends > 1 else ""
    said = [f"Training loss ended at {final:.2f}; it fell by {fell}{over}."]
    if validation and validation[-1] - final > OVERFITTING_GAP:
        said.append(f"Held-out loss is {validation[-1] - final:.2f} above it, a gap.")
    lowest = min(validation, default=0.0)
    if validation and validation[-1] - lowest > RISE * abs(lowest):
        said.append(
            f"Held-out loss rose from its lowest, {lowest:.2f}, to {validation[-1]:.2f}:"
            " the later epochs overfitted: they learned rows by heart."
        )
    return " ".join(said)


def _perplexity(loss: float | None) -> float | None:
    if loss is None:
        return None
    try:
        return math.exp(loss)
    except OverflowError:
        return math.inf
