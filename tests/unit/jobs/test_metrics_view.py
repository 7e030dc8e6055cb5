"""A point of the curve is answered by the names that the specification has."""

from brightrun.jobs.metrics_view import MetricsPoint, metrics_point
from brightrun.training.protocol import Point
from tests.support.factories import NOON

SPECIFIED = {
    "step", "epoch", "timestamp", "training_loss", "validation_loss", "learning_rate",
    "gradient_norm", "throughput", "gpu_utilization", "gpu_memory_gb",
}  # typed out: the oracle  # fmt: skip


def test_every_specified_field_is_answered() -> None:
    assert set(MetricsPoint.model_fields) >= SPECIFIED


def test_nothing_that_a_worker_measured_is_lost() -> None:
    renamed = {"throughput_tokens_per_second", "gpu_utilization_percent"}

    assert set(Point.model_fields) - renamed <= set(MetricsPoint.model_fields)
    said = Point(
        step=3, epoch=0.5, timestamp=NOON, training_loss=1.5,
        throughput_tokens_per_second=1800.0, gpu_utilization_percent=97.0,
    )  # fmt: skip
    point = metrics_point(said)
    assert (point.step, point.training_loss) == (3, 1.5)
    assert (point.throughput, point.gpu_utilization) == (1800.0, 97.0)
