"""A hostile worker beside honest ones: theirs complete, nothing breaks, nobody pays for it."""

import sys
from random import Random

import pytest

from brightrun.accounts.record import CostRecord
from brightrun.jobs.change import JobState, unchanged
from brightrun.jobs.events import JobEvent
from brightrun.jobs.record import Attempt, Job
from brightrun.ports.dynamodb import keys
from brightrun.ports.dynamodb.heartbeats import heartbeats
from brightrun.ports.dynamodb.jobs import create_job
from brightrun.ports.dynamodb.set_aside import all_set_aside
from brightrun.ports.dynamodb.table import all_records
from brightrun.records import UserId
from brightrun.training.protocol import Point
from brightrun.work import Work, work_of
from functions.create_artifacts import app as create_artifacts
from functions.process_jobs import app as process_jobs
from tests.support.factories import ADA, BOB, a_job
from tests.support.fakes.wires import deps_of, wires
from tests.support.harness import Worker, World, a_world
from tests.support.workers.hostile_worker import HostileWorker
from tests.support.workers.pretended_runpod import Run

HONEST_SECONDS = 90.0
WORDS_BETWEEN_ROUNDS = 25


class Pipeline:
    """Ada's honest jobs, one after another; Bob's job whose worker is hostile."""

    def __init__(self, seed: int) -> None:
        behind = wires()
        self.world: World = a_world(deps_of(behind))
        self.hostile = HostileWorker(self.world.deps, BOB, Random(seed))
        self.numbers = {ADA: 0, BOB: 0}
        self.broken = 0

    def order(self, owner: UserId) -> None:
        self.numbers[owner] += 1
        kind = "a" if owner == ADA else "b"
        job_id = f"019aa0c0-0000-7000-8000-{kind}{self.numbers[owner]:011d}"
        job = a_job(
            id=job_id, user_id=owner, work=work_of(Work.DISPATCH, job_id),
            due_at=self.world.clock.now, queued_at=self.world.clock.now,
        )  # fmt: skip
        create_job(self.world.deps.table, job, unchanged(JobState(job)), [], max_active=9)

    def jobs(self, owner: str) -> list[Job]:
        return all_records(self.world.deps.table, keys.jobs(owner), Job)

    def round(self) -> None:
        """Let a minute's work be done, and honest workers work; their runs end at the provider."""
        for owner in (ADA, BOB):
            if all(job.has_ended for job in self.jobs(owner)):
                self.order(owner)
        self.world.clock.pass_by(20)
        self.broken += process_jobs.handle({}, None, self.world.deps)["broken"]
        create_artifacts.handle({}, None, self.world.deps)
        honest = {job.id for job in self.jobs(ADA)}
        for run in list(self.world.runpod.runs.values()):
            if run.input["job_id"] in honest and run.status == "IN_QUEUE":
                self._works(run)

    def _works(self, run: Run) -> None:
        worker = Worker(self.world, run)
        worker.start()
        worker.trains(range(1, 11), seconds=1.0)
        worker.finishes(seconds=HONEST_SECONDS)

    def hostile_run(self) -> Run | None:
        active = [run for run in self.world.runpod.runs.values() if run.is_active]
        return active[0] if active else None

    def lives(self, words: int) -> None:
        """Let the hostile worker say so much; after its last word its run has cost ten seconds."""
        self.round()
        for said in range(words):
            if said % WORDS_BETWEEN_ROUNDS == 0:
                self.round()
            run = self.hostile_run()
            if run is None:
                self.round()
                continue
            run.status, run.execution_ms = "IN_PROGRESS", 10_000
            job_id, attempt = str(run.input["job_id"]), int(run.input["attempt"])
            self.hostile.speaks(job_id, attempt, run.id)
            state = self._attempt(job_id, attempt)
            if state == "finished":
                run.status = "COMPLETED"
        for _ in range(8):
            self.world.clock.pass_by(400)
            self.round()

    def _attempt(self, job_id: str, number: int) -> str:
        found = all_records(self.world.deps.table, keys.attempts(job_id), Attempt)
        return found[number - 1].state


def held(pipeline: Pipeline) -> None:
    """Every promise, whatever was said."""
    table = pipeline.world.deps.table
    ended = [job for job in pipeline.jobs(ADA) if job.has_ended]
    costs = {c.job_id: c.amount for c in all_records(table, keys.costs(ADA), CostRecord)}
    honest = {str(costs[job.id]) for job in ended}

    assert pipeline.hostile.accidents == []
    assert {job.status for job in ended} == {"completed"}
    # 90 s on two GPUs at 3.50 an hour
    assert honest == {"0.175"} or {float(amount) for amount in honest} == {0.175}
    assert all_set_aside(table, limit=9).records == ()
    assert heartbeats(table)["process_jobs"].broke_at is None
    assert len(pipeline.jobs(BOB)) == pipeline.numbers[BOB]
    for job in pipeline.jobs(BOB):
        all_records(table, keys.events(job.id), JobEvent)
        points = all_records(table, keys.points(job.id), Point)
        bills = [a.gpu_seconds or 0 for a in all_records(table, keys.attempts(job.id), Attempt)]
        assert len(points) <= 3000
        assert max(bills, default=0) <= 10.0


def test_three_hundred_words_of_a_hostile_worker_cost_nobody_anything() -> None:
    pipeline = Pipeline(seed=1)
    pipeline.lives(300)

    held(pipeline)
    assert pipeline.hostile.told["heard"] > 30


@pytest.mark.bench
@pytest.mark.slow
def test_ten_thousand_words_of_a_hostile_worker_cost_nobody_anything() -> None:
    pipeline = Pipeline(seed=7)
    pipeline.lives(10_000)
    told = dict(pipeline.hostile.told)
    sys.stdout.write(
        f"10,000 hostile words: {told}; jobs: {pipeline.numbers}; broken steps: {pipeline.broken}\n"
    )

    held(pipeline)
