"""What the demo says of a job: only what is known."""

from datetime import UTC, datetime
from typing import Any

from local.demo.view import job_facts

NOON = datetime(2026, 11, 20, 12, 0, 0, tzinfo=UTC)
NEW: dict[str, Any] = {
    "status": "queued",
    "current_stage": "queued",
    "current_step": 0,
    "total_steps": 0,
    "current_metrics": None,
    "estimated_completion_at": None,
    "current_cost": 0.0,
    "final_cost": None,
}


def test_of_a_new_job_only_the_cost_is_known() -> None:
    assert job_facts(NEW, NOON) == "0.0000 USD"


def test_while_training_step_losses_time_left_and_cost_are_shown() -> None:
    job = NEW | {
        "status": "running",
        "current_stage": "training",
        "current_step": 80,
        "total_steps": 222,
        "current_metrics": {"training_loss": 5.2345, "validation_loss": 5.1},
        "estimated_completion_at": "2026-11-20T12:01:20.000000Z",
        "current_cost": 0.1234,
    }

    assert (
        job_facts(job, NOON) == "step 80/222 · loss 5.234 · held-out 5.100 · 80 s left · 0.1234 USD"
    )


def test_a_late_job_has_no_negative_time_left_and_an_ended_one_its_final_cost() -> None:
    late = NEW | {
        "status": "running",
        "current_stage": "training",
        "estimated_completion_at": "2026-11-20T11:59:00.000000Z",
    }
    ended = NEW | {"status": "completed", "current_stage": "completed", "final_cost": 0.5}

    assert job_facts(late, NOON) == "0 s left · 0.0000 USD"
    assert job_facts(ended, NOON) == "0.5000 USD"
