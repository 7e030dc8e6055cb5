"""Records that are gone for good: of one deleted thing, or of a whole user.

Every step can be taken again: what is gone already is no fault, and what is counted elsewhere is
counted in the transaction that removes it here.
"""

from collections.abc import Callable, Iterator
from typing import Any

from brightrun.accounts.erasure import ERASED, Erasure, ErasureKind, erased_user
from brightrun.accounts.record import CostRecord
from brightrun.accounts.users import UserAccess
from brightrun.clock import Clock
from brightrun.datasets.record import Dataset
from brightrun.datasets.training_files import TrainingFile
from brightrun.models.record import ModelArtifact
from brightrun.ports.dynamodb import keys
from brightrun.ports.dynamodb.accounts.usage_totals import KnownUser
from brightrun.ports.dynamodb.datasets import Content
from brightrun.ports.dynamodb.key_shapes import Group, Key, Kind, Place
from brightrun.ports.dynamodb.places import place
from brightrun.ports.dynamodb.table import Table, all_records, find, numbers
from brightrun.ports.dynamodb.writes import (
    Write,
    add,
    commit,
    put,
    remove,
    remove_unchanged,
    replace,
)
from brightrun.records import Record, UserId

HasTime = Callable[[], bool]
_BATCH = 25
"""Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html"""
_TOKENS_LIVE_SECONDS = 2 * 86_400
"""A token of an erased user opens nothing as long as it could live."""
_PAUSE_SECONDS = 0.2


def forget(table: Table, erasure: Erasure) -> None:
    """Remove the record of a deleted thing and its appointment; what is not deleted stays.

    Raises:
        Conflict: the thing or the appointment changed meanwhile.
    """
    commit(table, [*_record_writes(table, erasure), remove_unchanged(table, erasure)])


def _record_writes(table: Table, erasure: Erasure) -> Iterator[Write | None]:
    match erasure.kind:
        case ErasureKind.DATASET:
            yield from _dataset_writes(table, erasure)
        case ErasureKind.MODEL:
            model = find(table, keys.model(erasure.user_id, erasure.id), ModelArtifact)
            if model is not None and model.deleted_at is not None:
                yield remove_unchanged(table, model, version="version_number")
                yield add(table, keys.counts(erasure.user_id, Kind.MODEL), {"deleted": -1})
        case ErasureKind.TRAINING_FILE:
            yield remove(table, keys.training_file(erasure.user_id, erasure.id))
        case ErasureKind.USER:
            raise TypeError(erasure.kind)


def _dataset_writes(table: Table, erasure: Erasure) -> Iterator[Write | None]:
    owner = erasure.user_id
    dataset = find(table, keys.dataset(owner, erasure.id), Dataset)
    if dataset is None or dataset.deleted_at is None:
        return
    yield remove_unchanged(table, dataset)
    yield remove(table, keys.uses(owner, dataset.id))
    yield add(table, keys.counts(owner, Kind.DATASET), {"deleted": -1})
    if dataset.sha256 is not None:
        key = keys.content(owner, dataset.sha256)
        known = find(table, key, Content)
        if known is not None and known.dataset_id == dataset.id:
            yield remove(table, key)


def is_still_deleted(table: Table, erasure: Erasure) -> bool:
    """Whether what an appointment is about is deleted, or gone: what was restored must stay."""
    owner, kind = erasure.user_id, erasure.kind
    found: Dataset | ModelArtifact | TrainingFile | None
    if kind is ErasureKind.DATASET:
        found = find(table, keys.dataset(owner, erasure.id), Dataset)
    elif kind is ErasureKind.MODEL:
        found = find(table, keys.model(owner, erasure.id), ModelArtifact)
    else:
        found = find(table, keys.training_file(owner, erasure.id), TrainingFile)
    return found is None or found.deleted_at is not None


def drop(table: Table, erasure: Erasure) -> None:
    """Remove an appointment that nothing is left to be done for."""
    commit(table, [remove_unchanged(table, erasure)])


def save(table: Table, before: Erasure, after: Erasure) -> None:
    """Write what an appointment has become. Raises Conflict if it changed."""
    commit(table, [replace(table, before, after)])


def forget_job(table: Table, user_id: UserId, job_id: str, has_time: HasTime) -> bool:
    """Remove a job and all that happened to it; return whether all of it is gone."""
    if not forget_group(table, Group(keys.job_partition(job_id), ""), has_time):
        return False
    commit(table, [remove(table, keys.job(user_id, job_id))])
    return True


def move_costs(table: Table, user_id: UserId, has_time: HasTime) -> bool:
    """Keep what a user cost, without whose it was; return whether all of it is moved.

    The sums by day and month move with the records' own transactions, so that totals stay true.
    """
    for record in all_records(table, keys.costs(user_id), CostRecord):
        if not has_time():
            return False
        own = place(record).key
        nobodys = {"user_id": ERASED, "job_name": None, "dataset_name": None}
        kept = record.model_copy(update=nobodys)
        commit(table, [put(table, kept, place(kept)), remove(table, own)])
    for sk in list(_sort_keys(table, Group(keys.user(user_id), "SUM#"))):
        if sk.startswith(("SUM#SPEND#", "SUM#MONTH#")):
            _move_sum(table, Key(keys.user(user_id), sk))
    return True


def _move_sum(table: Table, own: Key) -> None:
    found = numbers(table, own)
    machinery = ("version", "tries", "expires_at")
    amounts = {name: amount for name, amount in found.items() if name not in machinery}
    moved = add(table, Key(keys.user(ERASED), own.sk), {**amounts})
    commit(table, [moved, remove(table, own)])


def forget_user(table: Table, erasure: Erasure, clock: Clock, has_time: HasTime) -> bool:
    """Remove everything that is left of a user, the appointment last; return whether it is done.

    Jobs and costs are dealt with before.
    """
    owner = erasure.user_id
    last = place(erasure).key.sk
    everything = Group(keys.user(owner), "")
    for hash_key in _partitions_of_keys(table, owner):
        _delete(table, [hash_key])
    if not forget_group(table, everything, has_time, but=last):
        return False
    known = KnownUser(user_id=ERASED, seen_at=clock.at)
    locked_out = UserAccess(
        user_id=owner, disabled_at=clock.at, changed_by=ERASED, changed_at=clock.at
    )
    until = int(clock.at.timestamp()) + _TOKENS_LIVE_SECONDS
    told: Record = erased_user(erasure, at=clock.at)
    commit(
        table,
        [
            remove(table, keys.known_user(owner)),
            put(table, known, Place(keys.known_user(ERASED))),
            put(table, locked_out, place(locked_out), expires_at=until),
            put(table, told, place(told)),
            remove_unchanged(table, erasure),
        ],
    )
    return True


def _partitions_of_keys(table: Table, user_id: UserId) -> list[Key]:
    """Return where a user's API keys are, revoked ones among them."""
    pages = table.client.get_paginator("query").paginate(
        TableName=table.name,
        IndexName="list",
        KeyConditionExpression="#list_pk = :pk",
        ExpressionAttributeNames={"#list_pk": "list_pk"},
        ExpressionAttributeValues={":pk": keys.api_keys(user_id)},
    )
    return [Key(str(i["pk"]), str(i["sk"])) for page in pages for i in page["Items"]]


def forget_group(table: Table, group: Group, has_time: HasTime, *, but: str | None = None) -> bool:
    """Remove every item of a group, but one of this sort key; return whether all are gone."""
    batch: list[Key] = []
    for sk in _sort_keys(table, group):
        if not has_time():
            _delete(table, batch)
            return False
        if sk != but:
            batch.append(Key(group.pk, sk))
        if len(batch) == _BATCH:
            _delete(table, batch)
            batch = []
    _delete(table, batch)
    return True


def _sort_keys(table: Table, group: Group) -> Iterator[str]:
    condition, values = "#pk = :pk", {":pk": group.pk}
    names = {"#pk": "pk", "#sk": "sk"}
    if group.prefix:
        condition += " AND begins_with(#sk, :prefix)"
        values[":prefix"] = group.prefix
    pages = table.client.get_paginator("query").paginate(
        TableName=table.name,
        KeyConditionExpression=condition,
        ProjectionExpression="#sk",
        ExpressionAttributeNames=names,
        ExpressionAttributeValues=values,
    )
    for page in pages:
        yield from (str(item["sk"]) for item in page["Items"])


def _delete(table: Table, batch: list[Key]) -> None:
    """Remove up to 25 items; what DynamoDB puts off is asked for again, after a pause."""
    asked: dict[str, Any] = (
        {table.name: [{"DeleteRequest": {"Key": {"pk": k.pk, "sk": k.sk}}} for k in batch]}
        if batch
        else {}
    )
    while asked:
        answer = table.client.batch_write_item(RequestItems=asked)
        asked = dict(answer.get("UnprocessedItems") or {})
        if asked:
            table.sleep(_PAUSE_SECONDS)
