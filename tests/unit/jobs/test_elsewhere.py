"""A job goes on with the next GPU type of its order, at that type's price."""

from decimal import Decimal

from brightrun.jobs.change import unchanged
from brightrun.jobs.elsewhere import go_elsewhere, may_go_elsewhere
from brightrun.jobs.record import JobStatus
from brightrun.training.configuration import GpuConfig
from brightrun.work import Work
from tests.support.factories import a_job
from tests.support.job_states import clock, submitted

ORDER = GpuConfig(type="A100-80GB", count=2, alternatives=("H100-80GB", "L40S"))
RATES = {"H100-80GB": Decimal("4.5"), "L40S": Decimal(1)}


def test_only_to_a_type_that_was_named_and_priced() -> None:
    assert may_go_elsewhere(a_job(gpu_config=ORDER, alternative_rates=RATES))
    assert not may_go_elsewhere(a_job(gpu_config=ORDER, alternative_rates={}))
    assert not may_go_elsewhere(a_job(alternative_rates=RATES))


def test_it_waits_for_the_next_type_at_its_price_and_no_attempt_is_used_up() -> None:
    waiting = submitted(gpu_config=ORDER, alternative_rates=RATES)
    job = go_elsewhere(unchanged(waiting), clock(60)).after.job

    assert (job.status, job.gpu_config.type, job.hourly_rate_usd) == (
        JobStatus.QUEUED, "H100-80GB", Decimal("4.5"),
    )  # fmt: skip
    assert job.gpu_config.alternatives == ("L40S",)
    assert (job.gpu_config.count, job.spared_attempts, job.external_job_id) == (2, 1, None)
    assert job.waits_for(Work.DISPATCH)


def test_the_story_says_where_it_goes_and_what_an_hour_costs_there() -> None:
    change = go_elsewhere(
        unchanged(submitted(gpu_config=ORDER, alternative_rates=RATES)), clock(60)
    )

    assert [(event.type, event.level) for event in change.events] == [("job.elsewhere", "warning")]
    assert "No 2x A100-80GB took it" in change.events[0].message
    assert "2x H100-80GB, at 9.00 USD an hour" in change.events[0].message
