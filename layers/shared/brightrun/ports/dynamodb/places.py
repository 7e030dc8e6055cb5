"""Where each record lives in the one table: its key and its place in the list index. Pure."""

from functools import singledispatch

from brightrun.accounts.budget import MonthSpend, UserLimits
from brightrun.accounts.erasure import ErasedUser, Erasure
from brightrun.accounts.notification_delivery import Delivery, DeliverySettings
from brightrun.accounts.record import ApiKey, CostRecord, Notification
from brightrun.accounts.users import UserAccess
from brightrun.datasets.record import Dataset
from brightrun.jobs.events import JobEvent
from brightrun.jobs.record import Attempt, Job
from brightrun.models.record import ModelArtifact
from brightrun.ports.dynamodb import keys
from brightrun.ports.dynamodb.key_shapes import Kind, Place
from brightrun.records import Record
from brightrun.training.protocol import Point


@singledispatch
def place(record: Record) -> Place:
    """Return where `record` lives."""
    raise TypeError(type(record).__name__)


@place.register
def _(record: Dataset) -> Place:
    status = "deleted" if record.deleted_at else record.status
    return Place(
        keys.dataset(record.user_id, record.id),
        keys.listed(record.user_id, Kind.DATASET, status),
        record.id,
    )


@place.register
def _(record: Job) -> Place:
    return Place(
        keys.job(record.user_id, record.id),
        keys.listed(record.user_id, Kind.JOB, record.status),
        record.id,
    )


@place.register
def _(record: ModelArtifact) -> Place:
    if record.deleted_at:
        return Place(keys.model(record.user_id, record.id))
    rank = f"{record.quality_metrics.overall_score}#{record.id}"
    return Place(
        keys.model(record.user_id, record.id), keys.models_by_quality(record.user_id), rank
    )


@place.register
def _(record: Notification) -> Place:
    where = keys.notification(record.user_id, record.id)
    return Place(where) if record.read else Place(where, keys.unread(record.user_id), record.id)


@place.register
def _(record: CostRecord) -> Place:
    day = record.recorded_at.date().isoformat()
    return Place(keys.cost(record.user_id, day, record.job_id, record.cost_type))


@place.register
def _(record: ApiKey) -> Place:
    return Place(keys.api_key(record.key_hash), keys.api_keys(record.user_id), record.id)


@place.register
def _(record: MonthSpend) -> Place:
    return Place(keys.month(record.user_id, record.month))


@place.register
def _(record: UserAccess) -> Place:
    return Place(keys.user_access(record.user_id))


@place.register
def _(record: Erasure) -> Place:
    return Place(keys.erasures(record.user_id).key(f"{record.kind}#{record.id}"))


@place.register
def _(record: ErasedUser) -> Place:
    return Place(keys.ERASED_USERS.key(record.digest))


@place.register
def _(record: UserLimits) -> Place:
    return Place(keys.limits(record.user_id))


@place.register
def _(record: DeliverySettings) -> Place:
    return Place(keys.delivery_settings(record.user_id))


@place.register
def _(record: Delivery) -> Place:
    of_endpoint = record.webhook_endpoint_id
    way = record.channel if of_endpoint is None else f"{record.channel}#{of_endpoint}"
    where = keys.delivery(record.user_id, record.notification_id, way)
    return Place(where, expires_at=keys.expiry(record.created_at + keys.DELIVERY_LIFE))


@place.register
def _(record: Attempt) -> Place:
    return Place(keys.attempt(record.job_id, record.number))


@place.register
def _(record: JobEvent) -> Place:
    return Place(keys.event(record.job_id, record.id))


def place_of_point(job_id: str, record: Point) -> Place:
    """Return where a metrics point lives; the point itself does not name its job."""
    return Place(keys.point(job_id, record.step))
