"""An estimate as it is shown. Pure."""

from decimal import Decimal
from typing import Literal

from brightrun.records import Record
from brightrun.training.cost_estimate import Estimate, in_cents
from brightrun.training.gpu_fit import MemoryFit
from brightrun.training.planned_run import PlannedRun
from brightrun.training.run_phases import RunPhases


class CostBreakdown(Record):
    """The parts of an estimate, in USD."""

    compute: float
    storage: float


class TrainingDetails(Record):
    """What an estimate stands on.

    Attributes:
        estimated_throughput_tokens_per_sec: what the price is computed with: the catalogue's
            planning figure, or what was measured.
        reckoned_throughput_tokens_per_sec: what this model, GPU and batch should reach by
            arithmetic; null for a model whose shape is not known, or that does not fit.
    """

    total_steps: int
    steps_per_epoch: int
    estimated_throughput_tokens_per_sec: float
    reckoned_throughput_tokens_per_sec: float | None
    dataset_name: str


class CostRange(Record):
    """What a run costs if all goes well, and if it does not, in USD."""

    low: float
    high: float


class EstimateView(Record):
    """A price before it is paid; money and hours to two decimals.

    Attributes:
        basis: the documented formula, or what finished runs on this model and GPU have shown.
        worst_case_overrun: how far `max_cost` can be passed at most, in USD.
        default_max_cost: the `max_cost` of a job that names none.
        worst_case_cost: what a job with `max_cost: null` can cost at most, until its deadline.
        planned: what the trainer will do: its rows and steps, beside those of the documented
            formula, and whether as many conversations are held out as a verdict needs.
        phases: where the GPU time goes by arithmetic; null where model or GPU are not known.
        startable: whether an endpoint serves so many GPUs of the type here.
        alternatives: other types that are there and on which it fits, the cheapest first: what
            `gpu_config.alternatives` may name.
        warnings: what speaks against the choice, in words; it can be ordered all the same.
    """

    estimated_cost: float
    cost_breakdown: CostBreakdown
    cost_range: CostRange
    estimated_duration_hours: float
    hourly_rate: float
    training_details: TrainingDetails
    memory_fit: MemoryFit
    basis: Literal["baseline", "measured"]
    measured_runs: int
    worst_case_overrun: float
    default_max_cost: float
    worst_case_cost: float
    startable: bool
    planned: PlannedRun | None
    phases: RunPhases | None
    warnings: tuple[str, ...] = ()
    alternatives: tuple[str, ...] = ()


def estimate_view(  # noqa: PLR0913 - all that is shown
    price: Estimate,
    *,
    dataset_name: str,
    fit: MemoryFit,
    reckoned_speed: float | None,
    overrun: Decimal,
    worst_case: Decimal,
    default_budget: Decimal,
    startable: bool,
    planned: PlannedRun | None,
    phases: RunPhases | None,
    warnings: tuple[str, ...] = (),
    alternatives: tuple[str, ...] = (),
) -> EstimateView:
    """Return an estimate as it is shown."""
    return EstimateView(
        estimated_cost=float(in_cents(price.total)),
        cost_breakdown=CostBreakdown(
            compute=float(in_cents(price.compute)), storage=float(in_cents(price.storage))
        ),
        cost_range=CostRange(low=float(in_cents(price.low)), high=float(in_cents(price.high))),
        estimated_duration_hours=float(in_cents(price.hours)),
        hourly_rate=float(in_cents(price.hourly_rate)),
        training_details=TrainingDetails(
            total_steps=price.total_steps,
            steps_per_epoch=price.steps_per_epoch,
            estimated_throughput_tokens_per_sec=float(in_cents(price.tokens_per_second)),
            reckoned_throughput_tokens_per_sec=(
                None if reckoned_speed is None else round(reckoned_speed, 2)
            ),
            dataset_name=dataset_name,
        ),
        memory_fit=fit,
        basis=price.basis,
        measured_runs=price.measured_runs,
        worst_case_overrun=float(in_cents(overrun)),
        default_max_cost=float(in_cents(default_budget)),
        worst_case_cost=float(in_cents(worst_case)),
        startable=startable,
        planned=planned,
        phases=phases,
        warnings=warnings,
        alternatives=alternatives,
    )
