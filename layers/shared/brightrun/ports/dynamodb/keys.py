"""Every key shape of the one table, in one place. Pure.

| Item | pk | sk | work index | list index |
|---|---|---|---|---|
| dataset | USER#u | DATASET#id | validate, expire_upload | USER#u#DATASET#status |
| job | USER#u | JOB#id | dispatch, watch, collect | USER#u#JOB#status |
| model | USER#u | MODEL#id | | USER#u#MODEL, stars then id |
| notification | USER#u | NOTE#id | | USER#u#UNREAD while unread |
| cost record | USER#u | COST#day#job | | |
| sums | USER#u | SUM#kind | | |
| month's spend | USER#u | SUM#MONTH#month | warn | |
| limits | USER#u | LIMITS | | |
| ways out | USER#u | DELIVERY | | |
| delivery | USER#u | OUT#note#channel | deliver | |
| request key | USER#u | REQUEST#key | | |
| training file | USER#u | FILE#id | | |
| API key | KEY#hash | KEY | | USER#u#KEY |
| endpoint | ENDPOINT | id | | |
| watchdog | WATCHDOG | ROUND | | |
| attempt | JOB#id | ATTEMPT#0001 | confirm | |
| event | JOB#id | EVENT#id | | |
| metrics point | JOB#id | METRIC#0000001 | | |
"""

from dataclasses import dataclass
from datetime import timedelta
from functools import singledispatch

from brightrun.accounts.budget import MonthSpend, UserLimits
from brightrun.accounts.notification_delivery import Delivery, DeliverySettings
from brightrun.accounts.record import ApiKey, CostRecord, Notification
from brightrun.datasets.record import Dataset
from brightrun.jobs.record import Attempt, Job, JobEvent
from brightrun.models.record import ModelArtifact
from brightrun.records import Moment, Record
from brightrun.training.protocol import Point


@dataclass(frozen=True)
class Key:
    """The primary key of one item."""

    pk: str
    sk: str


@dataclass(frozen=True)
class Place:
    """Where a record lives: its key, its place in the list index, and until when.

    Attributes:
        expires_at: seconds since 1970; None is for ever.
    """

    key: Key
    list_pk: str | None = None
    list_sk: str | None = None
    expires_at: int | None = None


def user(user_id: str) -> str:
    """Return the partition of everything one user owns."""
    return f"USER#{user_id}"


def job_partition(job_id: str) -> str:
    """Return the partition of what happened to one job."""
    return f"JOB#{job_id}"


def dataset(user_id: str, dataset_id: str) -> Key:
    """Return the key of a dataset of this user; another user's cannot be spelled."""
    return Key(user(user_id), f"DATASET#{dataset_id}")


def job(user_id: str, job_id: str) -> Key:
    """Return the key of a job of this user."""
    return Key(user(user_id), f"JOB#{job_id}")


def model(user_id: str, model_id: str) -> Key:
    """Return the key of a model of this user."""
    return Key(user(user_id), f"MODEL#{model_id}")


def notification(user_id: str, notification_id: str) -> Key:
    """Return the key of a notification of this user."""
    return Key(user(user_id), f"NOTE#{notification_id}")


def cost(user_id: str, day: str, job_id: str) -> Key:
    """Return the key of the one cost record of a job; `day` is YYYY-MM-DD."""
    return Key(user(user_id), f"COST#{day}#{job_id}")


def counts(user_id: str, kind: str) -> Key:
    """Return the key of the running counts by status of one kind (DATASET, JOB, …)."""
    return Key(user(user_id), f"SUM#COUNT#{kind}")


def spend(user_id: str, day: str) -> Key:
    """Return the key of what was spent on one day, one attribute per cost type."""
    return Key(user(user_id), f"SUM#SPEND#{day}")


def month(user_id: str, month_name: str) -> Key:
    """Return the key of what was spent in one month, `2026-11`."""
    return Key(user(user_id), f"SUM#MONTH#{month_name}")


def committed(user_id: str) -> Key:
    """Return the key of what the jobs that have not ended can cost at most."""
    return Key(user(user_id), "SUM#COMMITTED")


def limits(user_id: str) -> Key:
    """Return the key of what an administrator allowed a user."""
    return Key(user(user_id), "LIMITS")


def delivery_settings(user_id: str) -> Key:
    """Return the key of the ways out of the house that a user has switched on."""
    return Key(user(user_id), "DELIVERY")


def delivery(user_id: str, notification_id: str, channel: str) -> Key:
    """Return the key of one notification on one way out."""
    return Key(user(user_id), f"OUT#{notification_id}#{channel}")


def uses(user_id: str, dataset_id: str) -> Key:
    """Return the key of how many jobs that have not ended use a dataset."""
    return Key(user(user_id), f"SUM#USES#{dataset_id}")


def request(user_id: str, idempotency_key: str) -> Key:
    """Return the key that remembers which job an `Idempotency-Key` made."""
    return Key(user(user_id), f"REQUEST#{idempotency_key}")


def content(user_id: str, sha256: str) -> Key:
    """Return the key that remembers which dataset of this user last had this content."""
    return Key(user(user_id), f"CONTENT#{sha256}")


def training_file(user_id: str, file_id: str) -> Key:
    """Return the key of an entry of this user's library."""
    return Key(user(user_id), f"FILE#{file_id}")


def api_key(key_hash: str) -> Key:
    """Return the key of an API key by the SHA-256 of its secret."""
    return Key(f"KEY#{key_hash}", "KEY")


def attempt(job_id: str, number: int) -> Key:
    """Return the key of one attempt."""
    return Key(job_partition(job_id), f"ATTEMPT#{number:04d}")


def event(job_id: str, event_id: str) -> Key:
    """Return the key of one line of a job's story."""
    return Key(job_partition(job_id), f"EVENT#{event_id}")


def point(job_id: str, step: int) -> Key:
    """Return the key of the metrics of one step."""
    return Key(job_partition(job_id), f"METRIC#{step:08d}")


def listed(user_id: str, kind: str, status: str) -> str:
    """Return the list-index partition of one user's items of a kind in one status."""
    return f"{user(user_id)}#{kind}#{status}"


def models_by_quality(user_id: str) -> str:
    """Return the list-index partition of one user's models, best last."""
    return f"{user(user_id)}#MODEL"


def unread(user_id: str) -> str:
    """Return the list-index partition of one user's unread notifications."""
    return f"{user(user_id)}#UNREAD"


def api_keys(user_id: str) -> str:
    """Return the list-index partition of one user's API keys."""
    return f"{user(user_id)}#KEY"


DELIVERY_LIFE = timedelta(days=30)
"""How long the log of what left the house is kept."""

USERS = "USERS"
"""The partition that lists who uses the platform."""


def known_user(user_id: str) -> Key:
    """Return the key of a user among all users."""
    return Key(USERS, user_id)


def sample(base_model: str, gpu_type: str, job_id: str) -> Key:
    """Return the key of what one finished run has shown; newer jobs sort later."""
    return Key(f"CALIBRATION#{base_model}#{gpu_type}", f"SAMPLE#{job_id}")


def calibration(base_model: str, gpu_type: str) -> Key:
    """Return the key that counts the runs of a base model on a GPU type, and so names them."""
    return Key("CALIBRATION", f"{base_model}#{gpu_type}")


WATCHDOG = Key("WATCHDOG", "ROUND")
"""The key of what the watchdog's newest round found."""


def endpoint(endpoint_id: str) -> Key:
    """Return the key of what was last seen of one GPU endpoint."""
    return Key("ENDPOINT", endpoint_id)


@singledispatch
def place(record: Record) -> Place:
    """Return where `record` lives."""
    raise TypeError(type(record).__name__)


@place.register
def _(record: Dataset) -> Place:
    status = "deleted" if record.deleted_at else record.status
    return Place(
        dataset(record.user_id, record.id), listed(record.user_id, "DATASET", status), record.id
    )


@place.register
def _(record: Job) -> Place:
    return Place(
        job(record.user_id, record.id), listed(record.user_id, "JOB", record.status), record.id
    )


@place.register
def _(record: ModelArtifact) -> Place:
    if record.deleted_at:
        return Place(model(record.user_id, record.id))
    rank = f"{record.quality_metrics.overall_score}#{record.id}"
    return Place(model(record.user_id, record.id), models_by_quality(record.user_id), rank)


@place.register
def _(record: Notification) -> Place:
    where = notification(record.user_id, record.id)
    return Place(where) if record.read else Place(where, unread(record.user_id), record.id)


@place.register
def _(record: CostRecord) -> Place:
    return Place(cost(record.user_id, record.recorded_at.date().isoformat(), record.job_id))


@place.register
def _(record: ApiKey) -> Place:
    return Place(api_key(record.key_hash), api_keys(record.user_id), record.id)


@place.register
def _(record: MonthSpend) -> Place:
    return Place(month(record.user_id, record.month))


@place.register
def _(record: UserLimits) -> Place:
    return Place(limits(record.user_id))


@place.register
def _(record: DeliverySettings) -> Place:
    return Place(delivery_settings(record.user_id))


@place.register
def _(record: Delivery) -> Place:
    where = delivery(record.user_id, record.notification_id, record.channel)
    return Place(where, expires_at=expiry(record.created_at + DELIVERY_LIFE))


@place.register
def _(record: Attempt) -> Place:
    return Place(attempt(record.job_id, record.number))


@place.register
def _(record: JobEvent) -> Place:
    return Place(event(record.job_id, record.id))


def place_of_point(job_id: str, record: Point) -> Place:
    """Return where a metrics point lives; the point itself does not name its job."""
    return Place(point(job_id, record.step))


def expiry(moment: Moment) -> int:
    """Return a time as the seconds since 1970 that the table's TTL wants."""
    return int(moment.timestamp())
