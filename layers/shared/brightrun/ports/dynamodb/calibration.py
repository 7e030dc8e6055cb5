"""Finished runs as samples in the table, each written once, together with its model."""

from collections.abc import Iterator
from datetime import timedelta

from brightrun.jobs.completion.calibration_sample import sample_of
from brightrun.jobs.record import Job
from brightrun.ports.dynamodb import keys
from brightrun.ports.dynamodb.key_shapes import Key, Place
from brightrun.ports.dynamodb.table import Table, newest, sums_between
from brightrun.ports.dynamodb.writes import Write, add, put_new
from brightrun.training.calibration import MAX_SAMPLES, RunSample, measured_of
from brightrun.training.cost_estimate import Measured
from brightrun.training.protocol import RunSummary

_REMEMBERED = timedelta(days=365)


def observation(table: Table, job: Job, summary: RunSummary | None) -> Iterator[Write | None]:
    """Yield the writes that learn from a completed job; none where it teaches nothing right."""
    sample = sample_of(job, summary)
    if sample is None:
        return
    where = Place(keys.sample(sample.base_model, sample.gpu_type, job.id))
    yield put_new(table, sample, where, expires_at=keys.expiry(sample.finished_at + _REMEMBERED))
    yield add(table, keys.calibration(sample.base_model, sample.gpu_type), {"runs": 1})


def samples(table: Table, base_model: str, gpu_type: str) -> tuple[RunSample, ...]:
    """Return the newest fifty runs of a base model on a GPU type."""
    return newest(table, keys.samples(base_model, gpu_type), RunSample, limit=MAX_SAMPLES).records


def find_measured(table: Table, base_model: str, gpu_type: str) -> Measured | None:
    """Return what finished runs have shown, or None while they are too few."""
    return measured_of(samples(table, base_model, gpu_type))


def everything_measured(table: Table) -> dict[tuple[str, str], tuple[RunSample, ...]]:
    """Return (base model, GPU type) → its newest runs, of all that ran."""
    low, high = keys.calibration("", ""), keys.calibration("~", "")
    names = sums_between(table, Key(low.pk, " "), high)
    pairs = [(name.rpartition("#")[0], name.rpartition("#")[2]) for name in names]
    return {pair: samples(table, *pair) for pair in pairs}
