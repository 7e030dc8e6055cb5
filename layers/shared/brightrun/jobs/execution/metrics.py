"""What the newest points say of a run as a whole. Pure."""

from collections.abc import Sequence

from brightrun.jobs.record import Job
from brightrun.training.protocol import Point


def last_known(before: Point | None, points: Sequence[Point]) -> Point | None:
    """Return the newest point, with the last known value of each field that it lacks.

    A held-out loss is measured once an epoch: it stays until the next one comes.
    """
    known = before
    for point in points:
        older = known.model_dump(exclude_none=True) if known else {}
        known = Point.model_validate({**older, **point.model_dump(exclude_none=True)})
    return known


def best_of(job: Job, points: Sequence[Point]) -> dict[str, object]:
    """Return the step with the lowest held-out loss so far, and that loss."""
    best: tuple[float, int] | None = None
    if job.best_step is not None and job.best_validation_loss is not None:
        best = (job.best_validation_loss, job.best_step)
    for point in points:
        if point.validation_loss is not None:
            seen = (point.validation_loss, point.step)
            best = seen if best is None else min(best, seen)
    return {} if best is None else {"best_validation_loss": best[0], "best_step": best[1]}
