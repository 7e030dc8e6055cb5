"""What validating and expiring share: leases, and writing to a dataset that may be gone."""

from collections.abc import Callable

from aws_lambda_powertools import Logger

from brightrun.datasets.record import Dataset
from brightrun.errors import DatasetNotFound, InvalidTransition
from brightrun.ports.dynamodb.datasets import DatasetChange, change_dataset
from brightrun.runtime import Deps

LEASE_SECONDS = 930
"""Longer than the function may run, so that no two ever read the same file."""
PER_SHARD = 50

log = Logger(service="validate_dataset")


def change_if_there(
    deps: Deps, dataset: Dataset, decide: Callable[[Dataset], DatasetChange]
) -> None:
    """Write a decision; one about a dataset that is gone or concluded by another is dropped."""
    try:
        change_dataset(deps.table, dataset.user_id, dataset.id, decide)
    except (DatasetNotFound, InvalidTransition) as error:
        log.warning("not stored", dataset_id=dataset.id, reason=str(error))
