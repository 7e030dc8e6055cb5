"""What an estimate says beside the documented formula: the trainer's own steps, and phases."""

from brightrun.datasets.record import Dataset
from brightrun.ports.dynamodb.writes import commit, put_new
from brightrun.runtime import Deps
from tests.support.api.http_calls import Call
from tests.support.factories import a_dataset, a_verdict
from tests.support.ordered_jobs import ORDER

ESTIMATE = "POST /api/jobs/estimate"


def test_beside_the_formula_stand_the_trainers_steps(api: Call, dataset: Dataset) -> None:
    """1,000 rows of 250 conversations: 25 of those are held out, with 100 rows."""
    answer = api(ESTIMATE, ORDER).data
    planned = answer["planned"]

    assert answer["training_details"]["total_steps"] == 750
    assert (planned["trained_rows"], planned["held_out_rows"]) == (900, 100)
    assert (planned["total_steps"], planned["verdict_possible"]) == (675, True)


def test_where_the_time_goes_is_told_by_phase(api: Call, dataset: Dataset) -> None:
    """675 steps of about a tenth of a second, and what is around them."""
    phases = api(ESTIMATE, ORDER).data["phases"]
    train = phases.pop("train")

    assert 55 < train < 120
    assert train < phases.pop("total") < train + 240
    assert phases.pop("longest") in {"train", "download"}
    assert phases.keys() == {"boot", "download", "load", "evaluate", "prove", "upload"}
    assert min(phases.values()) > 0


def test_too_few_conversations_for_a_verdict_are_said_before_anything_is_paid(
    api: Call, deps: Deps
) -> None:
    counted = a_verdict().statistics.model_copy(update={"conversations": 29, "trained_rows": 29})
    few = a_dataset(verdict=a_verdict(statistics=counted))
    commit(deps.table, [put_new(deps.table, few)])

    planned = api(ESTIMATE, ORDER).data["planned"]
    assert (planned["held_out_conversations"], planned["verdict_possible"]) == (9, False)


def test_before_a_dataset_was_read_nothing_is_planned(api: Call, deps: Deps) -> None:
    unread = a_dataset(verdict=None)
    commit(deps.table, [put_new(deps.table, unread)])

    answer = api(ESTIMATE, ORDER).data
    assert (answer["planned"], answer["phases"]) == (None, None)
