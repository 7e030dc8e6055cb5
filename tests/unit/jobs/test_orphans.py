"""What the watchdog counts, and which lost runs are looked for again."""

from datetime import timedelta

from brightrun.jobs.execution.orphans import CONFIRM_SECONDS, Findings, to_confirm
from brightrun.work import Work, work_of
from tests.support.factories import JOB_ID, NOON, an_attempt
from tests.support.job_states import clock


def test_an_attempt_whose_run_is_known_is_looked_for_once_more() -> None:
    fields = to_confirm(an_attempt(external_job_id="run-1"), clock())

    assert fields == {
        "work": work_of(Work.CONFIRM, JOB_ID),
        "due_at": NOON + timedelta(seconds=CONFIRM_SECONDS),
    }


def test_nothing_is_looked_for_where_no_run_is_known() -> None:
    assert to_confirm(an_attempt(external_job_id=None), clock()) == {}


def test_a_round_without_endpoints_has_no_orphans() -> None:
    assert Findings(at=NOON, next_at=NOON).orphans == 0
