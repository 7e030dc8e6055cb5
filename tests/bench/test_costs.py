"""What tools/costs.py takes for granted of a cycle is what is counted."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from brightrun.runtime import Deps
from functions.create_artifacts import app as create_artifacts
from functions.process_jobs import app as process_jobs
from functions.validate_dataset import app as validate_dataset
from tests.support.fakes.wires import deps_of, wires
from tools.costs import IDLE_CYCLES, TypicalJob, reckoned

pytestmark = pytest.mark.bench

Handler = Callable[[dict[str, Any], object, Deps], object]
HANDLERS: dict[str, Handler] = {
    "ValidateDatasetFunction": validate_dataset.handle,
    "ProcessJobsFunction": process_jobs.handle,
    "CreateArtifactsFunction": create_artifacts.handle,
}


@pytest.mark.parametrize("cycle", IDLE_CYCLES, ids=lambda cycle: cycle.function)
def test_an_idle_cycle_asks_what_it_is_said_to(cycle: Any) -> None:
    behind = wires()
    deps = deps_of(behind)
    HANDLERS[cycle.function]({}, None, deps)
    behind.table.requests.clear()
    HANDLERS[cycle.function]({}, None, deps)
    asked = behind.table.requests
    reads = asked.get("query", 0) + asked.get("get_item", 0)

    assert (reads, sum(asked.values()) - reads) == (cycle.reads, cycle.writes)


def test_an_idle_stage_costs_a_dollar_or_two_a_month() -> None:
    told = reckoned()
    print(json.dumps(told, indent=2))

    assert 1 < told["idle_usd_a_month"]["sum"] < 3
    assert TypicalJob().write_units_per_report < 30
