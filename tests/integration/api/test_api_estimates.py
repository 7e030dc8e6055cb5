"""Jobs over HTTP before there is one: what a run would cost, and from what that is known.

Covers: jobs.creation.resolved_config, jobs.estimate_view.
"""

from decimal import Decimal

from brightrun.datasets.record import Dataset, DatasetStatus
from brightrun.ports.dynamodb.calibration import observation
from brightrun.ports.dynamodb.writes import commit, put_new
from brightrun.runtime import Deps
from tests.support.api.http_calls import Call
from tests.support.factories import JOB_ID, a_dataset, a_job, a_summary
from tests.support.ordered_jobs import ORDER


def test_the_worked_example_is_priced_to_the_cent(api: Call, dataset: Dataset) -> None:
    answer = api("POST /api/jobs/estimate", ORDER).data

    assert answer["estimated_cost"] == 4.32
    assert answer["cost_breakdown"] == {"compute": 3.82, "storage": 0.5}
    assert answer["estimated_duration_hours"] == 0.55
    assert answer["hourly_rate"] == 7.0
    details = answer["training_details"]
    # two A100s at 45 % of their peak would do 9,000 a second; steps of 800 tokens do not fill them
    assert 2_000 < details.pop("reckoned_throughput_tokens_per_sec") < 9_000
    assert details == {
        "total_steps": 750,
        "steps_per_epoch": 250,
        "estimated_throughput_tokens_per_sec": 3600.0,
        "dataset_name": "Bakery letters",
    }
    assert answer["basis"] == "baseline"
    assert answer["cost_range"] == {"low": 2.79, "high": 6.62}
    assert answer["memory_fit"]["fits"] is True
    assert answer["memory_fit"]["available_gb"] == 80
    # 15 s to the next report and 90 s to keep a checkpoint, at 7.00 an hour
    assert answer["worst_case_overrun"] == 0.2
    assert answer["startable"] is True


def test_edited_hyperparameters_are_priced_over_the_preset(api: Call, dataset: Dataset) -> None:
    edited = ORDER | {"hyperparameters": {"epochs": 1, "batch_size": 8}}

    details = api("POST /api/jobs/estimate", edited).data["training_details"]

    assert details["total_steps"] == 125


def test_a_type_nobody_serves_can_be_priced_but_not_started(api: Call, dataset: Dataset) -> None:
    h100 = ORDER | {"gpu_config": {"type": "H100", "count": 1}}

    assert api("POST /api/jobs/estimate", h100).data["startable"] is False
    assert api("POST /api/jobs", h100).refusal == (409, "gpu_unavailable")


def test_a_dataset_not_validated_yet_is_priced_by_the_documented_guess(
    api: Call, deps: Deps
) -> None:
    waiting = a_dataset(status=DatasetStatus.VALIDATING, verdict=None)
    commit(deps.table, [put_new(deps.table, waiting)])

    assert api("POST /api/jobs/estimate", ORDER).data["estimated_cost"] == 4.32


def test_finished_runs_replace_the_documented_speed_and_say_so(
    api: Call, deps: Deps, dataset: Dataset
) -> None:
    """600,000 tokens in 60 s on two GPUs, of 260 s in all: 5,000 a second and GPU."""
    model = deps.catalog.base_models[0].id
    basis: list[str] = []
    for last in "123":
        finished = a_job(
            id=f"{JOB_ID[:-1]}{last}",
            base_model=model,
            attempt=1,
            spent_gpu_seconds=260.0,
            final_cost=Decimal("4.00"),
        )
        basis.append(api("POST /api/jobs/estimate", ORDER).data["basis"])
        commit(deps.table, observation(deps.table, finished, a_summary()))

    answer = api("POST /api/jobs/estimate", ORDER).data

    assert basis == ["baseline"] * 3
    assert (answer["basis"], answer["measured_runs"]) == ("measured", 3)
    # 260 s at 7.00 an hour, and 0.50 for storage
    assert answer["estimated_cost"] == 1.01
    assert answer["training_details"]["estimated_throughput_tokens_per_sec"] == 10000.0


def test_a_run_that_was_interrupted_teaches_nothing(deps: Deps) -> None:
    for job, summary in (
        (a_job(attempt=2), a_summary()),
        (a_job(attempt=1), a_summary(resumed_from_step=40)),
        (a_job(attempt=1), None),
    ):
        assert list(observation(deps.table, job, summary)) == []
