"""Users, schedules, workers and the provider do what they like, in any order, with faults.

Whatever happened, once the world is left alone it becomes quiet and every promise is kept.
BRIGHTRUN_SHRINK=1 makes the shortest failing life, in minutes; BRIGHTRUN_LIVES=n lives n lives.
"""

import os
from contextlib import suppress
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from brightrun.errors import ArtifactCorrupt, Superseded
from tests.support.fault_injection import Fault, Killed, Seam
from tests.support.invariants import wrongs_of
from tests.support.simulation import Life, a_life
from tests.support.workers.pretended_runpod import Run
from tests.support.workers.simulated_gpu import (
    ApiUnreachable,
    GpuWorker,
    fetch_and_train,
    run_out_of_memory,
)

Planned = tuple[int, Fault] | None
FAULTS = st.none() | st.tuples(st.integers(0, 40), st.sampled_from(Fault))
SCRIPTS = st.sampled_from([fetch_and_train, fetch_and_train, run_out_of_memory])
SECONDS = st.sampled_from([1.0, 15.0, 61.0, 130.0, 400.0, 2000.0])
LAST_WORDS = {"FAILED", "TIMED_OUT", "COMPLETED"}
REFUSED = (Superseded, ArtifactCorrupt, ApiUnreachable, Killed)


class Lives(RuleBasedStateMachine):
    """One user with at most one job at a time."""

    life: Life

    @initialize(script=SCRIPTS, fault=FAULTS)
    def begin(self, script: Any, fault: Planned) -> None:
        self.life = a_life(Seam(fault), script)
        self.life.create()

    def _plan(self, fault: Planned) -> None:
        seam = self.life.seam
        seam.planned = None if fault is None else (len(seam.calls) + fault[0], fault[1])

    def _has_ended(self) -> bool:
        with self.life.seam.sleeping():
            return self.life.world.job().has_ended

    def _active_runs(self) -> list[Run]:
        return [run for run in self.life.world.runpod.runs.values() if run.is_active]

    # ---- the user

    @rule(fault=FAULTS)
    def user_cancels(self, fault: Planned) -> None:
        self._plan(fault)
        self.life.cancel()

    @rule(fault=FAULTS)
    def user_pauses(self, fault: Planned) -> None:
        self._plan(fault)
        self.life.pause()

    @rule(fault=FAULTS)
    def user_resumes(self, fault: Planned) -> None:
        self._plan(fault)
        self.life.resume()

    @rule(fault=FAULTS)
    def user_sends_the_order_again(self, fault: Planned) -> None:
        self._plan(fault)
        before = self.life.world.job_id
        self.life.order_again()

        assert self.life.world.job_id == before

    @precondition(lambda self: self._has_ended())
    @rule(fault=FAULTS)
    def user_retries_or_orders_anew(self, fault: Planned) -> None:
        self._plan(fault)
        before = self.life.world.job_id
        self.life.retry()
        if self.life.world.job_id == before:
            self.life.create()

    # ---- schedules and time

    @rule(fault=FAULTS)
    def schedules_come(self, fault: Planned) -> None:
        self._plan(fault)
        self.life.tick()

    @rule(seconds=SECONDS, fault=FAULTS)
    def time_passes_and_workers_work(self, seconds: float, fault: Planned) -> None:
        self._plan(fault)
        self.life.pass_by(seconds)

    @rule(seconds=SECONDS)
    def time_passes_and_workers_are_silent(self, seconds: float) -> None:
        self.life.world.clock.pass_by(seconds)

    # ---- the provider

    @rule()
    def gpus_come_and_go(self) -> None:
        self.life.has_gpus = not self.life.has_gpus

    @precondition(lambda self: self._active_runs())
    @rule(data=st.data(), status=st.sampled_from(sorted(LAST_WORDS)))
    def provider_ends_a_run(self, data: st.DataObject, status: str) -> None:
        run = data.draw(st.sampled_from(self._active_runs()), label="run")
        run.status = status
        for worker in self.life.workers:
            worker.is_over = worker.is_over or worker.run is run

    @precondition(lambda self: self._active_runs())
    @rule(data=st.data())
    def provider_forgets_a_run(self, data: st.DataObject) -> None:
        self.life.forget(data.draw(st.sampled_from(self._active_runs()), label="run"))

    @precondition(lambda self: any(r.status == "IN_PROGRESS" for r in self._active_runs()))
    @rule(data=st.data())
    def provider_delivers_a_run_twice(self, data: st.DataObject) -> None:
        picked_up = [run for run in self._active_runs() if run.status == "IN_PROGRESS"]
        self.life.deliver(data.draw(st.sampled_from(picked_up), label="run"))

    @precondition(lambda self: self.life.world.runpod.runs)
    @rule(data=st.data(), fault=FAULTS)
    def provider_sends_a_webhook(self, data: st.DataObject, fault: Planned) -> None:
        """Early, late, or about a run of long ago."""
        self._plan(fault)
        runs = list(self.life.world.runpod.runs.values())
        self.life.send_webhook(data.draw(st.sampled_from(runs), label="run"))

    # ---- workers that should be gone

    @precondition(lambda self: any(not worker.is_alive for worker in self.life.workers))
    @rule(data=st.data(), word=st.sampled_from(["start", "report", "finish"]))
    def a_dead_worker_speaks(self, data: st.DataObject, word: str) -> None:
        dead = [worker for worker in self.life.workers if not worker.is_alive]
        worker: GpuWorker = data.draw(st.sampled_from(dead), label="worker")
        with suppress(*REFUSED):
            if word == "start":
                worker.words.start()
            elif word == "report":
                worker.words.report(step=9, total_steps=10, execution_seconds=5.0)
            else:
                worker.finish("failed", code="trainer_crashed")

    # ---- the end

    def teardown(self) -> None:
        if not hasattr(self, "life"):
            return
        self._plan(None)
        self.life.live_until(self.life.is_paused)
        if self.life.is_paused():
            self.life.cancel()
        self.life.live_until_quiet()

        assert wrongs_of(self.life) == []


TestRandomLives = Lives.TestCase
TestRandomLives.settings = settings(
    max_examples=int(os.environ.get("BRIGHTRUN_LIVES", "60")),
    stateful_step_count=25,
    deadline=None,
    derandomize=True,
    report_multiple_bugs=False,
    phases=[Phase.generate, *([Phase.shrink] if os.environ.get("BRIGHTRUN_SHRINK") else [])],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
