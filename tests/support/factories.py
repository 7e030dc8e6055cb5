"""Values for tests: complete and dull, so that a test names only what matters to it."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from brightrun.accounts.erasure import Erasure, ErasureKind, erasure_of
from brightrun.accounts.record import (
    ApiKey,
    CostDetails,
    CostRecord,
    CostType,
    Notification,
    NotificationType,
    Priority,
)
from brightrun.accounts.tokens import digest
from brightrun.datasets.record import Dataset, DatasetStatus, DatasetSummary, Statistics, Verdict
from brightrun.jobs.record import Attempt, Job
from brightrun.models.quality import Quality
from brightrun.models.record import Configuration, JobTimes, ModelArtifact, TrainingSummary
from brightrun.records import UserId
from brightrun.training.configuration import PRESETS, GpuConfig, Preset
from brightrun.training.protocol import RunSummary, StoredFile

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
ADA = UserId("ada")
BOB = UserId("bob")
DATASET_ID = "019aa0c0-0000-7000-8000-0000000000d1"
JOB_ID = "019aa0c0-0000-7000-8000-0000000000a1"
MODEL_ID = "019aa0c0-0000-7000-8000-0000000000b1"
NOTE_ID = "019aa0c0-0000-7000-8000-0000000000f1"
KEY_ID = "019aa0c0-0000-7000-8000-0000000000c1"
SHA256 = "ab" * 32


def a_verdict(**facts: Any) -> Verdict:
    """1,000 pairs and 200,000 tokens, ready: the spec's worked example."""
    counted = Statistics(
        rows=1000,
        trained_rows=1000,
        conversations=250,
        total_training_pairs=1000,
        total_tokens=200_000,
    )
    known: dict[str, Any] = {"training_ready": True, "statistics": counted}
    return Verdict(**known | facts)


def a_dataset(**facts: Any) -> Dataset:
    """A ready dataset of Ada's."""
    known: dict[str, Any] = {
        "id": DATASET_ID,
        "user_id": ADA,
        "name": "Bakery letters",
        "status": DatasetStatus.READY,
        "storage_bucket": "storage",
        "storage_path": f"datasets/ada/{DATASET_ID}/bakery.jsonl",
        "file_name": "bakery.jsonl",
        "file_size": 1234,
        "sha256": SHA256,
        "verdict": a_verdict(),
        "created_at": NOON,
        "updated_at": NOON,
    }
    return Dataset(**known | facts)


def a_job(**facts: Any) -> Job:
    """A job of Ada's that was just created."""
    known: dict[str, Any] = {
        "id": JOB_ID,
        "user_id": ADA,
        "dataset_id": DATASET_ID,
        "dataset": DatasetSummary(
            id=DATASET_ID,
            name="Bakery letters",
            format=None,
            total_training_pairs=1000,
            total_tokens=200_000,
        ),
        "dataset_path": f"datasets/ada/{DATASET_ID}/bakery.jsonl",
        "dataset_sha256": SHA256,
        "dataset_size_bytes": 1234,
        "preset_id": Preset.BALANCED,
        "name": "Bakery letters, balanced",
        "base_model": "brightrun/demo-base",
        "base_model_revision": "0" * 40,
        "hyperparameters": PRESETS[Preset.BALANCED],
        "gpu_config": GpuConfig(type="A100-80GB", count=2),
        "hourly_rate_usd": Decimal("3.50"),
        "total_epochs": 3,
        "queued_at": NOON,
        "estimated_total_cost": Decimal("4.32"),
        "estimated_cost_low": Decimal("4.32"),
        "estimated_cost_high": Decimal("4.32"),
        "created_at": NOON,
        "updated_at": NOON,
    }
    return Job(**known | facts)


def an_attempt(*, token: str = "unused", **facts: Any) -> Attempt:
    """The first attempt of `a_job`, whose worker holds `token`."""
    known: dict[str, Any] = {
        "job_id": JOB_ID,
        "user_id": ADA,
        "number": 1,
        "token_hash": digest(token),
        "endpoint_id": "endpoint-a100",
        "created_at": NOON,
    }
    return Attempt(**known | facts)


def an_api_key(*, token: str = "brk_unused", **facts: Any) -> ApiKey:
    """A key of Ada's, not revoked."""
    known: dict[str, Any] = {
        "id": KEY_ID,
        "user_id": ADA,
        "name": "laptop",
        "key_hash": digest(token),
        "hint": token[-4:],
        "created_at": NOON - timedelta(days=1),
    }
    return ApiKey(**known | facts)


def a_model(**facts: Any) -> ModelArtifact:
    """A published model of Ada's: four stars, two files."""
    job = a_job()
    files = (
        StoredFile(name="adapter_model.safetensors", size_bytes=1000, sha256=SHA256),
        StoredFile(name="manifest.json", size_bytes=200, sha256=SHA256),
    )
    model_id = facts.get("id", MODEL_ID)
    known: dict[str, Any] = {
        "id": MODEL_ID,
        "user_id": ADA,
        "job_id": JOB_ID,
        "job": JobTimes(
            id=JOB_ID,
            preset_id=job.preset_id,
            created_at=NOON,
            queued_at=NOON,
            started_at=NOON,
            completed_at=NOON,
            estimated_total_cost=job.estimated_total_cost,
            final_cost=Decimal("3.21"),
        ),
        "dataset_id": DATASET_ID,
        "dataset": job.dataset,
        "name": "Bakery letters - 2026-11-20",
        "base_model": job.base_model,
        "base_model_revision": job.base_model_revision,
        "quality_metrics": Quality(
            overall_score=4, convergence_quality="good", points=2, reason="It fell."
        ),
        "comparison": None,
        "samples": (),
        "training_summary": TrainingSummary(
            epochs_completed=3.0,
            total_steps=750,
            final_loss=0.9,
            training_duration_hours=0.5,
            total_cost=Decimal("3.21"),
            estimated_cost=Decimal("4.32"),
        ),
        "configuration": Configuration(
            preset_id=job.preset_id,
            hyperparameters=job.hyperparameters,
            gpu_config=job.gpu_config,
        ),
        "artifacts": {file.name: f"models/ada/{model_id}/{file.name}" for file in files},
        "manifest": files,
        "created_at": NOON,
        "updated_at": NOON,
    }
    return ModelArtifact(**known | facts)


def a_notification(**facts: Any) -> Notification:
    """Something Ada was told and has not read."""
    known: dict[str, Any] = {
        "id": NOTE_ID,
        "user_id": ADA,
        "type": NotificationType.JOB_QUEUED,
        "title": "Training Job Queued",
        "message": "It will start shortly",
        "priority": Priority.LOW,
        "action_url": f"/training/jobs/{JOB_ID}",
        "created_at": NOON,
    }
    return Notification(**known | facts)


def a_cost(**facts: Any) -> CostRecord:
    """What a job of Ada's cost."""
    known: dict[str, Any] = {
        "id": "019aa0c0-0000-7000-8000-0000000000e1",
        "user_id": ADA,
        "job_id": JOB_ID,
        "cost_type": CostType.TRAINING_COMPUTE,
        "amount": Decimal("3.50"),
        "details": CostDetails(
            gpu_type="A100-80GB",
            gpu_count=2,
            duration_hours=Decimal("0.5"),
            hourly_rate=Decimal("3.50"),
            attempts=1,
            seconds_source="provider",
        ),
        "billing_period": "2026-11",
        "recorded_at": NOON,
    }
    return CostRecord(**known | facts)


def an_erasure(target_id: str = DATASET_ID, **facts: Any) -> Erasure:
    """That something of Ada's was deleted at noon and is erased in thirty days."""
    known: dict[str, Any] = {"kind": ErasureKind.DATASET, "by": ADA, "at": NOON, "days": 30}
    return erasure_of(user_id=ADA, target_id=target_id, **known | facts)


def a_summary(**facts: Any) -> RunSummary:
    """What `a_job`'s worker counted: three epochs in 60 s of training."""
    known: dict[str, Any] = {
        "epochs_completed": 3.0,
        "total_steps": 750,
        "trained_rows": 1000,
        "validation_rows": 0,
        "trained_tokens": 100_000,
        "final_training_loss": 1.0,
        "final_validation_loss": None,
        "training_seconds": 60.0,
        "probe_max_difference": 0.0,
    }
    return RunSummary(**known | facts)
