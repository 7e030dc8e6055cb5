"""Values for tests: complete and dull, so that a test names only what matters to it."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from brightrun.accounts.record import ApiKey
from brightrun.accounts.tokens import digest
from brightrun.datasets.record import Dataset, DatasetStatus, Statistics, Verdict
from brightrun.jobs.record import Attempt, DatasetSummary, Job
from brightrun.records import UserId
from brightrun.training.configuration import PRESETS, GpuConfig, Preset

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
ADA = UserId("ada")
BOB = UserId("bob")
DATASET_ID = "019aa0c0-0000-7000-8000-0000000000d1"
JOB_ID = "019aa0c0-0000-7000-8000-0000000000a1"
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
