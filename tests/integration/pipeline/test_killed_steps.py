"""A step that kills its function each time - by its time, by its memory - ends with a reason.

Covers: datasets.lifecycle, datasets.notifications, s3_keys.
"""

from dataclasses import dataclass, replace
from typing import Any

import httpx

from brightrun.accounts.budget import MonthSpend
from brightrun.accounts.notification_delivery import Delivery, DeliverySettings
from brightrun.accounts.record import Notification
from brightrun.datasets.record import Dataset, DatasetStatus
from brightrun.ports.dynamodb import keys
from brightrun.ports.dynamodb.accounts.notification_settings import save_delivery_settings
from brightrun.ports.dynamodb.datasets import create_dataset
from brightrun.ports.dynamodb.table import Table, all_records, find
from brightrun.ports.notification_channels import NotificationChannels
from brightrun.ports.public_web import PublicWeb
from brightrun.ports.s3.objects import Store
from brightrun.runtime import Deps
from brightrun.work import Work, work_of
from functions.create_artifacts import app as create_artifacts
from functions.process_jobs import app as process_jobs
from functions.validate_dataset import app as validate_dataset
from tests.support.factories import ADA, DATASET_ID, NOON, a_dataset
from tests.support.fault_injection import Killed, kill, killed
from tests.support.harness import World

ONE_ROW = b'{"prompt": "What is 1 + 1?", "completion": "It is 2."}\n'


@dataclass(frozen=True)
class Deadly:
    """A client of AWS in whose one call the process is killed."""

    client: Any
    call: str

    def __getattr__(self, name: str) -> Any:
        return kill if name == self.call else getattr(self.client, name)


def deadly_store(deps: Deps, call: str) -> Deps:
    return replace(deps, store=Store(Deadly(deps.store.client, call), deps.store.bucket))  # type: ignore[arg-type]


# ---- datasets


def uploaded(deps: Deps, **facts: Any) -> None:
    known: dict[str, Any] = {
        "status": DatasetStatus.VALIDATING, "file_size": len(ONE_ROW) * 12, "sha256": None,
        "verdict": None, "work": work_of(Work.VALIDATE, DATASET_ID), "due_at": NOON,
    }  # fmt: skip
    dataset = a_dataset(**known | facts)
    create_dataset(deps.table, dataset)
    deps.store.client.put_object(
        Bucket=deps.store.bucket, Key=dataset.storage_path, Body=ONE_ROW * 12
    )


def dataset_in(table: Table) -> Dataset:
    dataset = find(table, keys.dataset(ADA, DATASET_ID), Dataset)
    assert dataset is not None
    return dataset


def told(table: Table) -> list[str]:
    notes = all_records(table, keys.notifications(ADA), Notification)
    return [note.type for note in notes]


def test_a_validation_that_outlives_its_function_ends_after_so_many_tries(world: World) -> None:
    uploaded(world.deps)
    deadly = deadly_store(world.deps, "get_object")
    killed(world, 3, lambda: validate_dataset.handle({}, None, deadly))
    validate_dataset.handle({}, None, deadly)

    dataset = dataset_in(world.deps.table)
    assert (dataset.status, dataset.work, dataset.tries) == ("error", None, 3)
    assert "it was begun 3 times and broken off" in (dataset.error_message or "")
    assert told(world.deps.table) == ["dataset_failed"]


@dataclass(frozen=True)
class Slow:
    """A client of storage with whose every answer a quarter of an hour goes by."""

    client: Any
    world: World

    def __getattr__(self, name: str) -> Any:
        if name == "get_object":
            self.world.clock.pass_by(900)
        return getattr(self.client, name)


def test_a_validation_has_an_end_of_its_own(world: World) -> None:
    """After 800 s it is given up in words, and not begun again: it would take as long again."""
    uploaded(world.deps)
    store = Store(Slow(world.deps.store.client, world), world.deps.store.bucket)  # type: ignore[arg-type]
    validate_dataset.handle({}, None, replace(world.deps, store=store))

    dataset = dataset_in(world.deps.table)
    assert (dataset.status, dataset.work) == ("error", None)
    assert "too complex to validate" in (dataset.error_message or "")


def test_how_often_a_validation_is_tried_is_a_setting(world: World) -> None:
    uploaded(world.deps)
    limits = world.deps.limits.model_copy(update={"max_validation_failures": 1})
    settings = world.deps.settings.model_copy(update={"limits": limits})
    deadly = replace(deadly_store(world.deps, "get_object"), settings=settings)
    killed(world, 1, lambda: validate_dataset.handle({}, None, deadly))
    validate_dataset.handle({}, None, deadly)

    assert dataset_in(world.deps.table).status == "error"


def test_a_validation_that_works_in_the_end_is_counted_anew(world: World) -> None:
    uploaded(world.deps)
    deadly = deadly_store(world.deps, "get_object")
    killed(world, 2, lambda: validate_dataset.handle({}, None, deadly))
    validate_dataset.handle({}, None, world.deps)

    dataset = dataset_in(world.deps.table)
    assert (dataset.status, dataset.tries) == ("ready", 0)


def test_an_upload_that_kills_whoever_looks_for_it_expires_all_the_same(world: World) -> None:
    waits = work_of(Work.EXPIRE_UPLOAD, DATASET_ID)
    uploaded(world.deps, status=DatasetStatus.UPLOADING, work=waits)
    deadly = deadly_store(world.deps, "head_object")
    killed(world, 3, lambda: validate_dataset.handle({}, None, deadly))
    validate_dataset.handle({}, None, deadly)

    dataset = dataset_in(world.deps.table)
    assert (dataset.status, dataset.work) == ("error", None)
    assert told(world.deps.table) == ["dataset_failed"]


def test_an_upload_of_other_bytes_than_declared_is_not_looked_at_for_ever(world: World) -> None:
    waits = work_of(Work.EXPIRE_UPLOAD, DATASET_ID)
    uploaded(world.deps, status=DatasetStatus.UPLOADING, work=waits, file_size=7)
    world.deps.store.client.put_object(
        Bucket="storage",
        Key=dataset_in(world.deps.table).storage_path,
        Body=b"7 bytes",
        ChecksumAlgorithm="SHA256",
    )
    declared = dataset_in(world.deps.table).model_copy(update={"sha256": "00" * 32})
    create_anew(world.deps.table, declared)
    for _ in range(3):
        validate_dataset.handle({}, None, world.deps)
        world.clock.pass_by(1000)

    assert dataset_in(world.deps.table).status == "error"


def create_anew(table: Table, dataset: Dataset) -> None:
    table.client.update_item(
        TableName=table.name,
        Key={"pk": keys.dataset(ADA, DATASET_ID).pk, "sk": keys.dataset(ADA, DATASET_ID).sk},
        UpdateExpression="SET sha256 = :declared",
        ExpressionAttributeValues={":declared": dataset.sha256},
    )


# ---- models
def test_a_model_that_cannot_be_assembled_in_time_fails_its_job_visibly(world: World) -> None:
    world.queue_job()
    world.tick()
    worker = world.worker("run-1")
    worker.start()
    worker.finishes()
    process_jobs.run_pass(world.deps)
    deadly = deadly_store(world.deps, "copy_object")
    killed(world, 5, lambda: create_artifacts.handle({}, None, deadly))
    create_artifacts.handle({}, None, deadly)

    job = world.job()
    assert (job.status, job.error_code) == ("failed", "internal_error")
    assert "it was begun 5 times and broken off" in (job.error_message or "")
    assert (world.models(), len(world.costs())) == ([], 1)
    assert "job_failed" in told(world.deps.table)


# ---- beside the jobs


def test_a_delivery_that_kills_its_sender_is_left_after_six_tries(world: World) -> None:
    web = PublicWeb(httpx.Client(), kill)
    world.deps = replace(world.deps, channels=NotificationChannels(None, web))
    on = DeliverySettings(
        user_id=ADA,
        webhook_url="https://hooks.example/x",
        webhook_secret="whsec_c2VjcmV0",  # pragma: allowlist secret
        changed_at=NOON,
    )
    save_delivery_settings(world.deps.table, None, on)
    uploaded(world.deps)
    validate_dataset.handle({}, None, world.deps)
    killed(world, 6, lambda: process_jobs.run_pass(world.deps))
    process_jobs.run_pass(world.deps)

    (delivery,) = all_records(world.deps.table, keys.deliveries(ADA), Delivery)
    assert (delivery.status, delivery.tries, delivery.work) == ("failed", 6, None)


def test_a_month_that_cannot_be_looked_at_is_left_until_its_next_cost(world: World) -> None:
    month = MonthSpend(
        user_id=ADA, month="2026-11", work=work_of(Work.WARN, ADA), due_at=NOON
    ).model_dump(mode="json")
    where = keys.month(ADA, "2026-11")
    world.deps.table.client.put_item(
        TableName="records", Item={**month, "pk": where.pk, "sk": where.sk, "spent": 1}
    )
    deadly = replace(world.deps, table=DeadlyLimits(world.deps.table).table)
    killed(world, 8, lambda: process_jobs.run_pass(deadly))
    process_jobs.run_pass(deadly)

    left = find(world.deps.table, where, MonthSpend)
    assert left is not None
    assert (left.work, left.warned) == (None, ())


@dataclass(frozen=True)
class DeadlyLimits:
    """A table in which reading a user's limits kills."""

    behind: Table

    @property
    def table(self) -> Table:
        return replace(self.behind, client=self)  # type: ignore[arg-type]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.behind.client, name)

    def get_item(self, **asked: Any) -> Any:
        if asked["Key"]["sk"] == "LIMITS":
            raise Killed
        return self.behind.client.get_item(**asked)
