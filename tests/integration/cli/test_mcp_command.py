"""`brightrun mcp`: the real protocol, between the official client and our server."""

import asyncio
import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from mcp import Client
from mcp.types import CallToolResult, TextContent

from brightrun.cli.assistant.permission import Permission
from brightrun.cli.assistant.server import assistant_server
from brightrun.cli.assistant.tools import Tools
from brightrun.cli.session import Session
from brightrun.datasets.record import Dataset
from brightrun.jobs.record import Job
from brightrun.ports.dynamodb import keys
from brightrun.ports.dynamodb.table import find
from brightrun.ports.dynamodb.writes import commit, put_new
from brightrun.runtime import Deps
from tests.support.api.client_wires import Storage
from tests.support.api.whole_pipeline import Pipeline, fails, starts
from tests.support.factories import BOB, DATASET_ID, a_job
from tests.support.harness import a_world

ORDER = {"dataset_id": DATASET_ID, "gpu_type": "A100-80GB", "gpu_count": 2}
Ask = Callable[..., CallToolResult]


@pytest.fixture
def pipeline(deps: Deps, dataset: Dataset, tmp_path: Path) -> Pipeline:
    world = a_world(deps)
    return Pipeline(world, tmp_path, Storage(world.deps))


class Assistant:
    """One server and the official client, as an assistant has them."""

    def __init__(self, session: Session, permission: Permission) -> None:
        self.server = assistant_server(Tools(session, permission, "nonce"), "test")

    def tools(self) -> dict[str, Any]:
        async def listed() -> dict[str, Any]:
            async with Client(self.server) as client:
                return {tool.name: tool for tool in (await client.list_tools()).tools}

        return asyncio.run(listed())

    def ask(self, tool: str, **asked: Any) -> Any:
        """Return what a tool says; a refusal as text."""

        async def called() -> CallToolResult:
            async with Client(self.server) as client:
                return await client.call_tool(tool, asked)

        answer = asyncio.run(called())
        (content, *_) = answer.content
        assert isinstance(content, TextContent)
        return content.text if answer.is_error else json.loads(content.text)


@pytest.fixture
def looking(pipeline: Pipeline) -> Assistant:
    return Assistant(pipeline.session(), Permission())


@pytest.fixture
def spending(pipeline: Pipeline) -> Assistant:
    return Assistant(pipeline.session(), Permission(Decimal(8), may_cancel=True))


def test_what_costs_or_stops_is_not_there_unless_allowed(
    looking: Assistant, spending: Assistant
) -> None:
    safe, all_of_them = looking.tools(), spending.tools()

    assert all_of_them.keys() - safe.keys() == {"start_job", "cancel_job"}
    assert all(tool.annotations.read_only_hint for tool in safe.values())
    assert all_of_them["cancel_job"].annotations.destructive_hint
    assert all(tool.description and tool.input_schema for tool in all_of_them.values())


def test_a_file_is_checked_where_it_lies(looking: Assistant, tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_text('{"prompt":"a","completion":"b"}\nno json\n')

    verdict = looking.ask("check_file", path=str(file))

    assert not verdict["fit_to_train"]
    assert verdict["errors"] == {"not_json": 1}
    assert 2 in [problem["line"] for problem in verdict["problems"]]
    assert "No such file" in looking.ask("check_file", path=str(tmp_path / "gone"))


def test_a_run_is_priced_and_nothing_is_created(looking: Assistant, pipeline: Pipeline) -> None:
    assert looking.ask("estimate_job", **ORDER)["estimated_cost"] > 0
    assert looking.ask("list_jobs") == {"jobs": []}
    assert looking.ask("list_datasets")["datasets"][0]["id"] == DATASET_ID


def test_a_job_is_started_once_within_the_budget(spending: Assistant) -> None:
    first = spending.ask("start_job", **ORDER, max_cost_usd=5)
    again = spending.ask("start_job", **ORDER, max_cost_usd=5)
    beyond = spending.ask("start_job", **ORDER, max_cost_usd=5, name="another")

    assert (first["id"], first["max_cost_usd"], first["budget_left_usd"]) == (again["id"], 5, 3)
    assert "3.00 of 8.00 USD" in beyond
    assert len(spending.ask("list_jobs")["jobs"]) == 1


def test_what_the_api_refuses_leaves_the_budget_whole(spending: Assistant) -> None:
    refused = spending.ask("start_job", dataset_id=DATASET_ID, gpu_type="Abacus", max_cost_usd=5)

    assert "gpu_config.type: unknown GPU type" in refused
    assert spending.ask("start_job", **ORDER, max_cost_usd=8)["budget_left_usd"] == 0


def test_a_job_is_watched_and_stopped(spending: Assistant) -> None:
    job_id = spending.ask("start_job", **ORDER, max_cost_usd=5)["id"]

    assert spending.ask("watch_job", job_id=job_id)["status"] == "queued"
    spending.ask("cancel_job", job_id=job_id)
    assert spending.ask("watch_job", job_id=job_id)["status"] in {"cancelled", "queued"}


def test_a_failure_is_explained_with_what_would_help(
    spending: Assistant, pipeline: Pipeline
) -> None:
    job_id = spending.ask("start_job", **ORDER, max_cost_usd=5)["id"]
    pipeline.world.wait(60)
    for act in (starts, fails):
        act(pipeline)
        pipeline.world.wait(60)
    told = spending.ask("explain_failure", job_id=job_id)

    assert told["failed"]
    assert told["reason"]
    assert told["remedy"]


def test_nobody_elses_job_is_seen_or_stopped(spending: Assistant, deps: Deps) -> None:
    theirs = a_job(user_id=BOB, work=None, due_at=None)
    commit(deps.table, [put_new(deps.table, theirs)])

    for tool in ("watch_job", "explain_failure", "cancel_job"):
        assert "(job_not_found)" in spending.ask(tool, job_id=theirs.id)
    assert find(deps.table, keys.job(BOB, theirs.id), Job) == theirs
