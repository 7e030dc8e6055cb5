"""The stages of a job: none overlaps another, and what they cost is what was billed."""

from datetime import timedelta
from decimal import Decimal

from brightrun.jobs.change import unchanged
from brightrun.jobs.execution.submitting import begin_attempt
from brightrun.jobs.execution.submitting import submitted as accepted
from brightrun.jobs.execution.worker_messages import reported, started
from brightrun.jobs.phases import seconds_of
from brightrun.jobs.record import Phase
from brightrun.jobs.termination import settle_attempt
from brightrun.training.protocol import ReportRequest, Stage
from tests.support.factories import NOON
from tests.support.job_states import HELLO, LIMITS, clock, queued


def test_a_run_is_cut_into_stages_and_its_bill_shared_by_time() -> None:
    """Ten seconds of download and thirty of training, billed as 36 s at 7.00 an hour."""
    first = (Phase(stage=Stage.QUEUED, attempt=0, started_at=NOON),)
    begun = begin_attempt(
        queued(phases=first), clock(5), LIMITS, endpoint_id="endpoint-a100", token_hash="x"
    ).after
    waiting = accepted(begun, clock(6), LIMITS, run_id="run-1").after
    there = started(waiting, clock(60), LIMITS, number=1, message=HELLO).after
    said = ReportRequest(sequence=0, stage=Stage.TRAINING)
    trains = reported(there, clock(70), LIMITS, number=1, message=said).after
    again = said.model_copy(update={"sequence": 1})
    still = reported(trains, clock(85), LIMITS, number=1, message=again).after

    job = settle_attempt(unchanged(still), clock(100), reason="done", gpu_seconds=36.0).after.job
    assert [(p.stage, p.attempt, seconds_of(p)) for p in job.phases] == [
        ("queued", 0, 5.0),
        ("submitting", 1, 1.0),
        ("queued_on_gpu", 1, 54.0),
        ("downloading_dataset", 1, 10.0),
        ("training", 1, 30.0),
    ]
    assert [phase.cost for phase in job.phases[-2:]] == [Decimal("0.017500"), Decimal("0.052500")]
    assert [phase.cost for phase in job.phases[:-2]] == [None] * 3


def test_what_was_billed_without_a_word_from_the_worker_is_not_lost() -> None:
    """RunPod saw 36 s of a GPU, and nobody has started: the phases still add up to the bill."""
    begun = begin_attempt(
        queued(), clock(5), LIMITS, endpoint_id="endpoint-a100", token_hash="x"
    ).after
    waiting = accepted(begun, clock(6), LIMITS, run_id="run-1").after

    job = settle_attempt(unchanged(waiting), clock(90), reason="lost", gpu_seconds=36.0).after.job
    assert [(p.stage, p.cost) for p in job.phases if p.cost is not None] == [
        ("queued_on_gpu", Decimal("0.070000"))
    ]
    assert job.current_cost == Decimal("0.070000")


def test_an_open_stage_is_counted_until_now() -> None:
    phase = Phase(stage=Stage.TRAINING, attempt=1, started_at=NOON)

    assert seconds_of(phase, NOON + timedelta(seconds=7)) == 7.0
