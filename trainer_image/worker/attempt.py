"""One attempt, from `start` to `finish`: what the worker process does while its child trains.

Safe to begin twice: `start` lets one RunPod job per attempt in, everyone else is superseded.
"""

import asyncio
import logging
import shutil
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Literal

from brightrun.errors import Superseded
from brightrun.training.failure_codes import FailureCode
from brightrun.training.protocol import (
    FinishRequest,
    RunFailure,
    RunSummary,
    Stage,
    StartAnswer,
    StartRequest,
    StoredFile,
)
from trainer_image.ipc.events import CheckpointSaved, RunBroken, RunFinished, RunHalted
from trainer_image.ipc.failures import RunFailed
from trainer_image.ipc.run_spec import CHECKPOINTS, write_order
from trainer_image.machine.host_memory import out_of_memory_kills
from trainer_image.worker.api_client import ApiRefused, ApiUnreachable, WorkerApi
from trainer_image.worker.checkpoint_uploader import CheckpointSender, send_artifacts, send_verdict
from trainer_image.worker.context import Verdict, Worker
from trainer_image.worker.downloads import fetch_inputs
from trainer_image.worker.exit_reason import Ending, meaning_of
from trainer_image.worker.gpu_assignment import assigned, held_by_others, visible
from trainer_image.worker.report_queue import ReportQueue
from trainer_image.worker.reporter import Reporter
from trainer_image.worker.run_order import order_for
from trainer_image.worker.training_process import Child
from trainer_image.worker.volume_folders import with_usable_folders
from trainer_image.worker.watchdog import Overdue, Watchdog

CANCEL_GRACE_SECONDS = 20.0
"""RunPod cancels the task and may end the container soon after; its own limit is not documented."""
WATCH_SECONDS = 0.5

log = logging.getLogger(__name__)


class Attempt:
    """The state of one attempt while it runs."""

    def __init__(self, api: WorkerApi, worker: Worker) -> None:
        self.api, self.worker = api, worker
        settings = worker.settings
        self.board = ReportQueue(clock=worker.clock, now=worker.now)
        self.watchdog = Watchdog(settings.stall_seconds, settings.stop_grace_seconds)
        self.folder = Path(tempfile.mkdtemp(prefix="brightrun-", dir=settings.work_dir))
        self.sender = CheckpointSender(api, self.board, self.folder / "sending")
        self.child: Child | None = None
        self._reporter = Reporter(
            api, self.board, pause_seconds=settings.report_pause_seconds, on_stop=self.stop
        )
        self._preempted = False
        self._stalled = False

    async def run(self, external_job_id: str) -> Verdict:
        """Do the whole attempt and return how it ended.

        Raises:
            ApiUnreachable, ApiRefused: we were never let in.
            asyncio.CancelledError: RunPod cancelled; the child is gone.
        """
        try:
            answer = await self.api.start(self._introduction(external_job_id))
            async with asyncio.TaskGroup() as tasks:
                side = [tasks.create_task(self._reporter.run(answer.report_interval_seconds))]
                side.append(tasks.create_task(self._watch(answer.deadline)))
                sending = tasks.create_task(self.sender.run())
                finish = await self._work(answer)
                if finish.outcome == "succeeded":
                    sending.cancel()  # a delivered run resumes nothing: no GPU waits for its upload
                else:
                    self.sender.close()
                    await sending
                for task in side:
                    task.cancel()
            return await self._finish(finish)
        except* Superseded:
            verdict = Verdict("superseded")
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)
        return verdict

    def preempt(self) -> None:
        """The provider takes the machine away: checkpoint, then give way to another attempt."""
        self._preempted = True
        self.stop("the GPU provider is ending this worker")

    def stop(self, reason: str) -> None:
        """Ask the run to checkpoint and stop. Repeating it changes nothing."""
        if self.watchdog.stop_asked_at is not None:
            return
        self.watchdog.stop_asked_at = self.worker.clock()
        self.board.say(f"stopping: {reason}", "warning")
        if self.child:
            self.child.ask_to_stop()

    def _warn(self, message: str) -> None:
        self.board.say(message, "warning")

    def _introduction(self, external_job_id: str) -> StartRequest:
        gpus = self.worker.gpus
        return StartRequest(
            external_job_id=external_job_id,
            worker_id=self.worker.worker_id,
            gpu_name=gpus.name,
            gpu_count=gpus.count,
            gpu_memory_gb=gpus.memory_gb,
            image_version=self.worker.settings.image_version,
        )

    async def _work(self, answer: StartAnswer) -> FinishRequest:
        """Return what to say at the end; every failure becomes a verdict here."""
        try:
            gpus = await self._free_gpus(answer.spec.gpu_count)
            self.board.enter(Stage.DOWNLOADING_DATASET)
            await fetch_inputs(self.api, answer, self.folder, self.board)
            ending = await self._train(answer, gpus)
            return await self._deliver(ending)
        except RunFailed as error:
            return self._failed(error.failure)
        except (ApiUnreachable, ApiRefused) as error:
            return self._failed(RunFailure(code=FailureCode.TRAINER_CRASHED, message=str(error)))

    async def _train(self, answer: StartAnswer, gpus: int) -> Ending:
        """Run the child to its end and return its last word, or what its silence means."""
        settings = self.worker.settings
        if self.watchdog.stop_asked_at is not None:
            return RunHalted(step=0)
        order = order_for(answer.spec, with_usable_folders(settings, self._warn))
        write_order(self.folder, order)
        (self.folder / CHECKPOINTS).mkdir()
        kills = out_of_memory_kills()
        self.child = await Child.start(
            self.folder,
            gpus=gpus,
            environment=visible(self.worker.environment, gpus, self.worker.gpus),
            stop_grace_seconds=settings.stop_grace_seconds,
        )
        self.watchdog.begin(self.worker.clock())
        try:
            ending = await self._follow(self.child)
            status = await self.child.wait()
        except asyncio.CancelledError:
            superseded = self._reporter.is_superseded
            await self.child.end(grace_seconds=0 if superseded else CANCEL_GRACE_SECONDS)
            raise
        finally:
            self.watchdog.end()
            self.child.kill()
        return meaning_of(
            ending,
            status=status,
            out_of_memory_kills=out_of_memory_kills() - kills,
            stopped_at=self._stopped_at(),
            words=self.child.last_words,
            stalled_seconds=settings.stall_seconds if self._stalled else None,
        )

    async def _free_gpus(self, asked: int | None) -> int:
        """Return how many GPUs to train on, once nothing else is in their memory.

        What a process leaves goes in seconds after its end, so the driver is asked a few times.

        Raises:
            RunFailed: `GPUS_MISSING` or `GPU_MEMORY_TAKEN`.
        """
        worker = self.worker
        count = assigned(asked, worker.gpus, gpu_needed=worker.settings.selfcheck)
        for pause in self.api.pauses():
            held = held_by_others(worker.look(), count)
            if held is None:
                break
            if pause is None:
                raise RunFailed(FailureCode.GPU_MEMORY_TAKEN, f"{held}: another worker is needed")
            await asyncio.sleep(pause)
        return count

    def _stopped_at(self) -> int | None:
        return None if self.watchdog.stop_asked_at is None else self.board.step

    async def _follow(self, child: Child) -> Ending | None:
        ending: Ending | None = None
        async for event in child.events():
            self.board.note(event)
            self.watchdog.hear(event, self.worker.clock())
            match event:
                case CheckpointSaved():
                    self.sender.offer(event)
                case RunFinished() | RunHalted():
                    ending = ending or event
                case RunBroken():
                    ending = ending or event  # of several ranks' words the first is the cause
                    child.kill()  # the other ranks wait for the broken one
                case _:
                    pass
            if self.board.has_news:
                self._reporter.wake()
        return ending

    async def _deliver(self, ending: Ending) -> FinishRequest:
        match ending:
            case RunFinished():
                self.board.enter(Stage.UPLOADING)
                self._reporter.wake()
                self.api.wait_longer()
                manifest = await send_artifacts(self.api, Path(ending.directory))
                return self._verdict("succeeded", manifest=manifest, summary=ending.summary)
            case RunHalted() if self._preempted:
                return self._failed(
                    RunFailure(
                        code=FailureCode.TRAINER_CRASHED,
                        message="the GPU provider ended this worker; the last checkpoint is kept",
                    )
                )
            case RunHalted():
                return self._verdict("stopped")
            case RunBroken():
                return self._failed(ending.failure)

    async def _finish(self, finish: FinishRequest) -> Verdict:
        """Leave the verdict in storage, then tell it; losing either loses nothing."""
        await self._reporter.flush()
        folder = self.folder / "verdict"
        folder.mkdir()
        try:
            await send_verdict(self.api, folder, finish)
        except (RunFailed, ApiUnreachable, ApiRefused) as error:
            log.error("the verdict is not in storage: %s", error)  # noqa: TRY400 - its words suffice
        try:
            await self.api.finish(finish)
        except (ApiUnreachable, ApiRefused) as error:
            log.error("the verdict was not heard: %s", error)  # noqa: TRY400 - as above
        return Verdict(finish.outcome, finish.error)

    async def _watch(self, deadline: datetime) -> None:
        """Stop at the deadline even if nobody says so; kill what hangs or does not stop in time."""
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            if self.worker.now() >= deadline:
                self.stop("the deadline is reached")
            overdue = self.watchdog.overdue(self.worker.clock())
            if overdue and self.child:
                self._stalled |= overdue is Overdue.STALLED
                self.child.kill()

    def _verdict(
        self,
        outcome: Literal["succeeded", "failed", "stopped"],
        *,
        error: RunFailure | None = None,
        manifest: tuple[StoredFile, ...] = (),
        summary: RunSummary | None = None,
    ) -> FinishRequest:
        return FinishRequest(
            outcome=outcome,
            execution_seconds=self.board.execution_seconds,
            error=error,
            manifest=manifest,
            summary=summary,
        )

    def _failed(self, failure: RunFailure) -> FinishRequest:
        self.board.say(f"{failure.code}: {failure.message}", "error")
        return self._verdict("failed", error=failure)
