"""Two schedulers at the same moment, against a table whose transactions are exact."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import boto3
import httpx
import orjson
import pytest
from samtranslator.yaml_helper import yaml_parse

from brightrun.jobs.change import JobState, unchanged
from brightrun.jobs.record import Job
from brightrun.ports.dynamodb import keys
from brightrun.ports.dynamodb.jobs import create_job
from brightrun.ports.dynamodb.key_shapes import Kind
from brightrun.ports.dynamodb.table import Table, all_records, numbers
from brightrun.runtime import Deps
from brightrun.work import Work, work_of
from functions.process_jobs import app as process_jobs
from local.processes.children import start, stop
from local.settings import REGION, read_settings
from local.stack import engine
from tests.support.factories import ADA, NOON, a_job
from tests.support.fakes.wires import deps_of, wires
from tests.support.stack.ports import own_settings

ROOT = Path(__file__).parents[2]
JOBS = 50
SCHEDULERS = 2

pytestmark = [
    pytest.mark.stack,
    pytest.mark.skipif(
        not read_settings().engine_python.exists(), reason="no .venv-engine: `make test` makes it"
    ),
]


@dataclass
class CountingRunPod:
    """Takes every run and never forgets for which job."""

    runs: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, request: httpx.Request) -> httpx.Response:
        with self.lock:
            self.runs.append(orjson.loads(request.content)["input"]["job_id"])
            number = len(self.runs)
        return httpx.Response(200, json={"id": f"run-{number}", "status": "IN_QUEUE"})


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Any]]:
    settings = own_settings(tmp_path_factory.mktemp("engine"))
    start(engine(settings), leashed=True)

    def made() -> Any:
        session = boto3.Session("test", "test", region_name=REGION)
        return session.resource("dynamodb", endpoint_url=settings.aws_url).meta.client

    declared = yaml_parse((ROOT / "template.yaml").read_text())["Resources"]["Table"]["Properties"]
    shape = ("BillingMode", "AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes")
    made().create_table(TableName="records", **{name: declared[name] for name in shape})
    yield made
    stop(engine(settings))


def a_scheduler(client: Callable[[], Any], runpod: CountingRunPod) -> Deps:
    """One process of its own: its own client, the same table and the same RunPod."""
    pretended = deps_of(wires(), transport=httpx.MockTransport(runpod.answer))
    return replace(pretended, table=Table(client(), "records"))


def queue(table: Table, number: int) -> None:
    job_id = f"019aa0c0-0000-7000-8000-{number:012d}"
    job = a_job(id=job_id, work=work_of(Work.DISPATCH, job_id), due_at=NOON)
    create_job(table, job, unchanged(JobState(job)), [], max_active=JOBS)


def test_two_cycles_at_once_submit_each_of_fifty_jobs_exactly_once(
    client: Callable[[], Any],
) -> None:
    runpod = CountingRunPod()
    schedulers = [a_scheduler(client, runpod) for _ in range(SCHEDULERS)]
    table = schedulers[0].table
    for number in range(JOBS):
        queue(table, number)
    together = threading.Barrier(SCHEDULERS)

    def cycle(deps: Deps) -> process_jobs.Pass:
        together.wait()
        return process_jobs.run_pass(deps)

    with ThreadPoolExecutor(SCHEDULERS) as pool:
        passes = list(pool.map(cycle, schedulers))
    jobs = all_records(table, keys.jobs(ADA), Job)
    sums = {name: int(n) for name, n in numbers(table, keys.counts(ADA, Kind.JOB)).items()}

    assert (len(runpod.runs), set(Counter(runpod.runs).values())) == (JOBS, {1})
    assert {(job.status, job.attempt) for job in jobs} == {("initializing", 1)}
    assert len({job.external_job_id for job in jobs}) == JOBS
    assert (sums["queued"], sums["initializing"], sums["active"]) == (0, JOBS, JOBS)
    assert [done.broken for done in passes] == [0] * SCHEDULERS
