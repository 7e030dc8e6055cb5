"""Uploads: one that has arrived is confirmed, one that nobody finished expires."""

from functools import partial

from aws_lambda_powertools import Logger

from brightrun.datasets.lifecycle import abandoned, confirmed, not_expired
from brightrun.datasets.notifications import dataset_failed
from brightrun.datasets.record import Dataset, DatasetStatus
from brightrun.errors import DatasetNotFound, PlatformError
from brightrun.ports.dynamodb.datasets import DatasetChange, change_dataset
from brightrun.ports.s3 import objects
from brightrun.ports.s3.multipart import abort_parts
from brightrun.ports.s3.uploads import facts_of
from brightrun.records import UserId
from brightrun.runtime import Deps
from brightrun.work import Work
from brightrun.work_loop import Task
from functions.validate_dataset.steps import LEASE_SECONDS, PER_SHARD, change_if_there

log = Logger(service="validate_dataset")


def confirm_upload(deps: Deps, key: str) -> None:
    """Confirm the upload that S3 tells of, as its owner's confirm would; a stranger is ignored."""
    prefix, _, rest = key.partition("/")
    owner, _, rest = rest.partition("/")
    dataset_id, _, _ = rest.partition("/")
    if prefix != "datasets" or not rest:
        return  # the rule lets nothing else through, and the role may see nothing else
    found = objects.find_object(deps.store, key)
    if found is None:
        return
    arrived = partial(confirmed, **facts_of(found), at=deps.now())
    try:
        change_dataset(
            deps.table,
            UserId(owner),
            dataset_id,
            lambda now: DatasetChange(arrived(now) if now.storage_path == key else now),
        )
    except DatasetNotFound:
        # its address still worked after it was deleted: nothing may stay that nobody owns
        log.warning("stored after its dataset was deleted", key=key)
        objects.remove_object(deps.store, key)
    except PlatformError as error:
        log.warning("upload not confirmed", key=key, reason=str(error))


def expiry_task(deps: Deps) -> Task[Dataset]:
    """Return the task that closes uploads that never came."""
    return Task(
        kind=Work.EXPIRE_UPLOAD,
        record=Dataset,
        step=partial(expire, deps),
        failed=partial(note_failure, deps),
        lease_seconds=LEASE_SECONDS,
        max_tries=deps.limits.max_validation_failures,
        per_shard=PER_SHARD,
    )


def expire(deps: Deps, dataset: Dataset) -> None:
    """Close an upload that nobody finished, and say so; one that has arrived is confirmed.

    Raises:
        UploadIncomplete: all bytes came, but they are not those that were declared.
    """
    found = objects.find_object(deps.store, dataset.storage_path)
    clock = deps.clock()
    if found is not None and found.size_bytes == dataset.file_size:
        arrived = partial(confirmed, **facts_of(found), at=clock.at)
        change_if_there(deps, dataset, lambda now: DatasetChange(arrived(now)))
        return
    if dataset.multipart_upload_id is not None:
        abort_parts(deps.store, dataset.storage_path, dataset.multipart_upload_id)

    def decide(now: Dataset) -> DatasetChange:
        after = abandoned(now, at=clock.at)
        return DatasetChange(after, () if after == now else (dataset_failed(clock, after),))

    change_if_there(deps, dataset, decide)


def note_failure(deps: Deps, dataset: Dataset, _: Exception) -> None:
    """Try again later; after as many tries as a validation has, the upload expires unseen."""
    clock, limit = deps.clock(), deps.limits.max_validation_failures

    def decide(now: Dataset) -> DatasetChange:
        after = not_expired(now, max_tries=limit, at=clock.at)
        failed = after.status is DatasetStatus.ERROR
        return DatasetChange(after, (dataset_failed(clock, after),) if failed else ())

    change_if_there(deps, dataset, decide)
