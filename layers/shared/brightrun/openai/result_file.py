"""A job's curve as the CSV that OpenAI and Azure hand out, one row per step. Pure."""

from collections.abc import Iterable

from brightrun.training.protocol import Point

COLUMNS = (
    "step",
    "train_loss",
    "train_accuracy",
    "valid_loss",
    "valid_mean_token_accuracy",
    "train_mean_token_accuracy",
    "full_valid_loss",
    "full_valid_mean_token_accuracy",
)
"""OpenAI's five columns, then Azure's own. Accuracies are not measured here, and stay empty."""
FILE_NAME = "step_metrics.csv"
_HEADER = ",".join(COLUMNS) + "\n"


def result_csv(points: Iterable[Point]) -> str:
    """Return the file; every validation here is of all held-out rows, so both losses are one."""
    return _HEADER + "".join(map(_row, points))


def _row(point: Point) -> str:
    valid = _text(point.validation_loss)
    return f"{point.step},{_text(point.training_loss)},,{valid},,,{valid},\n"


def _text(number: float | None) -> str:
    return "" if number is None else repr(number)
