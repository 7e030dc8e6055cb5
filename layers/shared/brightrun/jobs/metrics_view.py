"""A point of the curve as it is answered: by the specification's names. Pure.

A worker says its units in the names (`Point`); answers keep the names that were promised.
"""

from brightrun.records import Moment, Record
from brightrun.training.protocol import Point

_PROMISED = {
    "throughput": "throughput_tokens_per_second",
    "gpu_utilization": "gpu_utilization_percent",
}


class MetricsPoint(Record):
    """What was measured at one step; null is what was not.

    Attributes:
        throughput: trained tokens per second, of all GPUs together.
        gpu_utilization: percent, mean over the GPUs.
    """

    step: int
    epoch: float
    timestamp: Moment
    training_loss: float | None = None
    validation_loss: float | None = None
    learning_rate: float | None = None
    gradient_norm: float | None = None
    throughput: float | None = None
    gpu_utilization: float | None = None
    gpu_memory_gb: float | None = None
    gpu_peak_memory_gb: float | None = None
    flops_utilization_percent: float | None = None
    supervised_tokens: int | None = None
    total_tokens: int | None = None
    padding_tokens: int | None = None
    step_seconds: float | None = None
    eta_seconds: float | None = None


def metrics_point(point: Point) -> MetricsPoint:
    """Return a point as it is answered."""
    facts = dict(point)
    promised = {name: facts[said] for name, said in _PROMISED.items()}
    return MetricsPoint.model_validate({**facts, **promised})
