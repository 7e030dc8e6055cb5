"""Answers about an account and its stage that no view model of the rules holds. Pure."""

from datetime import date
from typing import Any

from brightrun.accounts.record import CostType, Notification, Scope
from brightrun.jobs.view import CostView
from brightrun.money import Usd
from brightrun.records import Moment, Record
from brightrun.training.catalog import TrainableModel
from brightrun.training.configuration import Hyperparameters, Preset


class SpentOnDay(Record):
    """What one day cost."""

    date: str
    amount: Usd


class Spending(Record):
    """What some days cost."""

    start_date: date
    end_date: date
    total_cost: Usd
    cost_by_type: dict[CostType, Usd]
    chart_data: tuple[SpentOnDay, ...]
    records: tuple[CostView, ...]
    cursor: str | None


class MonthlyBudget(Record):
    """Where a user stands this month, in USD; without a limit, `remaining` is null."""

    month: str
    monthly_limit: Usd | None
    spent: Usd
    committed: Usd
    remaining: Usd | None
    warn_at_percent: tuple[int, ...]


class NotificationsPage(Record):
    """One page of notifications, newest first."""

    notifications: tuple[Notification, ...]
    unread_count: int
    cursor: str | None


class MarkedRead(Record):
    """How many notifications were marked, and how many are left."""

    marked: int
    unread_count: int


class Key(Record):
    """An API key without its secret."""

    id: str
    name: str
    hint: str
    scopes: tuple[Scope, ...]
    created_at: Moment
    ends_at: Moment | None
    last_used_at: Moment | None
    revoked_at: Moment | None


class MadeKey(Record):
    """A new key; its secret is shown this once."""

    api_key: Key
    secret: str


class Keys(Record):
    """Every key of a user, newest first."""

    api_keys: tuple[Key, ...]


class OfferedPreset(Record):
    """A named set of hyperparameters."""

    preset_id: Preset
    description: str
    hyperparameters: Hyperparameters


class OfferedGpu(Record):
    """A GPU type and the counts that can be started."""

    type: str
    hourly_rate: Usd
    tokens_per_second: int
    memory_gb: int
    available: bool
    counts: tuple[int, ...]
    trainable: bool


class OfferedDefaults(Record):
    """What is taken where nothing is named."""

    preset_id: Preset
    gpu_type: str
    gpu_count: int
    base_model: str


class StageLimits(Record):
    """What is refused beyond."""

    max_gpu_count: int
    max_dataset_size_bytes: int
    max_active_jobs: int
    hyperparameters: dict[str, Any]


class Offer(Record):
    """What a job can be configured with on this stage."""

    presets: tuple[OfferedPreset, ...]
    gpu_types: tuple[OfferedGpu, ...]
    base_models: tuple[TrainableModel, ...]
    defaults: OfferedDefaults
    limits: StageLimits


class Identity(Record):
    """Whose key it is."""

    user_id: str
    email: str | None
    groups: tuple[str, ...]


class SignIn(Record):
    """Where people sign in; nothing of it is a secret."""

    stage: str
    region: str
    user_pool_id: str
    user_pool_client_id: str
    cognito_endpoint: str


class UserTotals(Record):
    """One user's counts by status, and what was spent this month."""

    user_id: str
    seen_at: Moment
    datasets: dict[str, int]
    jobs: dict[str, int]
    models: dict[str, int]
    spent_this_month: Usd


class UsersPage(Record):
    """One page of users; `cursor` leads on."""

    users: tuple[UserTotals, ...]
    cursor: str | None
