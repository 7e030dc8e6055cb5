"""A job and a price in words and lines. Pure: what prints them is elsewhere."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from itertools import pairwise

from brightrun.cli.output import dollars
from brightrun.client.answers import PricedRun
from brightrun.jobs.estimate_view import EstimateView
from brightrun.jobs.record import JobStatus
from brightrun.jobs.view import JobView
from brightrun.models.view import ModelRow
from brightrun.training.protocol import Comparison, Stage

_BARS = "▁▂▃▄▅▆▇█"
_ASCII_BARS = "_.-=+*#@"
_MINUTE, _TEN_MINUTES, _HOUR = 60, 600, 3600
_STAGES = {
    Stage.QUEUED: "queued",
    Stage.SUBMITTING: "submitting",
    Stage.QUEUED_ON_GPU: "waiting for a GPU",
    Stage.DOWNLOADING_DATASET: "downloading the dataset",
    Stage.LOADING_MODEL: "loading the base model",
}
VERDICTS = {
    "better": "better than its base model",
    "not_shown_better": "not shown to be better than its base model",
    "worse": "worse than its base model",
}


def stage_of(job: JobView) -> str:
    """Return what a job does now, in words."""
    if job.stop_requested is not None and job.completed_at is None:
        return "stopping"
    if job.status in {JobStatus.QUEUED, JobStatus.INITIALIZING, JobStatus.RUNNING}:
        return words_of(job.current_stage)
    return str(job.status)


def words_of(stage: Stage) -> str:
    """Return a stage in words."""
    return _STAGES.get(stage, str(stage).replace("_", " "))


def progress_facts(job: JobView, now: datetime) -> list[str]:
    """Return step, losses, time left and cost; what is not known yet is left out."""
    told = [f"step {job.current_step}/{job.total_steps}"] if job.current_step else []
    point = job.current_metrics
    if point is not None and point.training_loss is not None:
        told.append(f"loss {point.training_loss:.3f}")
    if point is not None and point.validation_loss is not None:
        told.append(f"held-out loss {point.validation_loss:.3f}")
    if job.estimated_completion_at and job.current_stage is Stage.TRAINING:
        left = (job.estimated_completion_at - now).total_seconds()
        told.append(f"{duration(max(0.0, left))} left")
    return [*told, cost_of(job)]


def cost_of(job: JobView) -> str:
    """Return what was spent, of how much at most."""
    if job.final_cost is not None:
        return f"cost {dollars(job.final_cost)}"
    most = "no limit" if job.max_cost is None else f"at most {dollars(job.max_cost)}"
    return f"{dollars(job.current_cost)} ({most})"


def duration(seconds: float) -> str:
    """Return a time as people say it."""
    whole = round(seconds)
    if whole < _MINUTE:
        return f"{whole} s"
    if whole < _TEN_MINUTES:
        return f"{whole // _MINUTE} min {whole % _MINUTE:02} s"
    if whole < _HOUR:
        return f"{whole // _MINUTE} min"
    return f"{whole // _HOUR} h {whole % _HOUR // _MINUTE:02} min"


def sparkline(values: Sequence[float], width: int, *, ascii_only: bool = False) -> str:
    """Return a curve as one line; each character is the mean of its stretch."""
    if not values:
        return ""
    bars = _ASCII_BARS if ascii_only else _BARS
    count = min(width, len(values))
    cuts = [round(at * len(values) / count) for at in range(count + 1)]
    means = [sum(values[a:b]) / (b - a) for a, b in pairwise(cuts)]
    low, high = min(means), max(means)
    scale = (len(bars) - 1) / (high - low) if high > low else 0.0
    return "".join(bars[round((mean - low) * scale)] for mean in means)


def price_lines(
    price: PricedRun | EstimateView, max_cost: str = "", limit_usd: Decimal | None = None
) -> list[str]:
    """Return a price as it is told before it is paid.

    Args:
        max_cost: what was asked for; empty: the default, which is shown.
        limit_usd: the amount that `max_cost` names, where it names one.
    """
    low, high = price.cost_range.low, price.cost_range.high
    spread = f" ({dollars(low)} to {dollars(high)})" if high > low else ""
    basis = "measured" if price.basis == "measured" else "planning figures, nothing measured yet"
    hours, rate = price.estimated_duration_hours, dollars(price.hourly_rate)
    price_line = f"estimated {dollars(price.estimated_cost)}{spread}"
    most = max_cost or dollars(price.default_max_cost)
    lines = [
        f"{price_line} · {duration(hours * _HOUR)} at {rate}/h · {basis}",
        f"at most {most}: the job pauses before that" if most != "none" else "no limit",
    ]
    if limit_usd is not None and limit_usd < Decimal(str(price.estimated_cost)):
        lines.append("that is less than the estimate: it may pause before it is done")
    if price.planned is not None:
        plan = price.planned
        lines.append(
            f"{plan.total_steps:,} steps over {plan.trained_rows:,} rows, "
            f"{plan.held_out_conversations:,} conversations held out"
        )
        if not plan.verdict_possible:
            lines.append("too few conversations are held out to say whether it gets better")
    if price.phases is not None:
        lines.append(
            f"by arithmetic {duration(price.phases.total)} of GPU time, "
            f"most of it for {price.phases.longest}"
        )
    if not price.memory_fit.fits:
        lines.append(
            price.memory_fit.refused
            or f"does not fit: needs {price.memory_fit.needed_gb:.0f} GB of "
            f"{price.memory_fit.available_gb} GB"
        )
    if not price.startable:
        others = f"; {', '.join(price.alternatives)} would do" if price.alternatives else ""
        lines.append(f"no endpoint serves this GPU here, so it cannot be started{others}")
    return [*lines, *price.warnings]


def verdict_of(comparison: Comparison | None) -> str:
    """Return whether a model is better than its base, with the numbers."""
    if comparison is None:
        return "not compared with its base model"
    return (
        f"held-out loss {comparison.base_loss:.3f} → {comparison.adapter_loss:.3f} · "
        f"{VERDICTS[comparison.verdict]} "
        f"(95 %: {comparison.difference_low:+.3f} to {comparison.difference_high:+.3f})"
    )


def stars_of(model: ModelRow) -> str:
    """Return the quality score of the training curve."""
    return f"{model.quality_metrics.overall_score}/5"
