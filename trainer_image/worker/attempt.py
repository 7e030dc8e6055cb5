"""One attempt, from `start` to `finish`: what the worker process does while its child trains.

Safe to begin twice: `start` lets one RunPod job per attempt in, everyone else is superseded.
"""

import asyncio
import contextlib
import logging
import shutil
import tempfile
import time
from datetime import datetime
from pathlib import Path
from typing import Literal

from brightrun.errors import Superseded
from brightrun.training.protocol import (
    FailureCode,
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
from trainer_image.ipc.run_spec import CHECKPOINTS, RunOrder, write_order
from trainer_image.machine.host_memory import out_of_memory_kills
from trainer_image.worker.api_client import ApiRefused, ApiUnreachable, WorkerApi
from trainer_image.worker.checkpoint_uploader import CheckpointSender, send_artifacts, send_verdict
from trainer_image.worker.context import Verdict, Worker
from trainer_image.worker.downloads import fetch_inputs
from trainer_image.worker.exit_reason import Ending, meaning_of
from trainer_image.worker.report_queue import ReportQueue
from trainer_image.worker.training_process import Child

CANCEL_GRACE_SECONDS = 20.0
"""RunPod cancels the task and may end the container soon after; its own limit is not documented."""
WATCH_SECONDS = 0.5
MOST_REFUSALS = 3
"""Reports refused in a row (not: unanswered) before a worker believes that it is not wanted."""

log = logging.getLogger(__name__)


class Attempt:
    """The state of one attempt while it runs."""

    def __init__(self, api: WorkerApi, worker: Worker) -> None:
        self.api, self.worker = api, worker
        self.board = ReportQueue(clock=time.monotonic, now=worker.now)
        self.folder = Path(tempfile.mkdtemp(prefix="brightrun-", dir=worker.settings.work_dir))
        self.sender = CheckpointSender(api, self.board, self.folder / "sending")
        self.child: Child | None = None
        self._news = asyncio.Event()
        self._stop_asked_at: float | None = None
        self._preempted = False
        self._superseded = False

    async def run(self, external_job_id: str) -> Verdict:
        """Do the whole attempt and return how it ended.

        Raises:
            ApiUnreachable, ApiRefused: we were never let in.
            asyncio.CancelledError: RunPod cancelled; the child is gone.
        """
        try:
            answer = await self.api.start(self._introduction(external_job_id))
            async with asyncio.TaskGroup() as tasks:
                side = [tasks.create_task(self._report_for_ever(answer.report_interval_seconds))]
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
        if self._stop_asked_at is not None:
            return
        self._stop_asked_at = time.monotonic()
        self.board.say(f"stopping: {reason}", "warning")
        if self.child:
            self.child.ask_to_stop()

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
            self.board.enter(Stage.DOWNLOADING_DATASET)
            await fetch_inputs(self.api, answer, self.folder, self.board)
            ending = await self._train(answer)
            return await self._deliver(ending)
        except RunFailed as error:
            return self._failed(error.failure)
        except (ApiUnreachable, ApiRefused) as error:
            return self._failed(RunFailure(code=FailureCode.TRAINER_CRASHED, message=str(error)))

    async def _train(self, answer: StartAnswer) -> Ending:
        """Run the child to its end and return its last word, or what its silence means."""
        settings = self.worker.settings
        if self._stop_asked_at is not None:
            return RunHalted(step=0)
        write_order(
            self.folder,
            RunOrder(
                spec=answer.spec,
                models_dir=str(settings.models_dir) if settings.models_dir else None,
                cache_dir=str(settings.cache_dir or self.folder / "cache"),
                checkpoint_seconds=settings.checkpoint_seconds,
                micro_step_tokens=settings.micro_step_tokens,
                gated_model_types=settings.gated_model_types,
                image_version=settings.image_version,
            ),
        )
        (self.folder / CHECKPOINTS).mkdir()
        kills = out_of_memory_kills()
        self.child = await Child.start(
            self.folder,
            gpus=self.worker.gpus.count,
            environment=self.worker.environment,
            stop_grace_seconds=settings.stop_grace_seconds,
        )
        try:
            ending = await self._follow(self.child)
            status = await self.child.wait()
        except asyncio.CancelledError:
            await self.child.end(grace_seconds=0 if self._superseded else CANCEL_GRACE_SECONDS)
            raise
        finally:
            self.child.kill()
        return meaning_of(
            ending,
            status=status,
            out_of_memory_kills=out_of_memory_kills() - kills,
            stopped_at=self._stopped_at(),
            words=self.child.last_words,
        )

    def _stopped_at(self) -> int | None:
        return None if self._stop_asked_at is None else self.board.step

    async def _follow(self, child: Child) -> Ending | None:
        ending: Ending | None = None
        async for event in child.events():
            self.board.note(event)
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
                self._news.set()
        return ending

    async def _deliver(self, ending: Ending) -> FinishRequest:
        match ending:
            case RunFinished():
                self.board.enter(Stage.UPLOADING)
                self._news.set()
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
        await self._flush()
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

    async def _flush(self) -> None:
        """Send what has not been reported yet; the token may die with `finish`."""
        with contextlib.suppress(ApiUnreachable, ApiRefused):
            while self.board.has_news:
                await self.api.report(self.board.next_report())
                self.board.received()

    async def _report_for_ever(self, interval_seconds: float) -> None:
        """Report at each news and at each interval; what was not received is sent again.

        Raises:
            Superseded: told so, or refused several times in a row: the token has died with the
                attempt, and training on would be paid for nothing.
        """
        refusals = 0
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), interval_seconds)
            self._news.clear()
            try:
                answer = await self.api.report(self.board.next_report())
            except Superseded:
                self._superseded = True
                raise
            except ApiUnreachable:
                await asyncio.sleep(interval_seconds)
                continue
            except ApiRefused as error:
                refusals += 1
                if refusals == MOST_REFUSALS:
                    self._superseded = True
                    raise Superseded("our API refuses this attempt's reports") from error
                await asyncio.sleep(interval_seconds)
                continue
            refusals = 0
            self.board.received()
            if answer.action == "stop":
                self.stop(answer.reason or "asked to")
            if self.board.has_news:
                self._news.set()
            await asyncio.sleep(self.worker.settings.report_pause_seconds)

    async def _watch(self, deadline: datetime) -> None:
        """Stop at the deadline even if nobody says so; kill what does not stop in time."""
        while True:
            await asyncio.sleep(WATCH_SECONDS)
            if self.worker.now() >= deadline:
                self.stop("the deadline is reached")
            asked = self._stop_asked_at
            grace = self.worker.settings.stop_grace_seconds
            if asked is not None and time.monotonic() - asked > grace and self.child:
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
