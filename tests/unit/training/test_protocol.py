"""Versions of worker and API may differ for a while: neither may lose what was paid for."""

import pytest
from pydantic import ValidationError

from brightrun.training.protocol import FinishRequest, ReportRequest, TrainingSpec

A_SPEC = {
    "job_id": "job",
    "base_model": {"id": "brightrun/demo-base", "revision": "0" * 40},
    "hyperparameters": {},
}


def test_what_a_newer_worker_adds_to_its_verdict_is_ignored() -> None:
    """Refusing it would lose a finished training, three times over."""
    said = {
        "outcome": "succeeded",
        "execution_seconds": 9,
        "manifest": [{"name": "a", "size_bytes": 1, "sha256": "ab" * 32, "new": 1}],
        "summary": {
            "epochs_completed": 1, "total_steps": 1, "trained_rows": 1, "validation_rows": 0,
            "trained_tokens": 5, "final_training_loss": 1.0, "final_validation_loss": None,
            "training_seconds": 1.0, "probe_max_difference": 0.0, "new": {"deep": True},
        },
        "new": "field",
    }  # fmt: skip

    heard = FinishRequest.model_validate(said)

    assert heard.outcome == "succeeded"
    assert heard.summary is not None
    assert heard.summary.total_steps == 1


def test_what_a_newer_worker_adds_to_a_report_is_ignored() -> None:
    point = {"step": 1, "epoch": 0.1, "timestamp": "2026-11-20T12:00:00Z", "new": 1}

    heard = ReportRequest.model_validate(
        {"sequence": 0, "stage": "training", "points": [point], "new": 1}
    )

    assert heard.points[0].step == 1


def test_an_older_worker_refuses_a_specification_it_does_not_know_whole() -> None:
    """Training something else than was ordered would be worse than not training."""
    with pytest.raises(ValidationError, match="new"):
        TrainingSpec.model_validate(A_SPEC | {"new": 1})
    assert TrainingSpec.model_validate(A_SPEC).job_id == "job"
