"""The full report of a validation, as it was stored."""

from brightrun.datasets.record import Dataset
from brightrun.ports.objects import Store, read_whole

# a thousand problems of some hundred bytes each; Lambda answers at most 6 MB
_LIMIT_BYTES = 5 * 1024**2


def report_lines(store: Store, dataset: Dataset) -> list[str]:
    """Return the report's lines, one problem each as JSON; none before the first validation."""
    if dataset.report_path is None:
        return []
    report = read_whole(store, dataset.report_path, limit_bytes=_LIMIT_BYTES)
    # not splitlines: an excerpt may hold other line separators
    return [f"{line}\n" for line in (report or b"").decode().split("\n") if line]
