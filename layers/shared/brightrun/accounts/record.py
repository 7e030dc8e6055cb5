"""Identity, API keys, notifications and costs as they are stored. Pure."""

from decimal import Decimal
from enum import StrEnum

from pydantic import Field

from brightrun.records import Moment, Record, UserId


class PrincipalKind(StrEnum):
    """What kind of caller the authorizer saw."""

    USER = "user"
    WORKER = "worker"
    ANONYMOUS = "anonymous"


class Scope(StrEnum):
    """What an API key opens."""

    READ = "read"
    WRITE = "write"
    KEYS = "keys"


USUAL_SCOPES = (Scope.READ, Scope.WRITE)
"""Of a key for which none were chosen: everything but making other keys."""


class Principal(Record):
    """Who is calling, as the authorizer found it; never taken from a request's own claims.

    Attributes:
        reason: why it is anonymous, in words for the 401.
        scopes: what the key opens; null for whoever signed in: everything.
        job_id: for a worker, the one job, and `attempt` the one attempt, it may speak for.
    """

    kind: PrincipalKind
    user_id: UserId | None = None
    email: str | None = None
    is_admin: bool = False
    key_id: str | None = None
    scopes: tuple[Scope, ...] | None = None
    job_id: str | None = None
    attempt: int | None = None
    reason: str | None = None


class ApiKey(Record):
    """A long-lived secret of a user, stored as its SHA-256 only.

    Attributes:
        ends_at: from when on it opens nothing; null: until it is revoked.
    """

    id: str
    user_id: UserId
    version: int = 1
    name: str
    key_hash: str
    hint: str
    scopes: tuple[Scope, ...] = USUAL_SCOPES
    created_at: Moment
    ends_at: Moment | None = None
    revoked_at: Moment | None = None


class NotificationType(StrEnum):
    """What a user is told about (spec: section 6)."""

    DATASET_READY = "dataset_ready"
    DATASET_FAILED = "dataset_failed"
    JOB_QUEUED = "job_queued"
    JOB_STARTED = "job_started"
    JOB_COMPLETED = "job_completed"
    JOB_FAILED = "job_failed"
    JOB_CANCELLED = "job_cancelled"
    ARTIFACT_READY = "artifact_ready"
    CHECKPOINT_EXPIRING = "checkpoint_expiring"
    BUDGET_WARNING = "budget_warning"
    BUDGET_EXCEEDED = "budget_exceeded"


class Priority(StrEnum):
    """How urgent a notification is."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Notification(Record):
    """One message to a user; `action_url` is the page it leads to."""

    id: str
    user_id: UserId
    version: int = 1
    type: NotificationType
    title: str
    message: str
    priority: Priority
    read: bool = False
    action_url: str
    metadata: dict[str, str] = Field(default_factory=dict)
    created_at: Moment


class CostType(StrEnum):
    """What money was spent on."""

    TRAINING_COMPUTE = "training_compute"
    STORAGE = "storage"
    EVALUATION = "evaluation"
    TRANSFER = "transfer"


class CostDetails(Record):
    """How an amount came about; what does not belong to its type is null."""

    gpu_type: str | None = None
    gpu_count: int | None = None
    duration_hours: Decimal | None = None
    hourly_rate: Decimal | None = None
    attempts: int | None = None
    seconds_source: str | None = None


class CostRecord(Record):
    """What one job cost, written once when it ends, however it ends; a model's storage beside it.

    Attributes:
        job_name, dataset_name, job_status: of the job as it ended; null in earlier records.
    """

    id: str
    user_id: UserId
    job_id: str
    job_name: str | None = None
    dataset_name: str | None = None
    job_status: str | None = None
    cost_type: CostType
    amount: Decimal
    details: CostDetails
    billing_period: str
    recorded_at: Moment
