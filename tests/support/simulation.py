"""One user, one scheduler, GPUs that pick runs up: a pipeline that lives until it is quiet.

Every actor is a process of its own: what kills one is felt by the others only as silence.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import httpx
from botocore.exceptions import BotoCoreError, ClientError

from brightrun.accounts.tokens import digest, hook_of
from brightrun.errors import ArtifactCorrupt, InvalidTransition
from brightrun.jobs.creation.requests import CreateJobRequest
from brightrun.ports.dynamodb.writes import commit, put_new
from brightrun.records import UserId
from brightrun.runtime import Deps
from brightrun.training.configuration import GpuConfig
from functions.api.routes import hooks, pausing
from functions.api.routes import jobs as job_routes
from functions.create_artifacts import app as create_artifacts
from functions.process_jobs import app as process_jobs
from tests.support.factories import ADA, DATASET_ID, NOON, a_dataset
from tests.support.fakes.wires import Wires, deps_of, wires
from tests.support.fault_injection import HTTP, Killed, Seam, Watched, watched_transport
from tests.support.file_server import FileServer
from tests.support.harness import Clock, World
from tests.support.workers.pretended_runpod import Management, PretendedRunPod, Run
from tests.support.workers.simulated_gpu import ApiUnreachable, GpuWorker, Script, fetch_and_train

LONGER_THAN_ANY_LEASE_SECONDS = 400
MAX_ROUNDS = 600
JUST_BEFORE_MIDNIGHT = NOON + timedelta(hours=11, minutes=50)
ROUND_SECONDS = 15
TRIES = 6
ASKED_ONCE = {"api.report", "api.hook"}
"""The next report carries what this one said; a webhook is a hint."""


@dataclass
class Life:
    """A world that goes on by itself; `script` is what a GPU does with a run."""

    world: World
    seam: Seam
    behind: Wires
    script: Script = fetch_and_train
    workers: list[GpuWorker] = field(default_factory=list)
    wrongs: list[str] = field(default_factory=list)
    broken_steps: int = 0
    has_gpus: bool = True
    orders: int = 0
    order_again: Callable[[], None] = lambda: None

    # ---- the user

    def create(self) -> None:
        """Order a job as a client with an `Idempotency-Key` does: until it is answered."""
        order = CreateJobRequest(
            dataset_id=DATASET_ID, gpu_config=GpuConfig(type="A100-80GB", count=2), max_cost=None
        )
        self._order(partial(job_routes.create_job, self.world.deps, ADA, order), "create_job")

    def retry(self) -> None:
        """Order a new job from the one that ended, if it may be."""
        with suppress(InvalidTransition):
            again = partial(job_routes.retry_job, self.world.deps, ADA, self.world.job_id)
            self._order(again, "retry_job")

    def _order(self, route: Callable[..., Any], name: str) -> None:
        self.orders += 1
        keyed = partial(route, idempotency_key=f"order-{self.orders}")

        def send() -> None:
            self.world.job_id = self._asks(keyed, name).id

        send()
        self.order_again = send

    def cancel(self) -> None:
        """Ask for a stop; the job may have ended meanwhile."""
        self._asks_in_vain(job_routes.cancel_job)

    def pause(self) -> None:
        """Ask for a rest; the job may have ended meanwhile."""
        self._asks_in_vain(pausing.pause_job)

    def resume(self) -> None:
        """Ask to go on; the job may never have come to rest."""
        self._asks_in_vain(pausing.resume_job)

    def _asks_in_vain(self, route: Callable[[Deps, UserId, str], Any]) -> None:
        with suppress(InvalidTransition):
            asked = partial(route, self.world.deps, ADA, self.world.job_id)
            self._asks(asked, route.__name__)

    def _asks(self, route: Callable[[], Any], name: str) -> Any:
        for _ in range(TRIES):
            try:
                return self.world.ask(name, route)
            except (ApiUnreachable, Killed):
                continue  # the browser was closed, and opened again
        raise AssertionError("the API never answered")

    # ---- the schedules

    def tick(self) -> None:
        """Run both background functions once; a call that breaks ends that process alone."""
        self._process(lambda: process_jobs.handle({}, None, self.world.deps))
        self._process(lambda: create_artifacts.handle({}, None, self.world.deps))

    def _process(self, run: Callable[[], dict[str, int]]) -> None:
        try:
            self.broken_steps += run().get("broken", 0)
        except (Killed, BotoCoreError, ClientError):
            return  # the schedule comes again

    # ---- the provider

    def give_gpus(self) -> None:
        """Let every waiting run have a worker, and end what has used up its time."""
        now = self.world.clock.now
        for run in list(self.world.runpod.runs.values()):
            if run.status == "IN_QUEUE" and self.has_gpus:
                run.status, run.picked_up_at = "IN_PROGRESS", now
                self.deliver(run)
            elif run.status == "IN_QUEUE":
                waited_ms = (now - run.submitted_at).total_seconds() * 1000
                if waited_ms > run.policy["ttl"]:
                    self.forget(run)
            elif run.status == "IN_PROGRESS" and run.picked_up_at is not None:
                used_ms = (now - run.picked_up_at).total_seconds() * 1000
                run.execution_ms = int(used_ms)
                if used_ms > run.policy["executionTimeout"]:
                    run.status = "TIMED_OUT"

    def deliver(self, run: Run) -> None:
        """Give a run to a worker; a second delivery is one too many, and happens."""
        words = self.world.worker(run.id, f"worker-{len(self.workers) + 1}")
        self.workers.append(GpuWorker(words, self.script))

    def forget(self, run: Run) -> None:
        """Answer 404 from now on; whatever worked on it is gone."""
        run.status = "GONE"
        self.world.runpod.runs.pop(run.id, None)

    def send_webhook(self, run: Run) -> None:
        """Say that a run has ended, once, whether that is so or not; nobody waits for an answer."""
        job_id, attempt = run.input["job_id"], str(run.input["attempt"])
        hook = hook_of(digest(run.input["token"]))
        route = partial(hooks.hear_hook, self.world.deps, job_id, attempt, hook)
        with suppress(ApiUnreachable, Killed):
            self.world.ask("hook", route)

    def let_workers_work(self) -> None:
        """Let every worker that is alive and not stuck in a call take one step."""
        for worker in self.workers:
            if not worker.is_alive or worker.is_busy:
                continue
            worker.step()
            others = [other for other in self.workers if other is not worker and other.is_training]
            if worker.is_training and others:
                self.wrongs.append(f"{worker.name} trains beside {others[0].name}")

    # ---- time

    def pass_by(self, seconds: float) -> None:
        """Let time pass for everybody: what a process does while it sleeps."""
        self.world.clock.pass_by(seconds)
        self.give_gpus()
        self.let_workers_work()

    def go_on_without(self) -> None:
        """What happens while one call is stalled: everybody else goes on past every lease."""
        self.pass_by(1)
        self.world.clock.pass_by(LONGER_THAN_ANY_LEASE_SECONDS)
        self.tick()
        self.pass_by(ROUND_SECONDS)
        self.tick()
        self.world.clock.pass_by(LONGER_THAN_ANY_LEASE_SECONDS)

    def round(self) -> None:
        """One turn for everybody, then some time: little while a GPU works, else until due."""
        self.tick()
        self.pass_by(ROUND_SECONDS)
        if not any(worker.is_alive for worker in self.workers):
            self.world.clock.pass_by(self._seconds_until_due())

    def live_until(self, claim: Callable[[], bool]) -> None:
        """Go on until something is so, or the job has ended."""
        for _ in range(MAX_ROUNDS):
            if claim() or self.is_quiet:
                return
            self.round()

    def is_paused(self) -> bool:
        """Whether the job rests until its owner says more."""
        with self.seam.sleeping():
            return self.world.job().status == "paused"

    def live_until_quiet(self) -> None:
        """Go on until the job has ended and no GPU is held, then a little longer."""
        for _ in range(MAX_ROUNDS):
            if self.is_quiet:
                break
            self.round()
        with self.seam.sleeping():
            self.tick()

    @property
    def is_quiet(self) -> bool:
        """Whether the job has ended, nothing is left at the provider and no step is due ever."""
        with self.seam.sleeping():
            ended = self.world.job().has_ended
        held = any(run.is_active for run in self.world.runpod.runs.values())
        return ended and not held and not self._dues()

    def _dues(self) -> list[datetime]:
        items = self.behind.table.items.values()
        return [datetime.fromisoformat(item["due_at"]) for item in items if "due_at" in item]

    def _seconds_until_due(self) -> float:
        soonest = min(self._dues(), default=None)
        if soonest is None:
            return 3600.0  # only the provider's own limits are left to wait for
        return max(0.0, (soonest - self.world.clock.now).total_seconds())

    # ---- how a call from outside reaches the API

    def carry(self, name: str, call: Callable[[], Any]) -> Any:
        """Take a request to the API or to storage and back, as the worker's own client does."""
        tries = 1 if name in ASKED_ONCE else TRIES
        for tried in range(tries):
            try:
                return self.seam.call(name, lambda: _answered(call), HTTP)
            except httpx.TransportError:
                self.world.clock.pass_by(0.5 * 2**tried)
        raise ApiUnreachable(name)


def _answered(call: Callable[[], Any]) -> Any:
    """Return what the API answers; what breaks or kills it is a 500 to the caller."""
    try:
        return call()
    except (Killed, BotoCoreError, ClientError, ArtifactCorrupt) as error:
        raise httpx.RemoteProtocolError("500") from error


def a_life(seam: Seam, script: Script = fetch_and_train) -> Life:
    """Return a world with a ready dataset of Ada's and nobody at work, just before midnight.

    A job that ends on the next day must not be billed on both.
    """
    behind, clock = wires(), Clock(JUST_BEFORE_MIDNIGHT)
    runpod = PretendedRunPod(now=lambda: clock.now)
    deps = deps_of(
        behind,
        wrapped=lambda client, name: Watched(client, seam, name),
        transport=watched_transport(runpod.handle, seam),
    )
    management = httpx.Client(
        transport=watched_transport(Management(highest=1).handle, seam),
        base_url="https://management.test",
    )
    both = replace(deps.runpod, management=management)
    server = FileServer()
    elsewhere = httpx.Client(transport=watched_transport(server.handle, seam, "web.get"))
    web = replace(server.web(), http=elsewhere)
    world = World(replace(deps, runpod=both, web=web, now=lambda: clock.now), clock, runpod)
    life = Life(world, seam, behind, script)
    world.deps = replace(world.deps, sleep=life.pass_by)
    world.through = life.carry
    seam.meanwhile = life.go_on_without
    with seam.sleeping():
        commit(world.deps.table, [put_new(world.deps.table, a_dataset())])
    return life
