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
| validations | USER#u | TURNS | | |
| audit entry | USER#u | AUDIT#time#… | | |
| call rate | USER#u | RATE#name, USER or a key's id | | |
| worker's rate | JOB#id | RATE#0001 | | |
| access | ACCESS#u | ACCESS | | |
| delivery | USER#u | OUT#note#channel, an endpoint by its id too | deliver | |
| request key | USER#u | REQUEST#key | | |
| erasure | USER#u | ERASE#kind#id | erase | |
| erased user | ERASED | digest | | |
| training file | USER#u | FILE#id | | |
| API key | KEY#hash | KEY | | USER#u#KEY |
| endpoint | ENDPOINT | id | | |
| watchdog | WATCHDOG | ROUND | | |
| set aside | ASIDE | pk of the item, bar, its sk | | |
| attempt | JOB#id | ATTEMPT#0001 | confirm | |
| event | JOB#id | EVENT#id | | |
| metrics point | JOB#id | METRIC#0000001 | | |
"""

from datetime import timedelta

from brightrun.ports.dynamodb.key_shapes import Group, Key, Kind
from brightrun.records import Moment


def user(user_id: str) -> str:
    """Return the partition of everything one user owns."""
    return f"USER#{user_id}"


def job_partition(job_id: str) -> str:
    """Return the partition of what happened to one job."""
    return f"JOB#{job_id}"


def datasets(user_id: str) -> Group:
    """Return all datasets of a user."""
    return Group(user(user_id), "DATASET#")


def dataset(user_id: str, dataset_id: str) -> Key:
    """Return the key of a dataset of this user; another user's cannot be spelled."""
    return datasets(user_id).key(dataset_id)


def jobs(user_id: str) -> Group:
    """Return all jobs of a user."""
    return Group(user(user_id), "JOB#")


def job(user_id: str, job_id: str) -> Key:
    """Return the key of a job of this user."""
    return jobs(user_id).key(job_id)


def models(user_id: str) -> Group:
    """Return all models of a user."""
    return Group(user(user_id), "MODEL#")


def model(user_id: str, model_id: str) -> Key:
    """Return the key of a model of this user."""
    return models(user_id).key(model_id)


def notifications(user_id: str) -> Group:
    """Return all notifications of a user."""
    return Group(user(user_id), "NOTE#")


def notification(user_id: str, notification_id: str) -> Key:
    """Return the key of a notification of this user."""
    return notifications(user_id).key(notification_id)


def costs(user_id: str) -> Group:
    """Return all cost records of a user, by day."""
    return Group(user(user_id), "COST#")


def cost(user_id: str, day: str, job_id: str, cost_type: str = "training_compute") -> Key:
    """Return the key of the one cost record of its type that a job has; `day` is YYYY-MM-DD."""
    of_type = "" if cost_type == "training_compute" else f"#{cost_type}"
    return costs(user_id).key(f"{day}#{job_id}{of_type}")


def counts(user_id: str, kind: Kind) -> Key:
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


def deliveries(user_id: str) -> Group:
    """Return all that left the house for a user."""
    return Group(user(user_id), "OUT#")


def delivery(user_id: str, notification_id: str, way: str) -> Key:
    """Return the key of one notification on one way out."""
    return deliveries(user_id).key(f"{notification_id}#{way}")


def user_access(user_id: str) -> Key:
    """Return the key of whether a user may come in; apart, because the authorizer reads it."""
    return Key(f"ACCESS#{user_id}", "ACCESS")


def audit(user_id: str) -> Group:
    """Return all that was changed of what a user owns."""
    return Group(user(user_id), "AUDIT#")


def buckets(user_id: str) -> Group:
    """Return how fast a user and each of their keys has called of late."""
    return Group(user(user_id), "RATE#")


def worker_bucket(job_id: str, attempt: int) -> Key:
    """Return how fast the worker of one attempt has called of late."""
    return Key(job_partition(job_id), f"RATE#{attempt:04d}")


def validation_turns(user_id: str) -> Key:
    """Return the key of what is being validated for a user."""
    return Key(user(user_id), "TURNS")


def uses(user_id: str, dataset_id: str) -> Key:
    """Return the key of how many jobs that have not ended use a dataset."""
    return Key(user(user_id), f"SUM#USES#{dataset_id}")


def request(user_id: str, idempotency_key: str) -> Key:
    """Return the key that remembers which job an `Idempotency-Key` made."""
    return Key(user(user_id), f"REQUEST#{idempotency_key}")


def content(user_id: str, sha256: str) -> Key:
    """Return the key that remembers which dataset of this user last had this content."""
    return Key(user(user_id), f"CONTENT#{sha256}")


def erasures(user_id: str) -> Group:
    """Return all that was deleted of a user's and is going to be erased: `kind#id`."""
    return Group(user(user_id), "ERASE#")


def training_files(user_id: str) -> Group:
    """Return all entries of a user's library."""
    return Group(user(user_id), "FILE#")


def training_file(user_id: str, file_id: str) -> Key:
    """Return the key of an entry of this user's library."""
    return training_files(user_id).key(file_id)


def api_key(key_hash: str) -> Key:
    """Return the key of an API key by the SHA-256 of its secret."""
    return Key(f"KEY#{key_hash}", "KEY")


def attempts(job_id: str) -> Group:
    """Return all executions of a job."""
    return Group(job_partition(job_id), "ATTEMPT#")


def attempt(job_id: str, number: int) -> Key:
    """Return the key of one attempt."""
    return attempts(job_id).key(f"{number:04d}")


def events(job_id: str) -> Group:
    """Return all lines of a job's history."""
    return Group(job_partition(job_id), "EVENT#")


def event(job_id: str, event_id: str) -> Key:
    """Return the key of one line of a job's history."""
    return events(job_id).key(event_id)


def points(job_id: str) -> Group:
    """Return all points of a job's curve."""
    return Group(job_partition(job_id), "METRIC#")


def point(job_id: str, step: int) -> Key:
    """Return the key of the metrics of one step."""
    return points(job_id).key(f"{step:08d}")


def listed(user_id: str, kind: Kind, status: str) -> str:
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

USERS = Group("USERS", "")
"""Who uses the platform."""

HEALTH = Group("HEALTH", "")
"""When each background function last ran."""

ERASED_USERS = Group("ERASED", "")
"""That a user was erased, by a digest of their id."""

ASIDE = Group("ASIDE", "")
"""Items that wait for work and cannot be read."""

ASIDE_LIFE = timedelta(days=30)


def known_user(user_id: str) -> Key:
    """Return the key of a user among all users."""
    return USERS.key(user_id)


def samples(base_model: str, gpu_type: str) -> Group:
    """Return all that finished runs of a base model on a GPU type have shown."""
    return Group(f"CALIBRATION#{base_model}#{gpu_type}", "SAMPLE#")


def sample(base_model: str, gpu_type: str, job_id: str) -> Key:
    """Return the key of what one finished run has shown; newer jobs sort later."""
    return samples(base_model, gpu_type).key(job_id)


def calibration(base_model: str, gpu_type: str) -> Key:
    """Return the key that counts the runs of a base model on a GPU type, and so names them."""
    return Key("CALIBRATION", f"{base_model}#{gpu_type}")


WATCHDOG = Key("WATCHDOG", "ROUND")
"""The key of what the watchdog's newest round found."""


def endpoint(endpoint_id: str) -> Key:
    """Return the key of what was last seen of one GPU endpoint."""
    return Key("ENDPOINT", endpoint_id)


def expiry(moment: Moment) -> int:
    """Return a time as the seconds since 1970 that the table's TTL wants."""
    return int(moment.timestamp())
